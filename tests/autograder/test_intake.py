"""What is read of a folder of submissions, and what is not."""

import os
from pathlib import Path

import pytest
from handed_in import UNIT, assignment, found, put

from autograder import entries
from autograder.errors import UnreadableSubmission


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
