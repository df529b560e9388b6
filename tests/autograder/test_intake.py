import os
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import entries
from autograder.errors import AutograderError, UnreadableSubmission
from autograder.intake import discover
from autograder.lms_names import MAX_ID_CHARS, parse_name, safe_student_id, unique_id
from autograder.source import Assignment, SourceNotebook

UNIT = "05_convolution"


def assignment(*names, files=(), folder=Path("/nonexistent/source/unit")):
    notebooks = tuple(SourceNotebook(name, (), {}, "{}") for name in names or (UNIT,))
    return Assignment(UNIT, notebooks, tuple(files), folder, UNIT)


def put(folder, *paths, content=b"notebook"):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def pack(path, names, content=b"notebook"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return path


def found(path, unit=None):
    return {submission.student: submission for submission in discover(path, unit or assignment())}


def test_nbgraders_layout_is_read_with_its_timestamps(tmp_path):
    put(tmp_path, f"alice/{UNIT}/{UNIT}.ipynb", f"bob/{UNIT}/{UNIT}.ipynb")
    put(tmp_path, f"alice/{UNIT}/timestamp.txt", content=b"2025-03-01 12:00:00 UTC\n")
    students = found(tmp_path)
    assert list(students) == ["alice", "bob"]
    assert students["alice"].read() == {f"{UNIT}.ipynb": b"notebook"}
    assert students["alice"].timestamp == "2025-03-01 12:00:00 UTC"
    assert students["bob"].timestamp is None
    assert not any(submission.problems for submission in students.values())


def test_students_with_other_assignments_only_are_passed_over(tmp_path):
    put(tmp_path / "source", "unit1/unit1.ipynb", f"{UNIT}/{UNIT}.ipynb")
    put(tmp_path / "submitted", f"alice/{UNIT}/{UNIT}.ipynb", "bob/unit1/unit1.ipynb")
    unit = assignment(folder=tmp_path / "source" / UNIT)
    assert list(found(tmp_path / "submitted", unit)) == ["alice"]


def test_a_folder_for_each_student_is_read_however_deep_the_notebook_lies(tmp_path):
    put(tmp_path, f"alice/{UNIT}.ipynb", f"bob/my work/final/{UNIT}.ipynb", "carol/notes.txt")
    students = found(tmp_path)
    assert students["alice"].problems == ()
    assert students["bob"].read() == {f"{UNIT}.ipynb": b"notebook"}
    assert students["carol"].read() == {}
    assert f"no notebook was handed in for {UNIT}.ipynb" in students["carol"].problems


def test_an_empty_folder_is_a_submission_with_a_problem(tmp_path):
    (tmp_path / "dora").mkdir()
    assert found(tmp_path)["dora"].problems == (f"no notebook was handed in for {UNIT}.ipynb",)


@pytest.mark.parametrize(
    ("name", "student"),
    [
        (f"Ada Lovelace_123456_assignsubmission_file_{UNIT}.ipynb", "Ada_Lovelace_123456"),
        (f"O'Hara, Zoë_7_assignsubmission_file_{UNIT}.ipynb", "O_Hara,_Zoë_7"),
        (f"lovelaceada_late_1234_5678_{UNIT}-1.ipynb", "lovelaceada_1234"),
        (f"lovelaceada_1234_5678_{UNIT}.ipynb", "lovelaceada_1234"),
        (f"lovelaceada_LATE_1234_5678_{UNIT}.ipynb", "lovelaceada_1234"),
        (f"Unit 5_ada12_attempt_2025-03-01-12-30-45_{UNIT}.ipynb", "ada12"),
        ("alice.ipynb", "alice"),
        (f"{UNIT}_alice.ipynb", "alice"),
        (f"alice-{UNIT}.ipynb", "alice"),
        ("alice (1).ipynb", "alice"),
        ("Copy of alice.ipynb", "alice"),
        ("李小龍.ipynb", "李小龍"),
    ],
)
def test_a_flat_folder_names_its_students(tmp_path, name, student):
    put(tmp_path, name)
    ((only, submission),) = found(tmp_path).items()
    assert only == student
    assert submission.read() == {f"{UNIT}.ipynb": b"notebook"}
    assert submission.problems == ()


def test_two_people_of_one_name_stay_two(tmp_path):
    names = [f"Kim Lee_{number}_assignsubmission_file_{UNIT}.ipynb" for number in (1, 2)]
    assert len(found(put(tmp_path, *names))) == 2


def test_moodles_two_folders_of_one_student_are_one_submission(tmp_path):
    put(
        tmp_path, f"Kim Lee_1_assignsubmission_file_/{UNIT}.ipynb", "Kim Lee_1_assignsubmission_onlinetext_/o.html"
    )
    assert list(found(tmp_path)) == ["Kim_Lee_1"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"ada_1_2_{UNIT}.ipynb", f"ada_1_3_{UNIT}-1.ipynb"),
        (f"ada_1_2_{UNIT}-2.ipynb", f"ada_1_3_{UNIT}-10.ipynb"),
        (
            f"U_ada_attempt_2025-03-01-12-30-45_{UNIT}.ipynb",
            "U_ada_attempt_2025-03-02-09-00-00_final.ipynb",
        ),
    ],
)
def test_of_resubmissions_the_newest_counts_with_a_note(tmp_path, old, new):
    put(tmp_path, old, content=b"old")
    put(tmp_path, new, content=b"new")
    (submission,) = found(tmp_path).values()
    assert submission.read() == {f"{UNIT}.ipynb": b"new"}
    assert any("newest" in problem and new in problem for problem in submission.problems)


def test_a_number_that_belongs_to_the_notebooks_name_is_no_resubmission(tmp_path):
    (submission,) = found(put(tmp_path, "ada_1_2_lab-1.ipynb"), assignment("lab-1")).values()
    assert list(submission.read()) == ["lab-1.ipynb"]


def test_of_several_notebooks_the_best_name_is_taken_with_a_note(tmp_path):
    put(tmp_path, "alice/Untitled.ipynb", f"alice/{UNIT} (1).ipynb", content=b"other")
    put(tmp_path, f"alice/{UNIT}.ipynb", content=b"right")
    submission = found(tmp_path)["alice"]
    assert submission.read() == {f"{UNIT}.ipynb": b"right"}
    assert submission.problems == (f"2 notebooks fit {UNIT}.ipynb; '{UNIT}.ipynb' was taken",)


@pytest.mark.parametrize("name", ["final.ipynb", "05 Convolution solved.ipynb", f"{UNIT}.ipynb.txt"])
def test_a_lone_notebook_counts_whatever_its_name(tmp_path, name):
    submission = found(put(tmp_path, f"alice/{name}"))["alice"]
    assert submission.read() == {f"{UNIT}.ipynb": b"notebook"}


def test_a_lone_notebook_of_another_name_is_noted(tmp_path):
    submission = found(put(tmp_path, "alice/final.ipynb"))["alice"]
    assert submission.problems == (f"'final.ipynb' was taken for {UNIT}.ipynb",)


def test_an_assignment_of_several_notebooks_tells_them_apart(tmp_path):
    put(tmp_path, "alice/lab1.ipynb", content=b"1")
    put(tmp_path, "alice/LAB10.ipynb", content=b"10")
    put(tmp_path, "bob_lab1.ipynb", "bob_lab10.ipynb", content=b"b")
    students = found(tmp_path, assignment("lab1", "lab10"))
    assert students["alice"].read() == {"lab1.ipynb": b"1", "lab10.ipynb": b"10"}
    assert sorted(students["bob"].read()) == ["lab1.ipynb", "lab10.ipynb"]


def test_one_of_several_notebooks_missing_is_said(tmp_path):
    submission = found(put(tmp_path, "alice/lab1.ipynb"), assignment("lab1", "report"))["alice"]
    assert submission.problems == ("no notebook was handed in for report.ipynb",)


def test_only_listed_files_are_taken_and_others_are_named(tmp_path):
    put(tmp_path, f"alice/{UNIT}.ipynb", "alice/data/x.csv", "alice/helper.py", "alice/secret.txt")
    put(tmp_path, "alice/.ipynb_checkpoints/x.ipynb", "alice/__MACOSX/y", "alice/.DS_Store")
    submission = found(tmp_path, assignment(files=("data/x.csv",)))["alice"]
    assert set(submission.read()) == {f"{UNIT}.ipynb", "data/x.csv"}
    assert submission.problems == ("left out, as the assignment does not list it: helper.py, secret.txt",)


@pytest.mark.parametrize(
    "name",
    ["numpy.py", "random.py", "numpy/__init__.py", "sitecustomize.py", "nnlib/x.npz", "json.pyc", "__main__.py"],
)
def test_a_file_that_would_be_imported_for_a_module_is_refused(tmp_path, name):
    submission = found(put(tmp_path, f"a/{UNIT}.ipynb", f"a/{name}"), assignment(files=(name,)))["a"]
    assert list(submission.read()) == [f"{UNIT}.ipynb"]
    assert submission.problems[0].startswith(f"{name} was refused")


@pytest.mark.parametrize("name", ["random.csv", "my_helper.py", "data/json.txt"])
def test_a_file_that_hides_no_module_is_taken(tmp_path, name):
    submission = found(put(tmp_path, f"a/{UNIT}.ipynb", f"a/{name}"), assignment(files=(name,)))["a"]
    assert name in submission.read()


def test_links_are_not_followed_and_named(tmp_path):
    secret = put(tmp_path / "elsewhere", f"{UNIT}.ipynb", content=b"secret")
    class_folder = put(tmp_path / "class", "dave/notes.txt")
    (class_folder / "dave" / f"{UNIT}.ipynb").symlink_to(secret / f"{UNIT}.ipynb")
    (class_folder / "eve").symlink_to(secret)
    (class_folder / "mallory.ipynb").symlink_to(secret / f"{UNIT}.ipynb")
    (class_folder / "dave" / "folder").symlink_to(secret)
    students = found(class_folder)
    assert sorted(students) == ["dave", "eve", "mallory"]
    for submission in students.values():
        assert submission.read() == {}
        assert any("is a link" in problem for problem in submission.problems)


def test_a_file_that_becomes_a_link_after_it_was_listed_is_not_read(tmp_path):
    put(tmp_path, f"alice/{UNIT}.ipynb")
    submission = found(tmp_path)["alice"]
    (tmp_path / "alice" / f"{UNIT}.ipynb").unlink()
    (tmp_path / "alice" / f"{UNIT}.ipynb").symlink_to("/etc/passwd")
    with pytest.raises(UnreadableSubmission, match="cannot be opened"):
        submission.read()


def test_a_pipe_does_not_hang_the_class(tmp_path):
    (tmp_path / "alice").mkdir()
    os.mkfifo(tmp_path / "alice" / f"{UNIT}.ipynb")
    assert any("no ordinary file" in problem for problem in found(tmp_path)["alice"].problems)
    with pytest.raises(UnreadableSubmission, match="no ordinary file"):
        entries.FileReader(tmp_path / "alice" / f"{UNIT}.ipynb").read()


def test_a_huge_file_is_refused_unread(tmp_path):
    put(tmp_path, f"alice/{UNIT}.ipynb")
    os.truncate(tmp_path / "alice" / f"{UNIT}.ipynb", 1 << 40)
    assert any("larger than 64 MiB" in problem for problem in found(tmp_path)["alice"].problems)


def test_a_folder_that_cannot_be_opened_is_that_students_problem(tmp_path, monkeypatch):
    put(tmp_path, f"alice/{UNIT}.ipynb", f"bob/{UNIT}.ipynb")
    scan = os.scandir

    def denied(folder):
        if Path(folder).name == "alice":
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", denied)
    students = found(tmp_path)
    assert "alice cannot be opened: Permission denied" in students["alice"].problems
    assert students["bob"].problems == ()


def test_names_of_strangers_reach_no_report_as_they_are(tmp_path):
    put(tmp_path, f"alice/{UNIT}.ipynb", "alice/a\nb\x1b[31m.txt", f"alice/{'x' * 240}.txt")
    os.close(os.open(os.fsencode(tmp_path / "alice") + b"/\xff.txt", os.O_CREAT))
    (problem,) = found(tmp_path)["alice"].problems
    assert problem.isprintable()
    assert len(problem) <= 200
    problem.encode("utf-8")


def test_too_many_files_are_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr(entries, "MAX_FILES", 3)
    put(tmp_path, *(f"alice/{number}.txt" for number in range(9)))
    assert any("more than 3 files" in problem for problem in found(tmp_path)["alice"].problems)


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
