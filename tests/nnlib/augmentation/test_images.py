"""Images: what each pixel becomes, who draws for whom, what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.augmentation import color_jitter, flip_horizontal, random_crop, rotate, scale, translate

RANDOM = {
    "flip_horizontal": lambda x, rng: flip_horizontal(x, 0.5, rng=rng),
    "random_crop": lambda x, rng: random_crop(x, 2, rng=rng),
    "color_jitter": lambda x, rng: color_jitter(x, 0.4, 0.4, 0.4, rng=rng),
}
FIXED = {
    "translate": lambda x, rng: translate(x, 1, -2),
    "rotate": lambda x, rng: rotate(x, 30),
    "scale": lambda x, rng: scale(x, 1.4),
}
every = pytest.mark.parametrize("change", (RANDOM | FIXED).values(), ids=[*RANDOM, *FIXED])
every_random = pytest.mark.parametrize("change", RANDOM.values(), ids=RANDOM)


def batch(n=4, c=3, h=5, w=7, dtype="float64"):
    return np.random.default_rng(0).uniform(0.05, 0.95, (n, c, h, w)).astype(dtype)


@every
@pytest.mark.parametrize(
    ("given_dtype", "wanted"), [("float32", "float32"), ("float64", "float64"), ("int64", "float64")]
)
def test_shape_and_float_dtype_stay_and_integers_become_float64(rng, change, given_dtype, wanted):
    x = batch(dtype="float64") * (3 if given_dtype == "int64" else 1)
    out = change(x.astype(given_dtype), rng)
    assert out.shape == x.shape
    assert out.dtype == wanted


@every
def test_nothing_is_changed_in_place_and_nothing_shared(rng, change):
    x = batch()
    before = x.copy()
    x.flags.writeable = False
    out = change(x, rng)
    np.testing.assert_array_equal(x, before)
    assert out.flags.writeable
    assert not np.shares_memory(out, x)


@every_random
def test_rng_alone_decides_and_moves_on(change):
    x = batch(40)
    np.random.seed(0)  # noqa: NPY002 - that this changes nothing is the point
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    rng, same = np.random.default_rng(1), np.random.default_rng(1)
    first = change(x, rng)
    np.testing.assert_array_equal(first, change(x, same))
    assert (change(x, rng) != first).any()
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@every_random
def test_images_draw_for_themselves(rng, change):
    out = change(np.repeat(batch(1), 40, axis=0), rng)
    assert len(np.unique(out.reshape(40, -1), axis=0)) > 1


@every
@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7)])
def test_a_single_image_is_refused_with_its_shape(rng, change, shape):
    with pytest.raises(ValueError, match=r"images must have shape \(N, C, H, W\), got .*image\[None, None\]"):
        change(np.zeros(shape), rng)


# flips -----------------------------------------------------------------------------------------------------


def test_a_flip_turns_whole_images_and_keeps_their_order(rng):
    x = batch(200)
    out = flip_horizontal(x, 0.3, rng=rng)
    turned = [np.array_equal(a, b[..., ::-1]) for a, b in zip(out, x, strict=True)]
    assert all(t or np.array_equal(a, b) for t, a, b in zip(turned, out, x, strict=True))
    assert abs(np.mean(turned) - 0.3) < 5 * np.sqrt(0.3 * 0.7 / 200)


def test_flips_of_probability_0_and_1(rng):
    x = batch()
    np.testing.assert_array_equal(flip_horizontal(x, 0, rng=rng), x)
    np.testing.assert_array_equal(flip_horizontal(x, 1, rng=rng), x[..., ::-1])


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(rng, p):
    with pytest.raises(ValueError, match=rf"p must lie in \[0, 1\], got {p}"):
        flip_horizontal(batch(), p, rng=rng)


# shifts ----------------------------------------------------------------------------------------------------


def test_a_translation_by_hand():
    x = np.array([[[[1, 2, 3], [4, 5, 6]]]])
    np.testing.assert_array_equal(translate(x, 1, -1), [[[[0, 0, 0], [2, 3, 0]]]])
    np.testing.assert_array_equal(translate(x, 0, 2, fill=9), [[[[9, 9, 1], [9, 9, 4]]]])


@given(down=st.integers(-9, 9), right=st.integers(-9, 9), h=st.integers(1, 6), w=st.integers(1, 6))
def test_each_pixel_comes_from_where_the_formula_says(down, right, h, w):
    x = np.arange(1.0, 1 + 2 * h * w).reshape(2, 1, h, w)
    out = translate(x, down, right, fill=-1)
    for n, c, i, j in np.ndindex(out.shape):
        inside = 0 <= i - down < h and 0 <= j - right < w
        assert out[n, c, i, j] == (x[n, c, i - down, j - right] if inside else -1)


@pytest.mark.parametrize("shift", [0.5, 1.0, True, "1"])
def test_parts_of_a_pixel_are_refused(shift):
    with pytest.raises(TypeError, match="right must be a whole number"):
        translate(batch(), 1, shift)


@given(padding=st.integers(0, 4), seed=st.integers(0, 1000))
@settings(max_examples=40)
def test_every_crop_is_a_window_of_the_framed_image(padding, seed):
    x = batch(3)
    out = random_crop(x, padding, rng=np.random.default_rng(seed))
    framed = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    for image, around in zip(out, framed, strict=True):
        places = [(i, j) for i in range(2 * padding + 1) for j in range(2 * padding + 1)]
        assert sum(np.array_equal(around[:, i : i + 5, j : j + 7], image) for i, j in places) == 1


def test_all_windows_are_as_likely(rng):
    x = np.tile(np.arange(1.0, 36).reshape(1, 1, 5, 7), (9000, 1, 1, 1))
    middle = random_crop(x, 1, rng=rng)[:, 0, 2, 3]  # one of nine pixels, by the window
    counts = np.unique(middle, return_counts=True)[1]
    assert len(counts) == 9
    assert np.abs(counts - 1000).max() < 5 * np.sqrt(9000 * 1 / 9 * 8 / 9)


def test_a_negative_padding_is_refused(rng):
    with pytest.raises(ValueError, match="padding must be at least 0, got -1"):
        random_crop(batch(), -1, rng=rng)


# colours ---------------------------------------------------------------------------------------------------


def test_no_jitter_changes_nothing(rng):
    np.testing.assert_allclose(color_jitter(batch(), 0, 0, 0, rng=rng), batch(), atol=1e-15)


def test_a_jitter_is_what_its_formula_says():
    x = batch(6)
    out = color_jitter(x, 0.2, 0.3, 0.4, rng=np.random.default_rng(3))
    rng = np.random.default_rng(3)
    factors = [rng.uniform(1 - amount, 1 + amount, 6) for amount in (0.2, 0.3, 0.4)]
    for image, got, b, c, s in zip(x, out, *factors, strict=True):
        image = b * image
        image = c * image + (1 - c) * image.mean()
        grey = image.mean(axis=0)
        np.testing.assert_allclose(got, np.clip(s * image + (1 - s) * grey, 0, 1), rtol=1e-12)


def test_each_amount_changes_what_it_is_named_after(rng):
    x = 0.8 * batch(1)
    bright = color_jitter(x, 0.2, 0, 0, rng=rng)
    assert len(np.unique((bright / x).round(9))) == 1
    flat = color_jitter(x, 0, 0.2, 0, rng=rng)
    assert flat.mean() == pytest.approx(x.mean())
    pale = color_jitter(x, 0, 0, 0.05, rng=rng)
    np.testing.assert_allclose(pale.mean(axis=1), x.mean(axis=1))


def test_colours_stay_in_range(rng):
    out = color_jitter(batch(50), 0.9, 0.9, 0.9, rng=rng)
    assert out.min() == 0
    assert out.max() == 1


@pytest.mark.parametrize("name", ["brightness", "contrast", "saturation"])
def test_an_amount_above_1_is_refused(rng, name):
    with pytest.raises(ValueError, match=rf"{name} must lie in \[0, 1\], got 2"):
        color_jitter(batch(), **{name: 2}, rng=rng)


# turning and scaling ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("quarters", [0, 1, 2, 3, 4, -1])
def test_quarter_turns_of_a_square_are_those_of_numpy(quarters):
    for size in (5, 6):
        x = batch(2, 2, size, size)
        np.testing.assert_allclose(rotate(x, 90 * quarters), np.rot90(x, quarters, axes=(2, 3)), atol=1e-12)


def test_half_a_turn_of_an_image_that_is_not_square():
    np.testing.assert_allclose(rotate(batch(), 180), batch()[:, :, ::-1, ::-1], atol=1e-12)


def test_each_image_has_its_own_angle():
    x = batch(3, 1, 6, 6)
    out = rotate(x, [0, 90, 33])
    np.testing.assert_allclose(out[:2], np.stack([x[0], np.rot90(x[1], axes=(1, 2))]), atol=1e-12)
    np.testing.assert_array_equal(out[2:], rotate(x[2:], 33))


@given(st.floats(-400, 400), st.floats(0.2, 5))
@settings(max_examples=40)
def test_turned_and_scaled_pixels_are_means_of_four_and_fill(degrees, factor):
    x = batch(1)
    for out in (rotate(x, degrees, fill=0.5), scale(x, factor, fill=0.5)):
        assert x.min() - 1e-12 <= out.min()
        assert out.max() <= x.max() + 1e-12


def test_warping_agrees_with_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is another implementation to compare with")
    h, w, angle, factor = 8, 8, np.deg2rad(25), 1.3
    x = batch(2, 3, h, w)

    def sampled(u, v):
        # grid_sample counts from -1 to 1 between the outer edges of the outer pixels, x before y
        grid = np.stack([2 * v / w, 2 * u / h], axis=-1)[None].repeat(2, axis=0)
        options = {"mode": "bilinear", "padding_mode": "zeros", "align_corners": False}
        return torch.nn.functional.grid_sample(torch.tensor(x), torch.tensor(grid), **options).numpy()

    u, v = np.meshgrid(np.arange(h) - 3.5, np.arange(w) - 3.5, indexing="ij")
    turned = sampled(u * np.cos(angle) + v * np.sin(angle), v * np.cos(angle) - u * np.sin(angle))
    np.testing.assert_allclose(rotate(x, 25), turned, atol=1e-12)
    np.testing.assert_allclose(scale(x, factor), sampled(u / factor, v / factor), atol=1e-12)


def test_a_factor_of_1_changes_nothing_and_larger_ones_enlarge():
    x = np.zeros((1, 1, 9, 9))
    x[..., 3:6, 3:6] = 1
    np.testing.assert_allclose(scale(x, 1), x, atol=1e-15)
    areas = [scale(x, factor).sum() for factor in (0.7, 1, 1.5, 2)]
    np.testing.assert_allclose(areas, 9 * np.square([0.7, 1, 1.5, 2]), rtol=0.25)


def test_what_is_outside_is_filled():
    out = scale(np.ones((1, 1, 8, 8)), 0.5, fill=7)
    assert out[0, 0, 0, 0] == 7
    assert out[0, 0, 4, 4] == 1
    assert rotate(np.ones((1, 1, 9, 9)), 45, fill=7)[0, 0, 0, 0] == 7


@pytest.mark.parametrize("change", [rotate, scale])
def test_as_many_numbers_as_images(change):
    with pytest.raises(ValueError, match=r"or have shape \(N,\) with N = 4, one for each image; got \(3,\)"):
        change(batch(), [1, 2, 3])
    with pytest.raises(ValueError, match="must be finite"):
        change(batch(), np.nan)


@pytest.mark.parametrize("factor", [0, -1, [1, 1, 0, 1]])
def test_a_factor_that_is_not_positive_is_refused(factor):
    with pytest.raises(ValueError, match="factor must be above 0"):
        scale(batch(), factor)
