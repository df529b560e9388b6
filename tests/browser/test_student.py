"""A student opens a unit in JupyterLab, runs the first cells, and reads what the first check says."""

from __future__ import annotations

import json
import shutil

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

THEMES = ("JupyterLab Light", "JupyterLab Dark")
WIDTHS = (1440, 820)
SECONDS = 60_000

RUN_CELLS = """async ids => {
    const {content, sessionContext} = window.jupyterapp.shell.currentWidget;
    await sessionContext.ready;
    for (const id of ids) {
        content.activeCellIndex = content.widgets.findIndex(cell => cell.model.id === id);
        await window.jupyterapp.commands.execute('notebook:run-cell');
    }
}"""


def _until_first_test(notebook) -> list[str]:
    """The ids of the code cells up to the first test, without those that only show something."""
    ids = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not cell["metadata"].get("autograder", {}).get("show"):
            ids.append(cell["id"])
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            return ids
    raise AssertionError("the unit has no test")


@pytest.fixture(scope="module", params=["05_convolution"])
def unit(request, root, tmp_path_factory):
    """A copy of what students get of a unit."""
    folder = tmp_path_factory.mktemp("student") / request.param
    shutil.copytree(root / "course" / request.param, folder)
    return folder


def test_the_first_check_answers_in_both_themes_and_at_both_widths(unit, serve, visit, screenshots):
    path = unit / f"{unit.name}.ipynb"
    ids = _until_first_test(json.loads(path.read_text(encoding="utf-8")))
    server, page = serve(unit), visit.page
    page.goto(f"{server}lab/tree/{path.name}", timeout=SECONDS)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=SECONDS)
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.content?.widgets", timeout=SECONDS)
    page.evaluate(RUN_CELLS, ids)
    answer = page.locator(".jp-NotebookPanel .jp-OutputArea-output table").last
    answer.wait_for(timeout=SECONDS)
    for theme in THEMES:
        page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", timeout=SECONDS)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 1000})
            answer.scroll_into_view_if_needed()
            assert answer.is_visible()
            page.screenshot(path=screenshots / f"{unit.name}-{theme.split()[-1].lower()}-{width}.png")
    assert visit.errors == []
    assert visit.outside == []
