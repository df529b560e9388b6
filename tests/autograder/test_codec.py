"""The codec: what may cross the boundary, and that nothing else does."""

from __future__ import annotations

import collections
import json
import pickle
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder import codec
from autograder.codec import CodecError, Reference, decode, encode

DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=12,
)
ARRAYS = hnp.arrays(
    st.sampled_from(["f4", "f8", "i1", "i8", "u2", "?", "c16", "U3", "S2", ">f8"]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0),
)


@given(DATA)
def test_data_comes_back_equal_and_of_the_same_types(value):
    back = decode(encode(value))
    assert back == value
    assert repr(back) == repr(value)


@given(ARRAYS)
def test_arrays_come_back_with_values_shape_and_dtype(array):
    back = decode(encode(array))
    assert type(back) is np.ndarray
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize("value", [np.float32(0.1), np.int64(3), np.bool_(True), np.complex128(1j)])
def test_numpy_scalars_keep_their_dtype(value):
    back = decode(encode(value))
    assert type(back) is type(value)
    assert back == value


def test_a_random_generator_goes_on_where_it_was():
    rng = np.random.default_rng(3)
    rng.integers(10, dtype=np.uint32)  # half of a number is left over
    back = decode(encode({"rng": rng}))["rng"]
    assert type(back) is np.random.Generator
    assert (
        back.integers(100, size=9, dtype=np.uint32).tolist() == rng.integers(100, size=9, dtype=np.uint32).tolist()
    )


def test_a_generator_of_another_kind_is_no_data():
    with pytest.raises(CodecError, match="a Generator is no data"):
        encode(np.random.Generator(np.random.MT19937(0)))


@pytest.mark.parametrize("state", [["n", 1, 2], ["n", -1, 2, 0, 0], ["n", "1", 2, 0, 0], ["n", 2**130, 2, 0, 0]])
def test_a_malformed_generator_is_refused(state):
    header = json.dumps({"tree": state, "arrays": []}).encode()
    with pytest.raises(CodecError):
        decode(len(header).to_bytes(8, "big") + header)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -0.0, 5e-324, {1, 2}, frozenset("a"), 2 + 3j, {(1, 2): None}]
)
def test_awkward_values_survive(value):
    assert repr(decode(encode(value))) == repr(value)


def test_read_only_arrays_stay_read_only():
    array = np.arange(3.0)
    array.flags.writeable = False
    assert not decode(encode(array)).flags.writeable
    assert decode(encode(np.arange(3.0))).flags.writeable


class LyingFloat(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class LyingArray(np.ndarray):
    def __eq__(self, other):
        return True


class LyingList(list):
    def __eq__(self, other):
        return True


@pytest.mark.parametrize(
    "value", [LyingFloat(2.0), np.zeros(2).view(LyingArray), LyingList([1]), collections.OrderedDict(a=1)]
)
def test_subclasses_lose_their_behaviour(value):
    assert type(decode(encode(value))) in (float, np.ndarray, list, dict)
    assert type(decode(encode(value))) is not type(value)


@pytest.mark.parametrize(
    "value", [object(), len, np.array([object()]), iter([]), ValueError("x"), datetime.now(UTC)]
)
def test_what_is_no_data_is_refused_or_spilled(value):
    with pytest.raises(CodecError, match="no data"):
        encode(value)
    reference = decode(encode([value], lambda _: Reference(7, "thing", True)))[0]
    assert reference == Reference(7, "thing", True)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


TOO_MUCH = {
    "deep": lambda: nested(codec.MAX_DEPTH + 1),
    "many": lambda: [0] * (codec.MAX_NODES + 1),
    "large": lambda: np.broadcast_to(0.0, (10**5, 10**5)),
    "long": lambda: 10**5000,
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_out_of_bounds_values_are_refused(name):
    with pytest.raises(CodecError):
        encode(TOO_MUCH[name]())


def message(tree, arrays=(), body=b""):
    header = json.dumps({"tree": tree, "arrays": list(arrays)}).encode()
    return len(header).to_bytes(8, "big") + header + body


FORGED = {
    "object dtype": message(["a", 0], [["|O", [1], True]], b"\0" * 8),
    "structured dtype": message(["a", 0], [["f8,f8", [1], True]], b"\0" * 16),
    "array longer than its message": message(["a", 0], [["<f8", [10**12], True]], b"\0" * 8),
    "negative shape": message(["a", 0], [["<f8", [-1], True]]),
    "overflowing shape": message(["a", 0], [["<f8", [2**62, 4], True]]),
    "unknown tag": message(["exec", "1"]),
    "unknown array": message(["a", 3]),
    "not a list": message({"a": 0}),
    "unhashable key": message(["d", [[["l", []], 1]]]),
    "deep": b"\0" * 4 + (200_000).to_bytes(4, "big") + b"[" * 200_000,
    "reference of a wrong form": message(["h", "x", 3, 1]),
    "endless range": message(["r", 0, 10**18, 1]),
    "range of no numbers": message(["r", 0, "9", 1]),
    "more lists than fit": message([[]] * 700_000).replace(b" ", b""),
    "pickle": pickle.dumps([1, 2]),
    "empty": b"",
    "header longer than all": (2**62).to_bytes(8, "big") + b"{}",
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_messages_raise_codec_error_and_nothing_else(name):
    with pytest.raises(CodecError):
        decode(FORGED[name])


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_decoder(noise):
    for prefix in (b"", (len(noise) // 2).to_bytes(8, "big")):
        try:
            decode(prefix + noise)
        except CodecError:
            continue


def test_the_codec_stands_alone_since_it_is_copied_into_the_sandbox():
    lines = Path(codec.__file__).read_text().splitlines()
    imports = [line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))]
    assert set(imports) <= {"__future__", "json", "math", "collections", "dataclasses", "typing", "numpy"}
