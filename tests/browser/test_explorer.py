"""The slider of unit 3, moved by hand."""

from __future__ import annotations

import json
import shutil

import pytest

pytestmark = pytest.mark.browser
UNIT, EXPLORER = "03_optimizers", "explorer"
SECONDS = 60_000


def test_the_slider_draws_the_path_of_another_learning_rate(root, tmp_path, serve, visit, run_cells, screenshots):
    shutil.copy(root / "solutions" / f"{UNIT}.ipynb", tmp_path)
    cells = json.loads((tmp_path / f"{UNIT}.ipynb").read_text(encoding="utf-8"))["cells"]
    ids = [cell["id"] for cell in cells if cell["cell_type"] == "code"]
    run_cells(visit.page, f"{serve(tmp_path)}lab/tree/{UNIT}.ipynb", ids[: ids.index(EXPLORER) + 1])
    slider = visit.page.locator(".noUi-handle")
    slider.wait_for(timeout=SECONDS)
    picture = visit.page.locator(".widget-html-content img, .jupyter-widgets img").first
    before = picture.get_attribute("alt")
    slider.press("ArrowRight")
    visit.page.wait_for_function(
        "before => document.querySelector('.jupyter-widgets img').alt !== before", arg=before, timeout=SECONDS
    )
    assert picture.get_attribute("src").startswith("data:image/")
    visit.page.screenshot(path=screenshots / "slider.png")
    assert visit.errors == []
    assert visit.outside == []
