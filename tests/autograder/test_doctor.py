"""The doctor says what is missing and how to get it."""

from __future__ import annotations

import io
import shutil
from collections import namedtuple
from types import SimpleNamespace

import pytest
from rich.console import Console

from autograder import doctor
from autograder.doctor import Finding, can_grade, examine, table

WELL = [("sky", lambda: "", True), ("sea", lambda: "", False)]


def shown(findings):
    console = Console(file=io.StringIO(), width=200)
    console.print(table(findings))
    return console.file.getvalue()


def find(name):
    looks = [look for look in doctor.LOOKS if look[0] == name]
    return examine(looks)[0]


def sandbox(monkeypatch, **problems):
    monkeypatch.setattr(
        doctor, "get_sandbox", lambda name: SimpleNamespace(problems=lambda: problems.get(name, []))
    )


def test_a_machine_that_has_everything_can_grade():
    assert can_grade(examine(WELL))
    assert shown(examine(WELL)).count("ok") == 2


def test_what_is_needed_and_missing_stops_grading_and_says_how_to_get_it():
    findings = examine([*WELL, ("bwrap", lambda: "run apt-get install bubblewrap", True)])
    assert not can_grade(findings)
    assert "missing" in shown(findings)
    assert "apt-get install bubblewrap" in shown(findings)


def test_what_is_optional_does_not_stop_grading():
    findings = examine([*WELL, ("chromium", lambda: "only for tests", False)])
    assert can_grade(findings)
    assert "optional" in shown(findings)


def test_a_look_that_breaks_is_a_finding():
    def look():
        raise PermissionError("/proc")

    (finding,) = examine([("proc", look, True)])
    assert finding == Finding("proc", "could not be looked at: /proc", True)


def test_the_sandboxs_own_words_are_shown(monkeypatch):
    sandbox(monkeypatch, bubblewrap=["bubblewrap is not installed: run `sudo apt-get install bubblewrap`"])
    assert "sudo apt-get install bubblewrap" in find("bubblewrap and namespaces").missing


def test_one_container_engine_is_enough(monkeypatch):
    sandbox(monkeypatch, docker=["no docker"])
    assert find("container sandbox").missing == ""
    sandbox(monkeypatch, docker=["no docker"], podman=["no podman"])
    assert "no docker" in find("container sandbox").missing


def test_an_old_python_is_named(monkeypatch):
    version = namedtuple("version", "major minor micro")
    monkeypatch.setattr(doctor.sys, "version_info", version(3, 9, 1))
    assert find("Python").missing == "this is Python 3.9.1; install 3.11 or newer"


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(doctor, "MODULES", ("numpy", "no_such_package"))
    assert "no_such_package cannot be imported" in find("packages").missing


def test_a_missing_alembic_and_a_missing_browser_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(doctor.sys, "executable", str(tmp_path / "python"))
    assert "alembic" in find("alembic command").missing
    assert "apt-get install chromium" in find("chromium").missing


@pytest.mark.parametrize(("free", "fine"), [(100 << 30, True), (100 << 20, False)])
def test_a_full_disk_is_named(monkeypatch, free, fine):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert (find("disk space").missing == "") == fine
