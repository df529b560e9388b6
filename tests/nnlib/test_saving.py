"""What is saved comes back equal, or is refused with its place; a file is whole or is not there."""

import errno
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib.layers import BatchNorm, Conv2d, Dense, Flatten, Residual, Sequential
from nnlib.saving import load_data, load_model, save_data, save_model

A, B = np.arange(3.0), np.arange(4, dtype=np.int64)


def assert_same(actual, expected):
    """Equal in form, types, dtypes and values; NaN equals NaN."""
    assert type(actual) is type(expected)
    if isinstance(expected, dict):
        assert list(actual) == list(expected)
        actual, expected = list(actual.values()), list(expected.values())
    if isinstance(expected, (list, tuple)):
        for one, other in zip(actual, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(actual, expected, strict=True)
    else:
        assert repr(actual) == repr(expected)


def there_and_back(path, data):
    save_data(path, data)
    return load_data(path)


DTYPES = st.sampled_from([np.bool_, np.uint8, np.int64, np.float32, np.float64, np.dtype(">f4"), np.dtype("<U3")])
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
PLAIN = st.none() | st.booleans() | st.integers() | st.integers(0, 2**128) | st.floats() | st.text()
KEYS = st.text() | st.sampled_from(["form", "file", "allow_pickle", "data", "a", "b", "a.b", "a.npy", "a/b", "0"])
DATA = st.recursive(
    PLAIN | ARRAYS | ARRAYS.map(np.transpose),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner).map(tuple) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(data=DATA)
def test_data_of_any_form_comes_back_equal(tmp_path_factory, data):
    assert_same(there_and_back(tmp_path_factory.getbasetemp() / "data.npz", data), data)


@pytest.mark.parametrize(
    "data",
    [
        {"a.b": A, "a": {"b": B}},
        {"a": {"b": B}, "a.b": A, "a_b": A + 1},
        {"form": A, "form_": B},
        {"form": {"array": "form"}},
        {"file": A, "allow_pickle": B, "args": A + 1},
        {"a.npy": A, "a": B},
        {"a": A, "a.npy": B, "a.npy.npy": A + 1},
        {"a/b": A, "a_b": B, "a\\b": A + 1, "../a": B + 1, "/a": A + 2},
        {"": A, "data": B},
        {"\0": A, "\0\0": B, "a\0b": A + 1, "a": B + 1, "\ud800": A + 2},
        {"1": A, "l": [B, A, B]},
        {"é": A, "e": B, "層": A + 1},
        [A, [B, [A, {}], ()], (), [], {}],
        A,
        np.array(3.5),
        np.zeros((0, 3), np.float32),
        np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1)[::-1],
        np.array(["digits", "Zürich"]),
        -0.0,
        2**4000,
    ],
)
def test_no_name_is_taken_twice_and_no_array_is_too_odd(tmp_path, data):
    assert_same(there_and_back(tmp_path / "data.npz", data), data)


def test_the_state_of_a_generator_comes_back_to_the_bit(tmp_path, rng):
    rng.random(3)
    state = rng.bit_generator.state
    assert there_and_back(tmp_path / "rng.npz", state) == state
    rest = rng.random(5)
    again = np.random.default_rng()
    again.bit_generator.state = load_data(tmp_path / "rng.npz")
    np.testing.assert_array_equal(again.random(5), rest)


def test_scalars_of_numpy_become_pythons_numbers(tmp_path):
    data = [np.int64(7), np.uint8(7), np.bool_(True), np.float32(0.1), np.float64(0.1), np.str_("a")]
    assert_same(there_and_back(tmp_path / "data.npz", data), [7, 7, True, float(np.float32(0.1)), 0.1, "a"])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({1, 2}, "cannot save this: a set is neither data nor an array of numbers or text"),
        (
            {"run": [0, {"when": {1}}]},
            "cannot save run.1.when: a set is neither data nor an array of numbers or text",
        ),
        (
            {"a": {3: 4}},
            "cannot save a: a dict is neither data nor an array of numbers or text: its keys must be strings",
        ),
        ([np.array([None])], "cannot save 0: an array of object is neither data nor an array of numbers or text"),
        (
            [np.zeros(2, "M8[s]")],
            "cannot save 0: an array of datetime64[s] is neither data nor an array of numbers or text",
        ),
        (
            [np.ma.masked_array([1])],
            "cannot save 0: a MaskedArray is neither data nor an array of numbers or text",
        ),
        ([1j], "cannot save 0: a complex is neither data nor an array of numbers or text"),
        ([b"a"], "cannot save 0: a bytes is neither data nor an array of numbers or text"),
        ([np.longdouble(1)], "cannot save 0: a longdouble is neither data nor an array of numbers or text"),
        ((Dense(3),), "cannot save 0: a Dense is neither data nor an array of numbers or text"),
    ],
)
def test_what_cannot_be_saved_is_refused_by_its_place_and_nothing_is_written(tmp_path, data, message):
    with pytest.raises(TypeError) as caught:
        save_data(tmp_path / "data.npz", data)
    assert str(caught.value) == message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dtype", [np.dtypes.StringDType(), [("a", float)]], ids=["strings", "records"])
def test_arrays_that_numpy_would_pickle_or_that_are_not_of_numbers_are_refused(tmp_path, dtype):
    with pytest.raises(TypeError, match="^cannot save a: an array of"):
        save_data(tmp_path / "data.npz", {"a": np.zeros(2, dtype)})


MODEL = Sequential(Residual(Conv2d(3, (3, 1), padding=(1, 0)), Sequential(BatchNorm(0.7))), Flatten(), Dense(2))


def test_a_model_comes_back_and_computes_the_same(tmp_path, rng):
    params, state = MODEL.initialize((3, 4, 4), rng=rng)
    x = rng.standard_normal((2, 3, 4, 4)).astype(np.float32)
    _, _, state = MODEL.forward(x, params, state, True)
    save_model(tmp_path / "model.npz", MODEL, params, state)
    model, *loaded = load_model(tmp_path / "model.npz")
    assert model == MODEL
    out = MODEL.forward(x, params, state, False)[0]
    np.testing.assert_array_equal(model.forward(x, *loaded, False)[0], out, strict=True)


def test_any_reader_of_npz_finds_an_array_under_its_path(tmp_path, rng):
    params, state = MODEL.initialize((3, 4, 4), rng=rng)
    save_model(str(tmp_path / "model.npz"), MODEL, params, state)
    with np.load(tmp_path / "model.npz", allow_pickle=False) as arrays:
        names = [
            "params.0.0.w",
            "params.0.0.b",
            "params.0.1.0.gamma",
            "params.0.1.0.beta",
            "params.2.w",
            "params.2.b",
        ]
        assert arrays.files == ["form", *names]
        np.testing.assert_array_equal(arrays["params.2.w"], params[2]["w"], strict=True)


class Mine(Dense):
    """A layer of somebody's own."""


def test_a_layer_that_loading_would_not_find_is_refused_when_saved(tmp_path):
    with pytest.raises(TypeError) as caught:
        save_model(tmp_path / "model.npz", Sequential(Mine(3)), [{}], [{}])
    expected = "cannot save Mine(units=3): loading looks in nnlib.layers, where this Mine is not"
    assert str(caught.value) == expected
    namesake = type("Dense", (Dense,), {})
    with pytest.raises(TypeError, match="where this Dense is not"):
        save_model(tmp_path / "model.npz", namesake(3), {}, {})


def test_the_path_is_taken_as_it_is(tmp_path):
    save_data(tmp_path / "run", {"a": A})
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_saved_file_has_the_permissions_of_any_new_file(tmp_path):
    before = os.umask(0o027)
    try:
        save_data(tmp_path / "saved.npz", A)
        (tmp_path / "ordinary").touch()
    finally:
        os.umask(before)
    assert (tmp_path / "saved.npz").stat().st_mode == (tmp_path / "ordinary").stat().st_mode
    assert (tmp_path / "saved.npz").stat().st_mode & 0o777 == 0o640


def test_a_missing_folder_is_a_file_not_found_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        save_data(tmp_path / "nowhere" / "data.npz", A)


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr
)
@pytest.mark.parametrize("failing", ["numpy.savez", "os.replace"])
def test_a_failed_write_leaves_the_old_file_whole_and_no_other(tmp_path, monkeypatch, failing, error):
    def fail(file, *arguments, **named):
        if failing == "numpy.savez":
            file.write(b"half of it")
        raise error

    save_data(tmp_path / "data.npz", {"a": A})
    monkeypatch.setattr(failing, fail)
    with pytest.raises(type(error)):
        save_data(tmp_path / "data.npz", {"a": A + 1})
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["data.npz"]
    assert_same(load_data(tmp_path / "data.npz"), {"a": A})


def test_a_second_save_replaces_the_first(tmp_path):
    save_data(tmp_path / "data.npz", {"a": A})
    assert_same(there_and_back(tmp_path / "data.npz", [B]), [B])
    assert [path.name for path in tmp_path.iterdir()] == ["data.npz"]
