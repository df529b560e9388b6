"""A damaged file is a ValueError that names it, or still gives the right data; and nothing in a file is ever run."""

import json
import pickle
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from nnlib.layers import Dense
from nnlib.saving import load_data, load_model, save_data, save_model

SMALL = {"w": np.arange(6, dtype=np.float32).reshape(2, 3), "run": (1, None, [2.5, "é"])}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.npz"


def written(path, form, **arrays):
    """A file as save_data writes one, of any form at all."""
    text = form if isinstance(form, str) else json.dumps(form)
    np.savez(path, form=np.array(text), **arrays)
    return path


def refused(path, load=load_data):
    """The message of the ValueError, which begins with the file's path."""
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))} ") as caught:
        load(path)
    return str(caught.value)


def outcome(path, load=load_data):
    """What the file gives, as text; None where it is refused by a ValueError that names it."""
    try:
        return repr(load(path))
    except ValueError as error:
        return None if str(error).startswith(f"{path} ") else f"unnamed: {error}"


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 100, b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"loss: 0.3\n" * 50]
)
def test_what_is_no_npz_is_refused(path, content):
    path.write_bytes(content)
    assert refused(path).startswith(f"{path} is damaged, or not a file that nnlib saved: ")
    refused(path, load_model)


def test_an_array_alone_is_refused(path):
    with path.open("wb") as file:
        np.save(file, np.arange(3))
    assert refused(path) == f"{path} is damaged, or not a file that nnlib saved: it is no whole .npz"


@pytest.mark.parametrize("load", [load_data, load_model])
def test_a_missing_file_is_a_file_not_found_error(path, load):
    with pytest.raises(FileNotFoundError):
        load(path)


def test_a_file_cut_off_anywhere_is_refused(path):
    save_data(path, SMALL)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert outcome(path) is None


def test_a_changed_byte_anywhere_is_refused_or_does_not_matter(path):
    save_data(path, SMALL)
    whole, right = path.read_bytes(), repr(SMALL)
    results = []
    for place in range(len(whole)):
        for change in (1, 8, 0xFF):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :])
            results.append(outcome(path))
    assert set(results) == {None, right}
    assert results.count(None) > len(results) / 2


@pytest.mark.parametrize(("old", "new"), [(b"(8192,)", b"(1192,)"), (b"'<f8'", b"'<f4'"), (b"'<f8'", b"'<i8'")])
def test_a_changed_header_of_a_large_array_is_refused(path, old, new):
    save_data(path, {"w": np.arange(8192.0)})
    whole = path.read_bytes()
    assert whole.count(old) == 1
    path.write_bytes(whole.replace(old, new))
    assert refused(path).endswith(": the checksum of w.npy is wrong")


def test_an_npz_of_somebody_elses_is_refused(path):
    np.savez(path, w=np.arange(3))
    assert refused(path).endswith("'form is not a file in the archive'")


@pytest.mark.parametrize(
    "form",
    [
        "",
        "{",
        "NULL",
        [1],
        {},
        {"set": [1]},
        {"list": 5},
        {"list": {"a": 1}},
        {"tuple": "abc"},
        {"dict": [1]},
        {"array": 3},
        {"array": "missing"},
        {"array": "broken"},
        {"list": [{"array": "missing"}]},
    ],
    ids=str,
)
def test_a_form_that_nnlib_does_not_write_is_refused(path, form):
    refused(written(path, form, broken=np.array(None)))


@pytest.mark.parametrize(
    "form", [np.arange(3), np.array(b"{}"), np.array(None), np.zeros(0), np.array(["1", "2"])]
)
def test_a_form_that_is_no_text_is_refused(path, form):
    np.savez(path, form=form)
    refused(path)


@pytest.mark.parametrize(("opening", "closing"), [('{"list": [', "]}"), ('{"dict": {"a": ', "}}")])
def test_forms_nested_without_end_are_refused(path, opening, closing):
    assert outcome(written(path, opening * 100 + "0" + closing * 100)).count("0") == 1
    for depth in (2_000, 200_000):
        assert outcome(written(path, opening * depth + "0" + closing * depth)) is None


def test_models_nested_without_end_are_refused(path):
    opening, closing = '{"dict": {"layer": "Sequential", "layers": {"list": [', "]}}}"
    found = []
    for depth in (50, *range(100, 500, 20), 1_000, 50_000):  # where it ends is Python's matter
        written(path, f'{{"dict": {{"model": {opening * depth + closing * depth}, "params": 0, "state": 0}}}}')
        found.append(outcome(path, lambda path: load_model(path)[1:]))
    assert found == sorted(found, key=lambda result: result is None)
    assert (found[0], found[-1], len(set(found))) == ("(0, 0)", None, 2)


class Payload:
    """What creates a file when unpickled."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return Path.touch, (self.target,)


@pytest.mark.parametrize("name", ["form", "w"])
def test_a_pickle_is_never_opened(path, tmp_path, name):
    target = tmp_path / "was_here"
    arrays = {"form": np.array('{"array": "w"}'), name: np.array([Payload(target)], dtype=object)}
    np.savez(path, **arrays)
    assert "Object arrays cannot be loaded when allow_pickle=False" in refused(path)
    refused(path, load_model)
    assert not target.exists()
    with np.load(path, allow_pickle=True) as opened:  # it would have worked
        assert opened[name].shape == (1,)
    assert target.exists()


def test_a_bare_pickle_is_never_opened(path, tmp_path):
    path.write_bytes(pickle.dumps(Payload(tmp_path / "was_here")))
    refused(path)
    refused(path, load_model)
    assert not (tmp_path / "was_here").exists()


def test_an_array_that_claims_more_than_any_memory_is_refused(path):
    header = (
        b"\x93NUMPY\x01\x00v\x00"
        + b"{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999999,)}".ljust(118)
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("w.npy", header)
    with zipfile.ZipFile(path, "a") as archive, archive.open("form.npy", "w") as file:
        np.lib.format.write_array(file, np.array('{"array": "w"}'))
    refused(path)


DENSE = {"layer": "Dense", "settings": {"units": 3, "init": "he"}}


def as_form(data):
    """Plain data in the form that save_data gives it."""
    if isinstance(data, dict):
        return {"dict": {key: as_form(value) for key, value in data.items()}}
    return {"list": [as_form(value) for value in data]} if isinstance(data, list) else data


def test_the_table_below_begins_from_a_model_that_loads(path):
    written(path, as_form({"model": DENSE, "params": {}, "state": {}}))
    assert load_model(path) == (Dense(3), {}, {})


@pytest.mark.parametrize(
    ("model", "cause"),
    [
        (DENSE | {"layer": "Lambda"}, "ValueError: no layer is called 'Lambda'"),
        (DENSE | {"layer": "summary"}, "ValueError: no layer is called 'summary'"),
        (DENSE | {"layer": "Shape"}, "ValueError: no layer is called 'Shape'"),
        (DENSE | {"layer": "Row"}, "ValueError: no layer is called 'Row'"),
        (DENSE | {"layer": "__name__"}, "ValueError: no layer is called '__name__'"),
        (DENSE | {"layer": ""}, "ValueError: no layer is called ''"),
        (DENSE | {"layer": None}, "TypeError: "),
        (DENSE | {"layer": "Layer", "settings": {}}, "TypeError: Can't instantiate abstract class Layer"),
        ({"layer": "Composite", "layers": []}, "TypeError: Can't instantiate abstract class Composite"),
        ({"layer": "Dense"}, "KeyError: 'settings'"),
        ({"layer": "Sequential"}, "KeyError: 'layers'"),
        ({"settings": {}}, "KeyError: 'layer'"),
        (DENSE | {"settings": {"units": 3, "colour": 1}}, "TypeError: Dense.__init__() got an unexpected keyword"),
        (DENSE | {"settings": {}}, "TypeError: Dense.__init__() missing 1 required positional argument: 'units'"),
        (DENSE | {"settings": {"units": -3}}, "ValueError: units must be at least 1, got -3"),
        (DENSE | {"settings": {"units": "many"}}, "TypeError: units must be an int, got 'many'"),
        (DENSE | {"settings": {"units": [3]}}, "TypeError: units must be an int, got [3]"),
        (DENSE | {"settings": [3]}, "TypeError: "),
        ({"layer": "Sequential", "layers": 5}, "TypeError: "),
        ({"layer": "Sequential", "layers": [5]}, "TypeError: "),
        (
            {"layer": "Sequential", "layers": [DENSE | {"layer": "Lambda"}]},
            "ValueError: no layer is called 'Lambda'",
        ),
        ({"layer": "Parallel", "layers": []}, "ValueError: Parallel needs at least one branch"),
        ({"layer": "Residual", "layers": [DENSE] * 3}, "TypeError: Residual.__init__() takes from 2 to 3"),
        (None, "TypeError: "),
        ("Dense", "TypeError: "),
        ([DENSE], "TypeError: "),
    ],
    ids=str,
)
def test_a_description_of_no_layer_is_refused_with_its_cause(path, model, cause):
    written(path, as_form({"model": model, "params": {}, "state": {}}))
    assert refused(path, load_model).startswith(f"{path} holds no model that this nnlib can make: {cause}")


@pytest.mark.parametrize("data", [None, 3, "model", [1], {}, {"model": DENSE, "params": {}}])
def test_data_that_is_no_model_is_refused(path, data):
    save_data(path, data)
    assert refused(path, load_model) == f"{path} holds no model: save_model writes model, params and state"


def test_more_beside_a_model_is_no_harm(path):
    save_model(path, Dense(3), {}, {})
    save_data(path, load_data(path) | {"epoch": 3})
    assert load_model(path) == (Dense(3), {}, {})
