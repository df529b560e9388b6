"""What functions ask of arrays, and how they say so."""

import platform
import subprocess
import sys

import numpy as np
import pytest

from nnlib.arrays import as_float, as_gradient, check_same_shape, check_shape


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_float_array_is_taken_as_it_is(dtype):
    x = np.ones(3, dtype)
    assert as_float("x", x) is x


@pytest.mark.parametrize("values", [[1, 2], (True, False), np.ones(2, np.uint8), 3])
def test_integers_and_bools_become_float64(values):
    assert as_float("x", values).dtype == np.float64


@pytest.mark.parametrize("values", [["a"], [None], [1j]])
def test_what_is_no_real_number_is_refused_by_name(values):
    with pytest.raises(TypeError, match="x must hold real numbers, got an array of dtype"):
        as_float("x", values)


@pytest.mark.parametrize(
    ("own", "expected"), [(np.float32, np.float32), (np.float64, np.float64), (np.int32, np.float64)]
)
def test_a_gradient_has_its_arrays_float_dtype_or_float64(own, expected):
    assert as_gradient(np.ones(2), np.ones(2, own)).dtype == expected


def test_a_shape_error_gives_symbols_sizes_the_shape_received_and_the_fix():
    with pytest.raises(ValueError, match=r"^b must have shape \(F,\) with F = 4, got \(1, 4\): one per filter$"):
        check_shape("b", np.ones((1, 4)), {"F": 4}, "one per filter")


def test_an_axis_without_a_size_may_have_any():
    check_shape("x", np.ones((7, 3)), {"N": None, "D": 3}, "")
    with pytest.raises(ValueError, match=r"x must have shape \(N, D\) with D = 3, got \(7, 4\)"):
        check_shape("x", np.ones((7, 4)), {"N": None, "D": 3}, "")
    with pytest.raises(ValueError, match=r"x must have shape \(N, D\), got \(7,\): rows, please"):
        check_shape("x", np.ones(7), {"N": None, "D": None}, "rows, please")


def test_unequal_shapes_are_both_named():
    with pytest.raises(ValueError, match=r"dout must have z's shape \(2, 3\), got \(3, 2\)"):
        check_same_shape("dout", np.ones((3, 2)), "z", np.ones((2, 3)))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives freed memory back at once")
def test_freed_memory_is_used_again_instead_of_asked_for_anew():
    script = (
        "import resource, sys\nimport numpy as np\n{}\n"
        "def work(): return [np.ones(3 << 17) for _ in range(4)]\n"
        "work(), work()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "for _ in range(5): work()\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)"
    )
    without, kept = (
        int(subprocess.run([sys.executable, "-c", script.format(line)], capture_output=True, check=True).stdout)
        for line in ("", "import nnlib.arrays")
    )
    assert kept * 20 < without
