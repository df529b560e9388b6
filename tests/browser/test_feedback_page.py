"""A student opens a feedback page, on a phone too."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.course_folder import CourseFolder
from autograder.feedback import FeedbackWriter
from autograder.gradebook import NotebookMarks
from autograder.report import CaseResult, Report

pytestmark = pytest.mark.browser

WRONG = CaseResult(
    "kernel larger than image and padding", 0.0, "size 3", "expected a ValueError, " + 20 * "but it "
)
REPORT = Report("conv_output_size", 1.0, 2.0, (CaseResult("stride 1", 1.0), WRONG, WRONG, WRONG))


@pytest.fixture
def page(tmp_path):
    told = new_output("display_data", {"text/plain": REPORT.text, "text/html": REPORT._repr_html_()})
    printed = new_output("stream", text="a long line of numbers " * 30 + "\nx" * 500)
    cell = new_code_cell("check('conv_output_size', conv_output_size)" + 40 * " ", outputs=[printed, told])
    cell.metadata["nbgrader"] = {"grade_id": "check_conv_output_size", "grade": True, "points": 2}
    table = "|" + "wide|" * 30 + "\n|" + "-|" * 30 + "\n|" + "cell|" * 30
    cells = [new_markdown_cell(table), cell, new_markdown_cell(table)]
    marks = NotebookMarks(1.0, 2.0, 0.0, {"check_conv_output_size": (1.0, 2.0)})
    writer = FeedbackWriter(CourseFolder.open(tmp_path), "05_convolution")
    path = tmp_path / "page.html"
    path.write_text(writer.page(new_notebook(cells=cells), "rosa", "05_convolution", marks))
    return path


@pytest.mark.parametrize("width", [1200, 400])
def test_a_page_is_as_wide_as_the_screen_and_long_outputs_scroll(page, chromium, screenshots, width):
    tab = chromium.new_page(viewport={"width": width, "height": 900})
    tab.route("http*://**", lambda route: route.abort())  # MathJax, where these tests never go
    tab.goto(page.as_uri())
    tab.locator("details").first.evaluate("fold => fold.open = true")
    tab.screenshot(path=screenshots / f"feedback-{width}.png", full_page=True)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.locator(".output_stream pre").evaluate("pre => pre.clientHeight") < 500
    tab.get_by_role("link", name="conv_output_size").click()
    assert page.name + "#check_conv_output_size" in tab.url
    tab.close()
