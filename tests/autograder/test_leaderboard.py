"""A class is compared by accuracy, then by size; by nobody's name unless asked for."""

from __future__ import annotations

import csv
import io
import stat
from html.parser import HTMLParser

import pytest
from classroom import ASSIGNMENT, FakeRun, hand_in, handed_in, make_plan, run_class

from autograder import leaderboard
from autograder.leaderboard import Place, Result, called, places, pseudonym, pseudonyms, result_of
from autograder.leaderboard_html import page
from autograder.outcome import CellOutcome, Outcome, from_json, to_json

SALT = b"salt"


def result(accuracy, parameters=5000, seconds=8.0, *, over=False):
    return Result(accuracy, accuracy - 2, accuracy + 1, 597, parameters, seconds, over)


def board(**results):
    return places(results, {student: student for student in results})


def ranks(**results):
    return [(place.rank, place.name) for place in board(**results)]


# order -----------------------------------------------------------------------------------------------------


def test_the_best_accuracy_is_first():
    assert ranks(ann=result(92), bob=result(96.5), cyd=result(95)) == [(1, "bob"), (2, "cyd"), (3, "ann")]


def test_of_the_same_accuracy_fewer_parameters_are_better_and_time_never_decides():
    found = ranks(ann=result(95, 9000, 1.0), bob=result(95, 3000, 19.0), cyd=result(95, 3000, 2.0))
    assert found == [(1, "bob"), (1, "cyd"), (3, "ann")]


def test_who_shares_a_place_leaves_a_gap_behind():
    found = ranks(ann=result(95), bob=result(95), cyd=result(95), dan=result(90))
    assert [rank for rank, _ in found] == [1, 1, 1, 4]


def test_over_the_budget_there_is_no_place_however_good():
    found = board(ann=result(99, over=True), bob=result(90))
    assert [(p.rank, p.name, p.note) for p in found] == [(1, "bob", ""), (None, "ann", "over the budget")]
    assert found[1].accuracy == 99


def test_who_has_no_result_is_last_and_said_to_have_none():
    found = board(zoe=None, ann=result(90), bob=None, cyd=result(95, over=True))
    assert [p.name for p in found] == ["ann", "cyd", "bob", "zoe"]
    assert found[2] == Place(None, "bob", note="no result")


def test_nobody_at_all_is_an_empty_board():
    assert board() == ()


# names -----------------------------------------------------------------------------------------------------


def test_a_pseudonym_is_always_the_same_for_one_salt_and_another_for_another():
    assert pseudonym("ann", SALT) == pseudonym("ann", SALT)
    assert pseudonym("ann", SALT) != pseudonym("bob", SALT)
    assert pseudonym("ann", SALT) != pseudonym("ann", b"pepper")
    first, second, number = pseudonym("ann", SALT).split()
    assert first in leaderboard.FIRST
    assert second in leaderboard.SECOND
    assert len(number) == 3


def test_a_pseudonym_does_not_depend_on_who_else_is_in_the_class():
    alone = pseudonyms(["ann"], SALT)["ann"]
    assert pseudonyms(["ann", "bob", "cyd"], SALT)["ann"] == alone


def test_in_a_large_class_no_two_have_the_same_and_each_begins_as_it_would_alone():
    class_of = [f"student {i}" for i in range(5000)]
    found = pseudonyms(class_of, SALT)
    assert len(set(found.values())) == 5000
    longer = [student for student, name in found.items() if len(name.split()[2]) == 9]
    assert longer
    assert all(found[student].startswith(pseudonym(student, SALT)) for student in class_of)


def test_names_appear_only_where_they_are_asked_for():
    assert called(["ann"], "names", SALT) == {"ann": "ann"}
    assert called(["ann"], "ranks", SALT) == {"ann": ""}
    assert "ann" not in called(["ann"], "pseudonyms", SALT)["ann"]


def test_words_are_64_different_ones():
    words = [*leaderboard.FIRST, *leaderboard.SECOND]
    assert len(set(words)) == len(words) == 64


# from an outcome -------------------------------------------------------------------------------------------

MEASURED = (("accuracy", 95.4773), ("low", 93.5), ("high", 96.9), ("images", 597.0), ("parameters", 5698.0),
            ("cpu_seconds", 8.126), ("over_budget", 0.0))  # fmt: skip


def outcome(*measured):
    cells = (CellOutcome("hw", "a", 1.0, 1.0), CellOutcome("hw", "b", 1.0, 1.0, measured=tuple(measured)))
    return Outcome("ann", "hw", cells)


def test_a_result_is_read_from_the_cell_that_measured():
    assert result_of(outcome(*MEASURED)) == Result(95.48, 93.5, 96.9, 597, 5698, 8.13, False)
    assert result_of(outcome(*MEASURED[:-1], ("over_budget", 1.0))).over_budget


def test_where_nothing_or_something_else_was_measured_there_is_none():
    assert result_of(outcome()) is None
    assert result_of(outcome(("speed", 3.0))) is None


def test_what_was_measured_survives_the_journal_and_older_journals_are_read():
    told = to_json(outcome(*MEASURED))
    assert from_json(told) == outcome(*MEASURED)
    for cell in told["cells"]:
        del cell["measured"]
    assert result_of(from_json(told)) is None


# the page --------------------------------------------------------------------------------------------------


class Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.tags = "", []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.seen += data + " "


def shown(title="the class", **results):
    parser = Text()
    parser.feed(page(title, board(**results)))
    return parser


def test_the_page_has_all_numbers_the_interval_in_words_and_how_many_have_none():
    html = page("the class", board(ann=result(95.4, 5698, 8.13), bob=result(99, over=True), cyd=None))
    for words in (
        "95.4 %",
        "5,698",
        "8.1",
        "93.4 to 96.4 %",
        "over the budget",
        "1 without a result",
        "597 images",
    ):
        assert words in html
    assert "order is chance" in html


def test_what_students_are_called_is_text_and_nothing_else():
    evil = "<script>alert(1)</script>"
    parser = Text()
    parser.feed(page(evil, places({evil: result(90)}, {evil: evil})))
    assert "script" not in parser.tags
    assert evil in parser.seen


def test_the_page_needs_nothing_from_elsewhere():
    html = page("the class", board(ann=result(90)))
    assert "http" not in html
    assert "<script" not in html


# a whole run -----------------------------------------------------------------------------------------------

RIGHT = "def add(a, b):\n    return a + b"


def graded_class(homework, pile, **changes):
    hand_in(pile, "ann", handed_in(homework, f"{RIGHT}  # measured 95.5"))
    hand_in(pile, "bob", handed_in(homework, f"{RIGHT}  # measured 91.5"))
    hand_in(pile, "cyd", handed_in(homework, RIGHT))
    return run_class(make_plan(homework, pile, FakeRun(), **changes))


def lines(homework):
    return list(csv.DictReader(io.StringIO((homework.root / "leaderboard.csv").read_text())))


def test_a_run_writes_the_leaderboard_without_names_and_a_key_that_only_the_instructor_has(homework, pile):
    run = graded_class(homework, pile)
    assert [path.name for path in run.compared] == ["leaderboard.csv", "leaderboard.html"]
    first, second, last = lines(homework)
    assert (first["rank"], first["accuracy"], first["parameters"]) == ("1", "95.5", "5000")
    assert (second["rank"], last["rank"], last["note"]) == ("2", "", "no result")
    published = (homework.root / "leaderboard.csv").read_text() + (homework.root / "leaderboard.html").read_text()
    assert not any(name in published for name in ("ann", "bob", "cyd"))
    key = csv.DictReader(io.StringIO((homework.root / ".autograder" / "leaderboard_key.csv").read_text()))
    assert {line["student"]: line["name"] for line in key}["ann"] == first["name"]
    for private in ("salt", "leaderboard_key.csv"):
        assert stat.S_IMODE((homework.root / ".autograder" / private).stat().st_mode) == 0o600


def test_another_run_gives_the_same_pseudonyms(homework, pile):
    graded_class(homework, pile)
    before = lines(homework)
    graded_class(homework, pile, circumstances="another source")
    assert lines(homework) == before


@pytest.mark.parametrize(("naming", "names"), [("names", ["ann", "bob", "cyd"]), ("ranks", ["", "", ""])])
def test_real_names_or_none_by_choice(homework, pile, naming, names):
    graded_class(homework, pile, naming=naming)
    assert [line["name"] for line in lines(homework)] == names
    assert not (homework.root / ".autograder" / "leaderboard_key.csv").exists()


def test_where_nothing_is_measured_there_is_no_leaderboard(homework, pile):
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    assert run_class(make_plan(homework, pile)).compared == ()
    assert not list(homework.root.glob("leaderboard*"))


def test_a_students_page_says_under_which_name_they_are_listed(homework, pile):
    graded_class(homework, pile)
    salt = (homework.root / ".autograder" / "salt").read_bytes()
    pages = {
        student: (homework.feedback(student, ASSIGNMENT) / "hw.html").read_text() for student in ("ann", "cyd")
    }
    assert f"Your name on the leaderboard: <b>{pseudonym('ann', salt)}</b>" in pages["ann"]
    assert "leaderboard" not in pages["cyd"]
