"""Every picture says what it shows in words, has labels with units, and needs no address outside."""

import base64
import inspect
import itertools
import re
import sys
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from nnlib import plots
from nnlib.plots.explorer import FRONT_ENDS
from nnlib.plots.style import STYLE

IMAGE = np.arange(25).reshape(5, 5) % 4
KERNEL = np.array([[1, 0, -1]] * 3)
OUT = np.array([[sum(IMAGE[i : i + 3, j] - IMAGE[i : i + 3, j + 2]) for j in range(3)] for i in range(3)])
WINDOWS = np.array([IMAGE[i : i + 3, j : j + 3].ravel() for i in range(3) for j in range(3)])
ALT = 'what "it" shows & why'
LANDSCAPE = plots.Landscape(
    np.arange(6.0), np.arange(5.0), np.add.outer(np.arange(5.0) ** 2, np.arange(6.0) ** 2), (0, 0)
)
PATHS = {"a": np.array([[5.0, 4.0], [3.0, 2.0], [1.0, 1.0]]), "b": np.array([[5.0, 4.0], [0.0, 0.0]])}

POINTS, LABELS = np.array([[0.0, 0.2], [1.0, 0.8], [0.4, 0.9]]), np.array([0, 1, 1])
MAPS = [np.linspace(0, 1, 64).reshape(8, 8) * share for share in (0.4, 1.0)]
EXTENT = (-0.5, 1.5, -0.5, 1.5)
LAYERS = [np.linspace(0, 1, 50), np.linspace(0, 2, 50)]
DIGITS = np.random.default_rng(0).uniform(size=(3, 1, 4, 5))
TONE = np.sin(2 * np.pi * 500 * np.arange(4000) / 8000)
CHAIN = (["x", "h", "L"], [1.0, -0.5, 0.25], [-0.5, 2.0], [-1.0, 2.0, 1.0])

PICTURES = {
    "backprop_picture": lambda alt: plots.backprop_picture(*CHAIN, alt=alt),
    "checkpoint_picture": lambda alt: plots.checkpoint_picture(7, 3, alt=alt),
    "slopes": lambda alt: plots.slopes(
        {"w": ([0, 1, 2], [1, 0, 1], 0.0)}, xlabel="w (1)", ylabel="L (nats)", alt=alt
    ),
    "bars": lambda alt: plots.bars({"loops": 12.5, "product": 0.25}, xlabel="time (ms)", alt=alt),
    "confusion": lambda alt: plots.confusion(
        np.array([[5, 1], [0, 4]]), xlabel="read as (digit)", ylabel="is (digit)", alt=alt
    ),
    "connectivity": lambda alt: plots.connectivity(alt=alt),
    "decision_boundaries": lambda alt: plots.decision_boundaries(
        POINTS, LABELS, {"points": None, "flat": MAPS[0], "bent": MAPS[1]}, EXTENT, alt=alt
    ),
    "batchnorm_graph": lambda alt: plots.batchnorm_graph(alt=alt),
    "computation": lambda alt: plots.computation(
        {"$x$": (0, 0), "$y$": (1, 0)}, [("$x$", "$y$", "square", "$2 x$")], alt=alt
    ),
    "fits": lambda alt: plots.fits(
        {"straight": ([0, 1], [0, 1]), "bent": ([0, 1], [1, 0])},
        ([0.5], [0.4]),
        ([0.2], [0.3]),
        xlabel="x (m)",
        ylabel="y (m)",
        alt=alt,
    ),
    "spreads": lambda alt: plots.spreads(
        {"one": [1.0, 2.0, 3.0], "two": [2.0, 2.5, 3.0]},
        xlabel="accuracy (%)",
        level=(2.0, "guess"),
        marked=["two"],
        alt=alt,
    ),
    "gallery": lambda alt: plots.gallery({"a": IMAGE, "b": OUT}, alt=alt, signed=True),
    "graph": lambda alt: plots.graph(
        [0.1, 1, 10], {"a": [1, 2, 3]}, xlabel="rate (1)", ylabel="loss (1)", log="x", points=True, alt=alt
    ),
    "crop_window": lambda alt: plots.crop_window(IMAGE, 2, (1, 3), alt=alt),
    "curves": lambda alt: plots.curves(
        {"a": (range(30), range(1, 31)), "b": ([1, 20], [3, 4])}, xlabel="t (steps)", ylabel="loss (nats)", alt=alt
    ),
    "descents": lambda alt: plots.descents(LANDSCAPE, {"one": PATHS, "two": {"b": PATHS["b"]}}, alt=alt),
    "histograms": lambda alt: plots.histograms(
        {"he": [IMAGE, OUT]}, ["1", "2"], xlabel="value (no unit)", alt=alt
    ),
    "im2col_picture": lambda alt: plots.im2col_picture(IMAGE, KERNEL, WINDOWS, alt=alt),
    "image_rows": lambda alt: plots.image_rows(
        {"before": DIGITS, "after": 1 - DIGITS}, [3, 6, 9], changed={"after": [1]}, alt=alt
    ),
    "inception_module": lambda alt: plots.inception_module([["1×1"], ["1×1", "3×3"]], channels=[64, 128], alt=alt),
    "intervals": lambda alt: plots.intervals(
        {"a": (80, 85, 90), "b": (70, 75, 80)}, xlabel="right (%)", level=(82, "truth"), marked=["b"], alt=alt
    ),
    "layer_histograms": lambda alt: plots.layer_histograms(
        {"ReLU": LAYERS, "tanh": LAYERS}, ["layer 1", "layer 2"], xlabel="activation a", alt=alt
    ),
    "lines": lambda alt: plots.lines(
        [0, 1], {"net": [90, 10]}, xlabel="shift (pixels)", ylabel="accuracy (%)", alt=alt
    ),
    "network_diagram": lambda alt: plots.network_diagram([2, 12, 1], alt=alt),
    "neuron": lambda alt: plots.neuron(alt=alt),
    "number_grids": lambda alt: plots.number_grids({"x": IMAGE, "k": KERNEL}, signs=["×"], alt=alt),
    "overlap_add": lambda alt: plots.overlap_add(1.5, alt=alt),
    "pooling_picture": lambda alt: plots.pooling_picture(IMAGE[:4, :4], {"max": OUT[:2, :2]}, 2, alt=alt),
    "receptive_field": lambda alt: plots.receptive_field(alt=alt),
    "residual_block": lambda alt: plots.residual_block(projection=True, alt=alt),
    "separable_convolution": lambda alt: plots.separable_convolution(alt=alt),
    "sliding_step": lambda alt: plots.sliding_step(IMAGE, KERNEL, OUT, 4, alt=alt),
    "sounds": lambda alt: plots.sounds({"low": TONE, "short": TONE[:2000]}, 8000, alt=alt),
    "tradeoffs": lambda alt: plots.tradeoffs(
        {"VGG": [("11", 133, 7.6, 69), ("16", 138, 15.5, 71.6)], "ResNet": [("18", 11.7, 1.8, 69.8)]},
        ylabel="accuracy (%)",
        alt=alt,
    ),
    "tries": lambda alt: plots.tries(
        {"rate": [0.001, 0.1, 0.02], "decay": [1e-5, 0.1, 0.01]}, [60, 70.25, 65], ylabel="accuracy (%)", alt=alt
    ),
    "two_paths": lambda alt: plots.two_paths(IMAGE, {"a": IMAGE, "b": OUT}, {"b": OUT, "a": OUT}, alt=alt),
    "volumes": lambda alt: plots.volumes([("image", (3, 224, 224)), ("stage 1", (64, 112, 112))], alt=alt),
    "weight_gradient": lambda alt: plots.weight_gradient(IMAGE, OUT, KERNEL, (0, 1), alt=alt),
    "windows_along": lambda alt: plots.windows_along(8, 3, stride=2, padding=1, alt=alt),
    "with_slopes": lambda alt: plots.with_slopes(
        LAYERS[0], {"f": (LAYERS[0], LAYERS[1]), "g": (LAYERS[1], LAYERS[0])}, marked=[0.5], alt=alt
    ),
}
FILMS = {
    "boundary_film": lambda alt: plots.boundary_film(
        POINTS, LABELS, {"one": MAPS, "two": MAPS[::-1]}, [0, 5], EXTENT, alt=alt
    ),
    "backprop_film": lambda alt: plots.backprop_film(*CHAIN, alt=alt),
    "sliding_film": lambda alt: plots.sliding_film(IMAGE, KERNEL, OUT, alt=alt),
    "descent_film": lambda alt: plots.descent_film(LANDSCAPE, PATHS, title="a bowl", alt=alt),
}
NOT_DRAWN = {"PALETTE", "Explorer", "Film", "Landscape", "Picture", "Player", "player", "seaside"}


@pytest.fixture(scope="module")
def film():
    return FILMS["sliding_film"](ALT)


def test_every_public_plot_is_tested():
    assert PICTURES.keys() | FILMS.keys() | NOT_DRAWN == set(plots.__all__)


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_is_a_png_that_carries_its_alt_text(name):
    data, metadata = PICTURES[name](ALT)._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == ALT
    assert 'alt="what &quot;it&quot; shows &amp; why"' in data["text/html"]
    assert ALT in data["text/plain"]


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_without_alt_text_is_refused(name):
    with pytest.raises(ValueError, match="alt text"):
        PICTURES[name](" ")


@pytest.mark.parametrize("name", sorted(PICTURES | FILMS))
def test_alt_text_has_no_default(name):
    assert inspect.signature(getattr(plots, name)).parameters["alt"].default is inspect.Parameter.empty


@pytest.mark.parametrize("name", ["bars", "confusion", "curves", "graph", "lines", "slopes"])
def test_measured_axes_have_labels_with_units(name):
    (ax,) = PICTURES[name](ALT).figure.axes
    labels = [label for label in (ax.get_xlabel(), ax.get_ylabel()) if label]
    assert labels
    assert all(re.search(r"\(.+\)", label) for label in labels)


def test_the_same_picture_has_the_same_bytes():
    assert PICTURES["sliding_step"](ALT).png() == PICTURES["sliding_step"](ALT).png()


def test_drawing_leaves_the_settings_of_the_notebook_alone():
    before = dict(mpl.rcParams)
    PICTURES["bars"](ALT)
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_the_background_is_white_also_where_the_notebook_is_dark(name):
    with mpl.rc_context({"figure.facecolor": "black"}):
        assert PICTURES[name](ALT).figure.get_facecolor() == (1, 1, 1, 1)


def test_plots_change_none_of_their_inputs():
    copies = [array.copy() for array in (IMAGE, KERNEL, OUT)]
    for draw in PICTURES.values():
        draw(ALT)
    assert all(np.array_equal(a, b) for a, b in zip(copies, (IMAGE, KERNEL, OUT), strict=True))


def test_numbers_in_a_grid_are_those_of_the_array():
    figure = plots.number_grids({"x": np.array([[-2.0, 2.5], [0.0, -0.0]])}, alt=ALT).figure
    assert [text.get_text() for text in figure.axes[0].texts] == ["−2", "2.5", "0", "0"]


@pytest.mark.parametrize("name", ["im2col_picture", "number_grids", "pooling_picture", "sliding_step"])
def test_cells_of_grids_side_by_side_have_one_size(name):
    figure = PICTURES[name](ALT).figure
    figure.draw_without_rendering()
    sizes = [np.subtract(*ax.transData.transform([(1, 0), (0, 0)]))[0] for ax in figure.axes]
    assert max(sizes) / min(sizes) < 1.15


def test_signed_pictures_have_their_scale_beside_them():
    pictures = {"a": IMAGE, "b": OUT}
    scale = plots.gallery(pictures, signed=True, alt=ALT).figure.axes[-1]
    assert [tick.get_text() for tick in scale.get_yticklabels()] == ["−3", "0", "3"]
    assert len(plots.gallery(pictures, alt=ALT).figure.axes) == 4 - 2


def test_one_curve_needs_no_legend():
    one, two = (
        plots.lines([0, 1], {name: [1, 2] for name in names}, xlabel="t (s)", ylabel="v (m)", alt=ALT)
        for names in ("a", "ab")
    )
    assert one.figure.axes[0].get_legend() is None
    assert two.figure.axes[0].get_legend() is not None


def marks_and_ticks(count):
    picture = plots.lines(range(count), {"a": np.arange(count) ** 2}, xlabel="t (s)", ylabel="v (m)", alt=ALT)
    picture.figure.draw_without_rendering()
    (ax,) = picture.figure.axes
    return ax.lines[0].get_markevery(), [tick for tick in ax.get_xticks() if 0 <= tick < count]


@pytest.mark.parametrize("count", [1, 2, 16])
def test_each_of_few_points_has_its_mark_and_its_number(count):
    assert marks_and_ticks(count) == (None, list(range(count)))


@pytest.mark.parametrize("count", [17, 20, 100, 1000])
def test_many_points_share_few_marks_and_few_whole_numbers(count):
    marks, ticks = marks_and_ticks(count)
    assert marks == 0.1  # of the picture's diagonal
    assert 4 <= len(ticks) <= 12
    assert all(tick == round(tick) for tick in ticks)


def test_a_step_shows_only_the_outputs_so_far():
    output = PICTURES["sliding_step"](ALT).figure.axes[3]
    assert sum(bool(text.get_text()) for text in output.texts) == 5


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "count"), [(8, 3, 2, 0, 3), (5, 3, 1, 1, 5), (4, 4, 3, 0, 1)]
)
def test_windows_along_an_axis_are_as_many_as_fit(size, kernel, stride, padding, count):
    picture = plots.windows_along(size, kernel, stride, padding, alt=ALT)
    assert f"{count} outputs" in picture.figure.axes[0].get_title(loc="left")


def test_a_film_asks_no_address_outside(film):
    assert not re.search(r"https?:|<link|src=\"//", film.html)


def test_a_film_has_a_frame_for_each_output(film):
    assert len(re.findall(r"frames\[\d+\] = ", film.html)) == OUT.size


def test_a_film_has_alt_text_and_a_still_picture_where_no_script_runs(film):
    image = re.search(r"<img[^>]*>", film.html)[0]
    assert 'alt="what &quot;it&quot; shows &amp; why"' in image
    still = re.search(r'src="data:image/png;base64,([^"]*)"', image)[1]
    assert base64.b64decode(still, validate=True).startswith(b"\x89PNG")


def test_a_films_buttons_need_no_icon_font(film):
    assert "fa fa-" not in film.html
    assert film.html.count("<button") == 9


def test_a_film_asks_its_reader_nothing_but_when_to_play(film):
    assert "Reflect" not in film.html
    assert re.findall(r'<input[^>]*type="hidden"', film.html)
    assert 'aria-label="step"' in film.html


def test_the_same_film_is_the_same_html(film):
    assert FILMS["sliding_film"](ALT).html == film.html


def test_a_film_of_paths_has_a_frame_for_each_step_and_the_start():
    film = FILMS["descent_film"](ALT)
    assert len(re.findall(r"frames\[\d+\] = ", film.html)) == 3
    slow = plots.descent_film(LANDSCAPE, PATHS, title="a bowl", every=2, alt=ALT)
    assert len(re.findall(r"frames\[\d+\] = ", slow.html)) == 2
    assert FILMS["descent_film"](ALT).html == film.html


@pytest.mark.parametrize("extent", [(-0.6, 1.6, -0.6, 1.6), (-2.4, 2.4, -2.4, 2.4)])
def test_no_label_of_a_film_is_cut_off(extent):
    points, maps = np.array([[0.0, 0.0], [1.0, 1.0]]), {"line": [np.eye(3)], "net": [np.eye(3)]}
    html = plots.boundary_film(points, np.array([0, 1]), maps, [100], extent, alt=ALT).html
    frame = re.search(r'frames\[0\] = "data:image/png;base64,([^"]*)"', html)[1]
    pixels = np.asarray(Image.open(BytesIO(base64.b64decode(re.sub(r"\\\s", "", frame)))).convert("L"))
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert edge.min() > 250


def test_a_slope_of_nothing_has_no_minus():
    picture = plots.slopes({"w": ([-1, 0, 1], [2, 1, 2], -0.001)}, xlabel="w (1)", ylabel="loss (nats)", alt=ALT)
    assert picture.figure.axes[0].get_title() == "w\nslope +0.00"


def test_a_path_ends_where_the_optimizer_did():
    left, right = plots.descents(LANDSCAPE, {"one": PATHS, "two": {"b": PATHS["b"]}}, alt=ALT).figure.axes
    ends = [tuple(line.get_xydata()[-1]) for line in left.lines if line.get_label() in PATHS]
    assert ends == [(1, 1), (0, 0)]
    assert right.get_legend() is not None
    assert left.get_xlim() == (0, 5)


def test_a_logarithmic_axis_shows_plain_numbers_where_they_are_short():
    picture = plots.curves(
        {"a": ([1, 50], [0.2, 3])}, xlabel="m (n)", ylabel="loss (nats)", logx=True, logy=True, alt=ALT
    )
    picture.figure.draw_without_rendering()
    (ax,) = picture.figure.axes
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert {"0.2", "0.5", "1", "2"} <= set(labels)


def test_a_curve_behind_the_others_takes_none_of_their_colours():
    values = {"a": ([0, 1], [2, 3]), "noise": ([0, 1], [3, 2])}
    pictures = [
        plots.curves(values, xlabel="t (s)", ylabel="L (m)", behind=names, alt=ALT) for names in ([], ["noise"])
    ]
    (plain, (mean, noise)) = (list(it.figure.axes[0].lines) for it in pictures)
    assert mean.get_color() == plain[0].get_color()
    assert noise.get_color() not in {line.get_color() for line in plain}
    assert noise.get_zorder() < mean.get_zorder()
    assert noise.get_linewidth() < mean.get_linewidth()


def test_a_level_has_its_name():
    curves = plots.curves(
        {"a": ([0, 1], [2, 3])}, xlabel="t (s)", ylabel="L (m)", level=(2.3, "guessing"), alt=ALT
    )
    assert [text.get_text() for text in curves.figure.axes[0].texts] == ["guessing"]


def test_a_histogram_tells_its_spread():
    titles = [ax.get_title() for ax in PICTURES["histograms"](ALT).figure.axes]
    assert titles == [f"spread {IMAGE.std():.2g}", f"spread {OUT.std():.2g}"]


def an_explorer():
    return plots.Explorer(lambda rate: PICTURES["bars"](f"rate {rate}"), (0.1, 0.5), 0.5, "learning rate")


def test_an_explorer_shows_a_still_picture_where_nobody_looks_on(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    for name in FRONT_ENDS:
        monkeypatch.delenv(name, raising=False)
    an_explorer()._ipython_display_()
    assert [picture.alt for picture in shown] == ["rate 0.5"]
    assert "learning rate = 0.5: rate 0.5" in repr(an_explorer())


def test_an_explorer_does_without_ipywidgets(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    monkeypatch.setenv(FRONT_ENDS[0], "a notebook")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    an_explorer()._ipython_display_()
    assert [picture.alt for picture in shown] == ["rate 0.5"]


def test_the_slider_of_an_explorer_draws_anew():
    pytest.importorskip("ipywidgets", reason="the slider is made of ipywidgets, which come with jupyter")
    slider, picture = an_explorer().widget().children
    assert 'alt="rate 0.5"' in picture.value
    slider.value = 0.1
    assert 'alt="rate 0.1"' in picture.value


def test_a_film_too_long_for_a_page_is_refused():
    big = np.zeros((9, 9))
    with pytest.raises(ValueError, match="49 frames"):
        plots.sliding_film(big, KERNEL, np.zeros((7, 7)), alt=ALT)


def test_a_film_without_alt_text_is_refused():
    with pytest.raises(ValueError, match="alt text"):
        FILMS["sliding_film"]("")


def test_neighbouring_colours_of_curves_differ_in_lightness_or_hue_for_every_eye():
    cycle = [mpl.colors.to_rgb(entry["color"]) for entry in STYLE["axes.prop_cycle"]]
    assert set(cycle) <= {mpl.colors.to_rgb(colour) for colour in plots.PALETTE.values()}
    assert all(np.abs(np.subtract(a, b)).max() > 0.2 for a, b in itertools.combinations(cycle, 2))


@pytest.mark.parametrize("shape", [(60, 80), (31, 40)])
def test_the_seaside_is_a_colour_image_of_the_size_asked_for(shape):
    scene = plots.seaside(*shape, rng=np.random.default_rng(0))
    assert scene.shape == (3, *shape)
    assert scene.min() >= 0
    assert scene.max() <= 1


def test_the_seaside_depends_on_its_rng_alone():
    one, two, other = (plots.seaside(rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def drawn_lines(ax):
    return len([c for c in ax.collections if getattr(c, "filled", True) is False])


def test_a_boundary_is_drawn_where_a_map_crosses_one_half():
    axes = PICTURES["decision_boundaries"](ALT).figure.axes
    assert [drawn_lines(ax) for ax in axes] == [0, 0, 1]
    assert [len(ax.lines) for ax in axes] == [2, 2, 2]


def test_each_row_of_histograms_adds_up_to_all_neurons():
    for ax in PICTURES["layer_histograms"](ALT).figure.axes:
        assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(100)


def test_a_diagram_has_a_line_for_each_weight_and_no_more_than_eight_circles_in_a_column():
    (ax,) = plots.network_diagram([3, 4, 2], alt=ALT).figure.axes
    wires = [line for line in ax.lines if line.get_marker() == "None"]
    assert len(wires) == 3 * 4 + 4 * 2
    (ax,) = plots.network_diagram([1, 50], alt=ALT).figure.axes
    assert max(len(line.get_xdata()) for line in ax.lines if line.get_marker() == "o") == 8


def test_values_and_slopes_have_the_same_curves_and_one_legend():
    figure = PICTURES["with_slopes"](ALT).figure
    assert [len(ax.get_legend_handles_labels()[1]) for ax in figure.axes] == [2, 2]
    assert len(figure.legends) == 1


def test_films_of_boundaries_have_a_frame_a_step():
    html = FILMS["boundary_film"](ALT).html
    frame = base64.b64decode(re.search(r'frames\[1\] = "data:image/png;base64,([^"]*)"', html)[1])
    assert frame.startswith(b"\x89PNG")
    assert b"PLTE" in frame
    assert len(re.findall(r"frames\[\d+\] = ", html)) == 2
    assert not re.search(r"https?:|<link|src=\"//", html)


def test_a_chain_shows_values_above_and_gradients_below():
    (ax,) = plots.backprop_picture(*CHAIN, alt=ALT).figure.axes
    above, below = ([t.get_text() for t in ax.texts if t.get_position()[1] == height] for height in (0.62, -0.66))
    assert above == ["1", "−0.5", "0.25", "value"]
    assert below == ["−1", "2", "1", "gradient"]
    assert [t.get_text() for t in ax.texts if t.get_position()[1] == -0.34] == ["· −0.5", "· 2"]


def test_checkpoints_are_counted_beside_each_row():
    (ax,) = plots.checkpoint_picture(16, 4, alt=ALT).figure.axes
    counts = [t.get_text() for t in ax.texts if t.get_position()[0] == 16.4]
    assert counts == ["16", "4", "7", "6", "in memory"]


def test_repeated_measurements_have_their_mean_and_spread_beside_them():
    texts = [text.get_text() for text in PICTURES["spreads"](ALT).figure.axes[0].texts]
    assert texts == ["2.0 ± 1.0", "2.5 ± 0.5", "guess"]


def test_the_best_try_stands_out_in_each_panel():
    panels = PICTURES["tries"](ALT).figure.axes
    assert [panel.get_xlabel() for panel in panels] == ["rate", "decay"]
    assert [[text.get_text() for text in panel.texts] for panel in panels] == [["70.2"]] * 2
    assert [panel.lines[1].get_xdata()[0] for panel in panels] == [0.1, 0.1]


def test_each_fitted_curve_has_its_own_panel_with_the_same_points():
    panels = PICTURES["fits"](ALT).figure.axes
    assert [panel.get_title() for panel in panels] == ["straight", "bent"]
    assert [len(panel.lines) for panel in panels] == [3, 3]


def test_an_arrow_of_a_computation_says_what_goes_forward_and_what_goes_back():
    texts = [text.get_text() for text in PICTURES["computation"](ALT).figure.axes[0].texts]
    assert texts == ["$x$", "$y$", "", "square", "$2 x$"]
