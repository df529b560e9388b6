"""An overflow on the way to a right result costs the cases that are about it, in the notebook and in a sandbox."""

from __future__ import annotations

import importlib.util
import sys
import warnings

import numpy as np
import pytest
from boundary import run

import autograder
from autograder import codec, remote
from autograder.calling import Caller
from autograder.floating import hearing
from autograder.remote import Bridge
from autograder.sandbox.room import INSIDE

SIGMOID = """
def sigmoid_forward(z):
    z = z if z.dtype.kind == "f" else z.astype(float)
    a = np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))
    return a, a
"""
KNOWING = """
def sigmoid_forward(z):
    z = z if z.dtype.kind == "f" else z.astype(float)
    with np.errstate(over="ignore", invalid="ignore"):
        a = np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))
    return a, a
"""
OVERFLOW = "overflow encountered in exp"


def local(source):
    names = {"np": np}
    exec(source, names)
    return names["sigmoid_forward"]


@pytest.fixture
def across(monkeypatch):
    """The function as the trusted side sees it, with the sandbox's side of the bridge in this process."""
    monkeypatch.setitem(sys.modules, "codec", codec)
    spec = importlib.util.spec_from_file_location("bridge", INSIDE / "bridge.py")
    inside = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(inside)

    def define(source):
        names = {"np": np, "warnings": warnings}
        exec(source, names)
        return Bridge(lambda message: inside.answer(names, message)).fetch("sigmoid_forward")

    return define


def grade(function):
    return autograder.grade("sigmoid_forward", function, rng=np.random.default_rng(2))


def test_each_warning_is_heard_once_and_none_is_shown():
    with warnings.catch_warnings(record=True) as shown, hearing() as heard:
        np.log(np.zeros(3))
        for x in (800.0, 900.0):
            np.exp(np.array([x, -x]))
        np.array([np.inf]) - np.inf
        np.mean([])  # NumPy warns of this, too, and it is about no float
        warnings.warn("look", stacklevel=1)
    assert heard == ["divide by zero encountered in log", "invalid value encountered in scalar divide",
                     "invalid value encountered in subtract", OVERFLOW]  # fmt: skip
    assert shown == []


def test_nothing_is_heard_of_what_is_lost_below_or_silenced():
    with hearing() as heard:
        np.exp(np.array([-1e4]))
        with np.errstate(over="ignore"):
            np.exp(np.array([1e4]))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            np.exp(np.array([1e4]))
    assert heard == []


def test_silence_for_the_whole_notebook_does_not_count():
    before = np.seterr(all="ignore")
    try:
        assert not grade(local(SIGMOID)).passed
    finally:
        np.seterr(**before)


def test_a_call_that_raises_is_heard_and_the_next_one_begins_anew():
    def failing():
        np.exp(np.array([1e4]))
        raise ValueError("no")

    call = Caller()
    assert call(failing).kind == "ValueError"
    assert call.warned == (OVERFLOW,)
    call(int)
    assert call.warned == ()


def test_both_branches_of_a_where_cost_the_large_values_alone():
    report = grade(local(SIGMOID))
    assert [case.trait for case in report.failures] == ["large values"]
    assert report.points == pytest.approx(0.9 * report.max_points)
    assert [mistake.name for mistake in report.mistakes] == ["computes both branches everywhere"]
    assert report.failures[0].summary == f"NumPy warned: invalid value encountered in divide, {OVERFLOW}"
    assert "even if it is not in the result" in " ".join(report.text.split())


def test_who_knows_of_the_overflow_and_says_so_gets_every_point(across):
    assert grade(local(KNOWING)).passed
    assert grade(across(KNOWING)).passed


def test_across_the_boundary_the_report_is_the_same(across, capsys):
    assert grade(across(SIGMOID)) == grade(local(SIGMOID))
    assert "RuntimeWarning" not in capsys.readouterr().err


def test_other_warnings_stay_where_they_are_shown(across):
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        across("def sigmoid_forward():\n    warnings.warn('old', DeprecationWarning)")()
    assert [str(it.message) for it in shown] == ["old"]


def test_a_test_of_another_course_may_forbid_warnings(across):
    exp = across("def sigmoid_forward(x):\n    return np.exp(x)")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning, match=OVERFLOW):
            exp(np.array([1e4]))


@pytest.mark.parametrize("said", [None, 3, "overflow", {}, [None, 3, ["x"]], ["overflow" * 10**4] * 100])
def test_whatever_the_other_side_says_is_at_most_a_few_short_texts(said):
    bridge = Bridge(lambda message: codec.encode({"value": 1, "warned": said}))
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        assert bridge.run("call", 1) == 1
    assert len(heard) <= remote.MAX_WARNINGS
    assert all(len(str(it.message)) <= 200 and it.category is RuntimeWarning for it in heard)


EXP = ("solution", "def exp(x): return np.exp(x)")
IMPORTS = ("plain", "import warnings\nimport numpy as np")
FORBID = """
with warnings.catch_warnings():
    warnings.simplefilter("error")
    exp(np.array([1e4]))
"""


def test_in_a_sandbox_an_ordinary_test_goes_on_and_one_that_forbids_warnings_fails(course):
    ordinary = ("test", "assert exp(np.array([1e4]))[0] == np.inf")
    with warnings.catch_warnings(record=True):  # outside of pytest it is shown to nobody
        result = run(course, IMPORTS, EXP, ordinary, ("test", FORBID))
    assert [cell.status for cell in result.cells] == ["passed", "failed"]
    assert "overflow encountered in exp" in result.cells[1].message


def test_in_a_sandbox_it_costs_the_same(course):
    cells = ("plain", "import numpy as np\nfrom autograder import check"), ("solution", KNOWING, SIGMOID)
    result = run(course, *cells, ("test", 'check("sigmoid_forward", sigmoid_forward)'))
    assert result.cells[0].fraction == pytest.approx(0.9)
    shown = result.notebook.cells[2].outputs
    assert any("computes both branches everywhere" in str(it.get("data")) for it in shown)
    assert not any(it.output_type == "stream" for it in shown)
