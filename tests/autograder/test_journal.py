"""The journal remembers what was done, through kill -9 as well."""

from __future__ import annotations

import pytest

from autograder.errors import AutograderError
from autograder.journal import Journal, content_key
from autograder.outcome import CellOutcome, Outcome

GRADED = Outcome("ann", "hw", (CellOutcome("nb", "a", 1.0, 1.0, status="passed"),))
FAULT = Outcome("bob", "hw", (), fault="no sandbox")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "hw.jsonl"


def test_what_was_added_is_there_after_reopening(path):
    with Journal(path) as journal:
        journal.start(7)
        journal.add("k", GRADED)
        journal.mark_saved("k")
        journal.mark_checked("source")
    with Journal(path) as journal:
        assert journal.outcome("k") == GRADED
        assert (journal.seed, journal.saved, journal.checked) == (7, {"k"}, {"source"})


@pytest.mark.parametrize("torn", [b'{"kind": "graded", "key": "l", "outc', b'{"kind": "run"}', b"\xff\xfe"])
def test_a_torn_last_line_is_cut_off_and_the_next_one_is_whole(path, torn):
    with Journal(path) as journal:
        journal.add("k", GRADED)
    with path.open("ab") as file:
        file.write(torn)
    with Journal(path) as journal:
        assert "k" in journal
        assert "l" not in journal
        journal.add("m", GRADED)
    with Journal(path) as journal:
        assert journal.outcome("m") == journal.outcome("k") == GRADED


def test_every_prefix_of_a_journal_can_be_opened(path):
    with Journal(path) as journal:
        journal.add("k", GRADED)
        journal.mark_saved("k")
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with Journal(path) as journal:
            assert ("k" in journal) == (b"\n" in whole[:length])


def test_a_damaged_line_in_the_middle_costs_only_itself(path):
    with Journal(path) as journal:
        journal.add("k", GRADED)
    with path.open("ab") as file:
        file.write(b"\0\0\0\n")
    with Journal(path) as journal:
        journal.add("l", GRADED)
    with Journal(path) as journal:
        assert "k" in journal
        assert journal.outcome("l") == GRADED


def test_what_the_grader_could_not_judge_is_not_done(path):
    with Journal(path) as journal:
        journal.add("k", GRADED)
        journal.add("k", FAULT)
        assert "k" not in journal
    with Journal(path) as journal:
        assert "k" not in journal


def test_a_new_outcome_has_to_be_saved_again(path):
    with Journal(path) as journal:
        journal.add("k", GRADED)
        journal.mark_saved("k")
        journal.add("k", GRADED)
        assert "k" not in journal.saved


def test_a_fresh_journal_is_empty(path):
    with Journal(path) as journal:
        journal.add("k", GRADED)
    with Journal(path, fresh=True) as journal:
        assert "k" not in journal


def test_two_runs_cannot_write_to_one_journal(path):
    with Journal(path) as journal:
        journal.add("k", GRADED)
        with pytest.raises(AutograderError, match="another grading run"):
            Journal(path, fresh=True)
    with Journal(path) as journal:
        assert "k" in journal


def test_the_key_changes_with_student_files_and_circumstances():
    keys = {
        content_key("ann", {"a": b"1"}, "source 1"),
        content_key("bob", {"a": b"1"}, "source 1"),
        content_key("ann", {"a": b"2"}, "source 1"),
        content_key("ann", {"b": b"1"}, "source 1"),
        content_key("ann", {"a": b"1", "b": b""}, "source 1"),
        content_key("ann", {"a": b"1"}, "source 2"),
    }
    assert len(keys) == 6
    assert content_key("ann", {"a": b"1", "b": b"2"}, "") == content_key("ann", {"b": b"2", "a": b"1"}, "")
