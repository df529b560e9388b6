"""The rooms: what a backend's command shows and hides."""

from __future__ import annotations

import sysconfig
from dataclasses import replace
from pathlib import Path

import pytest
from boundary import run

from autograder.errors import AutograderError
from autograder.exercises import exercises
from autograder.sandbox import Limits, Room, bubblewrap, get_sandbox
from autograder.sandbox.packages import installed_entries
from autograder.sandbox.room import PACKAGE, UNITS, StudentView, furnished, limits_for, student_view


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path, tmp_path, tmp_path, ("numpy",), (tmp_path,), Limits(memory_bytes=1))


def pairs(words, option):
    return [words[i + 1] for i, word in enumerate(words) if word == option]


def test_a_room_survives_its_way_through_a_kernel_spec(room):
    assert Room.from_json(room.to_json()) == room


def test_the_packages_are_those_named_and_what_they_need():
    names = {path.name for path in installed_entries(("ipykernel", "numpy"))}
    assert {"numpy", "ipykernel", "IPython", "zmq", "traitlets"} <= names
    assert not names & {"matplotlib", "nbgrader", "torch", "scipy", "debugpy", "nnlib", "autograder"}
    assert not [name for name in names if name.endswith(".pth")]


def test_a_folder_of_the_graders_inside_a_visible_one_is_covered(tmp_path, monkeypatch):
    secret = tmp_path / "usr" / "srv"
    secret.mkdir(parents=True)
    hidden = bubblewrap._hidden(tmp_path / "usr", Room(tmp_path, tmp_path, private=(secret,)))
    assert secret in hidden


def test_our_own_packages_are_hidden_even_where_all_others_are_shown():
    site = Path(sysconfig.get_path("purelib"))
    shown = Room(Path("/tmp"), Path("/tmp"))
    assert site not in bubblewrap._hidden(site.parents[2], shown)
    closed = Room(Path("/tmp"), Path("/tmp"), packages=("numpy",))
    assert site in bubblewrap._hidden(site.parents[2], closed)


def test_the_environment_is_cleared_and_the_network_unshared(room, sandboxed):
    words = bubblewrap.Bubblewrap().command(["python", "-f", "k"], room)
    assert "--clearenv" in words
    assert {"--unshare-net", "--unshare-all"} & set(words)
    assert "/" not in pairs(words, "--ro-bind")
    assert str(room.folder) in pairs(words, "--bind")


def test_a_python_installed_below_an_emptied_folder_is_still_there(room, sandboxed, monkeypatch, tmp_path):
    monkeypatch.setattr("sys.prefix", str(tmp_path / "venv"))  # pytest's own folder lies below /tmp
    words = bubblewrap.Bubblewrap().command(["python", "-f", "k"], room)
    assert words.index(str(tmp_path / "venv")) > max(words.index("/tmp"), words.index(bubblewrap.HOME))


def test_without_root_a_user_namespace_does_the_same(course, monkeypatch):
    monkeypatch.setattr(bubblewrap, "privileged", lambda: False)
    look = "import os\nassert os.getuid() == 65534 and not os.path.exists('/etc/passwd')\nx = 1"
    cells = [("solution", "x = 0", look), ("test", "assert x == 1")]
    assert [cell.status for cell in run(course, *cells).cells] == ["passed"]


def test_a_missing_program_is_named_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert "apt-get install bubblewrap" in get_sandbox("bubblewrap").problems()[0]
    assert "not installed" in get_sandbox("podman").problems()[0]
    assert get_sandbox("none").problems() == []


def test_an_unknown_sandbox_is_named():
    with pytest.raises(AutograderError, match="no sandbox called 'chroot'"):
        get_sandbox("chroot")


@pytest.mark.parametrize("unit", UNITS)
def test_a_units_view_withholds_what_the_unit_asks_for(unit):
    with furnished(student_view(unit)) as folder:
        there = {path.stem for path in (folder / "nnlib").iterdir()}
        code = [
            path for path in folder.rglob("*.py") if "plots" not in path.parts
        ]  # pictures: named for what they show
        texts = "".join(path.read_text() for path in code)
    assert set(student_view(unit).modules) <= there
    asked = [exercise.name for exercise in exercises() if exercise.unit == unit]
    assert len(asked) > (1 if unit == "07_capstone" else 8)
    assert [name for name in asked if f"def {name}(" in texts] == []


def test_the_capstone_has_all_of_nnlib_but_what_it_asks_for_and_no_digits():
    with furnished(student_view("07_capstone")) as folder:
        there = {path.stem for path in (folder / "nnlib").iterdir()}
        files = {path.name for path in folder.rglob("*")}
    assert {"layers", "training", "optimizers", "data", "arrays"} <= there
    assert "intervals" not in there
    assert "sheets.py" in files
    assert "digits.npz" not in files


def test_an_assignments_own_limits_hold_where_no_others_were_chosen():
    usual, own = Limits(), student_view("07_capstone").limits
    assert limits_for("05_convolution", usual) == usual
    assert limits_for("07_capstone", usual) == own
    assert own.call_seconds > usual.call_seconds
    assert limits_for("07_capstone", Limits(call_seconds=3)) == replace(own, call_seconds=3)


def test_a_foreign_course_sees_nothing_of_ours():
    assert student_view("ps1") == StudentView()
    with furnished(StudentView()) as folder:
        names = {path.name for path in folder.rglob("*.py")}
    assert names == {"launch.py", "bridge.py", "codec.py", "__init__.py", "predictions.py"}
    assert PACKAGE.name == "autograder"
