"""Zip archives, whole classes, and names of strangers."""

import stat
import zipfile

import pytest
from handed_in import UNIT, assignment, found, pack, put
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import entries
from autograder.errors import AutograderError, UnreadableSubmission
from autograder.intake import discover
from autograder.lms_names import MAX_ID_CHARS, parse_name, safe_student_id, unique_id


@pytest.mark.parametrize(
    "names",
    [
        [f"alice/{UNIT}/{UNIT}.ipynb", f"bob/{UNIT}/{UNIT}.ipynb"],
        [f"alice/{UNIT}.ipynb", f"bob/{UNIT}.ipynb"],
        [f"submissions/alice/{UNIT}.ipynb", f"submissions/bob/{UNIT}.ipynb"],
        ["alice.ipynb", "bob.ipynb"],
        ["class of 2025/alice.ipynb", "class of 2025/bob.ipynb", "__MACOSX/class of 2025/._bob.ipynb"],
    ],
)
def test_a_zip_archive_is_read_like_a_folder(tmp_path, names):
    students = found(pack(tmp_path / "class.zip", names))
    assert list(students) == ["alice", "bob"]
    assert all(submission.read() == {f"{UNIT}.ipynb": b"notebook"} for submission in students.values())


def test_a_zip_archive_of_one_students_folder_is_that_student(tmp_path):
    assert list(found(pack(tmp_path / "class.zip", [f"alice/{UNIT}.ipynb", "alice/x.csv"]))) == ["alice"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (f"../../alice/{UNIT}.ipynb", "'..'"),
        (f"/alice/{UNIT}.ipynb", "absolute"),
        (f"alice\\..\\{UNIT}.ipynb", "'..'"),
        (f"C:\\alice\\{UNIT}.ipynb", "absolute"),
        (f"alice/{'x/' * 30}{UNIT}.ipynb", "too many folders"),
        (f"alice/{'1_' * 20_000}{UNIT}.ipynb", "impossible name"),
    ],
)
def test_a_path_that_leaves_the_archive_is_refused(tmp_path, name, reason):
    students = found(pack(tmp_path / "class.zip", [name, f"bob/{UNIT}.ipynb"]))
    assert students.pop("bob").problems == ()
    (refused,) = students.values()
    assert refused.read() == {}
    assert any(reason in problem for problem in refused.problems)


def test_a_link_in_an_archive_is_refused(tmp_path):
    info = zipfile.ZipInfo(f"alice/{UNIT}.ipynb")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    submission = found(pack(tmp_path / "class.zip", [info], b"/etc/passwd"))["alice"]
    assert any("is a link" in problem for problem in submission.problems)
    assert submission.read() == {}


def test_an_encrypted_entry_is_refused(tmp_path):
    path = pack(tmp_path / "class.zip", [f"alice/{UNIT}.ipynb"])
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert any("encrypted" in problem for problem in found(path)["alice"].problems)


def test_a_zip_bomb_is_refused_whether_it_tells_its_size_or_not(tmp_path, monkeypatch):
    path = pack(tmp_path / "class.zip", [f"alice/{UNIT}.ipynb", f"bob/{UNIT}.ipynb"], b"0" * 200_000)
    honest = found(path)["bob"]
    monkeypatch.setattr(entries, "MAX_FILE_BYTES", 100_000)
    assert any("larger than" in problem for problem in found(path)["alice"].problems)
    with pytest.raises(UnreadableSubmission, match="larger than"):
        honest.read()


def test_a_damaged_entry_is_that_students_problem_alone(tmp_path):
    path = pack(tmp_path / "class.zip", [f"alice/{UNIT}.ipynb", f"bob/{UNIT}.ipynb"])
    data = bytearray(path.read_bytes())
    data[data.index(b".ipynb") + 8] ^= 0xFF
    path.write_bytes(data)
    students = found(path)
    with pytest.raises(UnreadableSubmission, match="cannot be unpacked"):
        students["alice"].read()
    assert students["bob"].read() == {f"{UNIT}.ipynb": b"notebook"}


def test_a_zip_inside_a_submission_is_named_and_not_opened(tmp_path):
    put(tmp_path, "alice/homework.zip", "bob.zip")
    students = found(tmp_path)
    assert any("homework.zip" in problem for problem in students["alice"].problems)
    assert any("no notebook" in problem for problem in students["bob"].problems)


def test_names_in_other_scripts_survive_an_archive_without_the_utf8_flag(tmp_path):
    path = pack(tmp_path / "class.zip", ["zoë.ipynb"])
    data = path.read_bytes()
    local, central = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    unflagged = bytearray(data)
    unflagged[local + 7] &= ~0x08
    unflagged[central + 9] &= ~0x08
    path.write_bytes(unflagged)
    assert list(found(path)) == ["zoë"]


def test_a_single_notebook_is_a_class_of_one(tmp_path):
    put(tmp_path, "alice.ipynb", "bob.ipynb")
    assert list(found(tmp_path / "alice.ipynb")) == ["alice"]


def test_work_of_another_kind_is_reported_and_the_instructors_lists_are_not(tmp_path):
    put(tmp_path, "alice.pdf", "grades.csv", "readme.txt", "bob.ipynb")
    students = found(tmp_path)
    assert list(students) == ["alice", "bob"]
    assert any("no notebook" in problem for problem in students["alice"].problems)


def test_submissions_come_lazily(tmp_path):
    put(tmp_path, f"alice/{UNIT}.ipynb", f"bob/{UNIT}.ipynb")
    submissions = discover(tmp_path, assignment())
    assert next(submissions).student == "alice"
    put(tmp_path, "bob/later.txt")
    assert any("later.txt" in problem for problem in next(submissions).problems)


def test_names_that_become_one_are_told_apart(tmp_path):
    put(tmp_path, f"ann b/{UNIT}.ipynb", f"ann_b/{UNIT}.ipynb", f"Ann_B/{UNIT}.ipynb")
    students = found(tmp_path)
    assert len({name.casefold() for name in students}) == 3
    assert sum("same name" in problem for s in students.values() for problem in s.problems) == 2


def test_nothing_to_grade_is_an_error_that_says_what_was_expected(tmp_path):
    with pytest.raises(AutograderError, match="a folder for each student"):
        list(discover(tmp_path, assignment()))
    with pytest.raises(AutograderError, match="no submissions at .*expected a folder"):
        discover(tmp_path / "nowhere", assignment())
    (tmp_path / "class.zip").write_bytes(b"no zip")
    with pytest.raises(AutograderError, match="no zip archive"):
        discover(tmp_path / "class.zip", assignment())


def test_what_is_handed_in_together_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.intake.MAX_SUBMISSION_BYTES", 10)
    put(tmp_path, f"alice/{UNIT}.ipynb", "alice/a.csv")
    with pytest.raises(UnreadableSubmission, match="together"):
        found(tmp_path, assignment(files=("a.csv",)))["alice"].read()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_name_becomes_one_safe_path_component(name):
    safe = safe_student_id(name)
    assert 1 <= len(safe) <= MAX_ID_CHARS
    assert len(safe.encode("utf-8")) <= 200
    assert not safe.startswith((".", "-"))
    assert not set(safe) & set("/\\\0\n *?")
    assert safe_student_id(safe) == safe


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=4) | st.just("x" * 80), max_size=12))
def test_ids_are_unique_in_upper_and_lower_case(names):
    taken: set[str] = set()
    ids = [unique_id(name, taken) for name in names]
    assert len({name.casefold() for name in ids}) == len(names)
    assert all(len(name) <= MAX_ID_CHARS for name in ids)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_file_name_can_be_read(name):
    assert isinstance(parse_name(name, ("lab1", "lab10")).student, str)
