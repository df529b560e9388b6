"""A student opens a unit in JupyterLab, runs the first cells, and reads what the first check says."""

from __future__ import annotations

import json
import shutil

import pytest

pytestmark = pytest.mark.browser

THEMES = ("JupyterLab Light", "JupyterLab Dark")
WIDTHS = (1440, 820)
SECONDS = 60_000

# The contrast (WCAG: 1 to 21) of each text in an element with what lies behind it.
CONTRAST = """root => {
    const parse = css => {
        const [r, g, b, a = 1] = css.match(/[\\d.]+/g).map(Number);
        return {rgb: [r, g, b], a};
    };
    const over = (top, below) => top.rgb.map((v, i) => v * top.a + below[i] * (1 - top.a));
    const behind = element => {
        if (!element) return [255, 255, 255];
        const own = parse(getComputedStyle(element).backgroundColor);
        return own.a === 1 ? own.rgb : over(own, behind(element.parentElement));
    };
    const linear = v => v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
    const light = rgb => 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
    const found = [];
    for (const element of [root, ...root.querySelectorAll('*')]) {
        const text = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join('').trim();
        if (!text || !element.checkVisibility()) continue;
        const below = behind(element);
        const [a, b] = [light(over(parse(getComputedStyle(element).color), below)), light(below)];
        found.push({text, ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)});
    }
    return found;
}"""


def hard_to_read(texts) -> list[str]:
    """WCAG's criteria 1.4.3 and 1.4.11: 4.5 for text, 3 for a sign that stands alone, such as a cross."""
    return [
        f"{text['text']!r} {text['ratio']:.2f}"
        for text in texts
        if text["ratio"] < (3 if len(text["text"]) == 1 and not text["text"].isalnum() else 4.5)
    ]


def _until_first_test(notebook) -> list[str]:
    """The ids of the code cells up to the first test, without those that only show something."""
    ids = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not cell["metadata"].get("autograder", {}).get("show"):
            ids.append(cell["id"])
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            return ids
    raise AssertionError("the unit has no test")


# a student's first answer in each unit, wrong, so that the check has something to say
FIRST_ANSWERS = {
    "01_activations": (
        "write_dense_forward",
        "def dense_forward(x, w, b):\n    return x @ w, (x, w, b)",
    ),
    "02_backpropagation": (
        "write_numerical_gradient",
        "def numerical_gradient(f, x, h=1e-5):\n    return (f(x + h) - f(x - h)) / (2 * h) * np.ones(x.shape)",
    ),
    "03_optimizers": (
        "write_sgd_update",
        "def sgd_update(w, dw, state, lr):\n    return w + lr * dw, state",
    ),
    "04_overfitting": (
        "write_early_stopping",
        "def early_stopping(val_losses, patience):\n    return len(val_losses) - 1, int(np.argmin(val_losses))",
    ),
    "05_convolution": (
        "write_conv_output_size",
        "def conv_output_size(size, kernel, stride=1, padding=0):\n    return (size + 2 * padding - kernel) / stride + 1",
    ),
    "06_architectures": (
        "write_conv2d_cost",
        "def conv2d_cost(shape, filters, kernel, stride=1, padding=0, bias=True):\n"
        "    return filters * shape[0] * kernel**2, filters * shape[0] * kernel**2 * shape[1] * shape[2]",
    ),
    "07_capstone": (
        "write_accuracy_interval",
        "def accuracy_interval(correct, total, z=1.96):\n"
        "    p = correct / total\n    d = z * np.sqrt(p * (1 - p) / total)\n    return p - d, p + d",
    ),
}


@pytest.fixture(scope="module", params=FIRST_ANSWERS)
def unit(request, root, tmp_path_factory):
    """A copy of what students get of a unit, with a first answer in it."""
    folder = tmp_path_factory.mktemp("student") / request.param
    shutil.copytree(root / "course" / request.param, folder)
    path = folder / f"{request.param}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    name, answer = FIRST_ANSWERS[request.param]
    (cell,) = (c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name)
    cell["source"] = answer
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return folder


def test_the_first_check_answers_in_both_themes_and_at_both_widths(unit, serve, visit, run_cells, screenshots):
    path = unit / f"{unit.name}.ipynb"
    ids = _until_first_test(json.loads(path.read_text(encoding="utf-8")))
    page = visit.page
    run_cells(page, f"{serve(unit)}lab/tree/{path.name}", ids)
    answer = page.locator(".jp-NotebookPanel .jp-OutputArea-output", has=page.locator("table")).last
    answer.wait_for(timeout=SECONDS)
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    for theme in THEMES:
        page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        body = page.locator(f"body[data-jp-theme-name='{theme}']")
        body.wait_for(state="attached", timeout=SECONDS)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 1000})
            answer.scroll_into_view_if_needed()
            assert hard_to_read(answer.evaluate(CONTRAST)) == [], theme
            page.screenshot(path=screenshots / f"{unit.name}-{theme.split()[-1].lower()}-{width}.png")
    assert visit.errors == []
    assert visit.outside == []


@pytest.mark.parametrize(("colour", "ratio"), [("black", 21), ("#767676", 4.54), ("rgba(0, 0, 0, 0.2)", 1.6)])
def test_contrast_is_measured(visit, colour, ratio):
    visit.page.set_content(f"<body style='background: white'><p style='color: {colour}'>text</p></body>")
    (text,) = visit.page.locator("p").evaluate(CONTRAST)
    assert text["ratio"] == pytest.approx(ratio, abs=0.02)
