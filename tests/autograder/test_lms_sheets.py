"""Marks in the tables of learning platforms, as these write and want them."""

from __future__ import annotations

import csv
import io

import pytest

from autograder.errors import AutograderError
from autograder.gradebook import FinalMark
from autograder.lms_sheets import fill_sheet, read_sheet

MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,Last modified (grade)\r\n"
    'Participant 4711,Ada Lovelace,ada@uni.example,"Submitted for grading - ",,53.00,Yes,-\r\n'
    "Participant 4712,Émilie du Châtelet,emilie@uni.example,No submission,,53.00,Yes,-\r\n"
    "Participant 4713,Ada Lovelace,ada2@uni.example,Submitted for grading - ,,53.00,Yes,-\r\n"
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,05 Convolution (991),06 Architectures (992),Current Score\n"
    "    Points Possible,,,,,100.0,44.0,(read only)\n"
    '"Lovelace, Ada",12,s01,ada,A,,,77\n'
    '"Noether, Emmy",13,s02,emmy,A,,,81\n'
)
BLACKBOARD = (
    '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"05_convolution [Total Pts: 53 Score] |8801"\n'
    '"Lovelace"\t"Ada"\t"al123"\t"900"\t""\n'
)


def mark(student, score=26.5, waiting=False):
    return FinalMark(student, score, 53.0, waiting)


def filled(text, *marks, encoding="utf-8", **more):
    return fill_sheet(read_sheet(text.encode(encoding)), "05_convolution", marks, **more)


def rows(result, separator=","):
    text = result.sheet.raw.decode(result.sheet.encoding)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))


def test_moodle_is_filled_by_the_number_in_the_file_name_and_nothing_else_changes():
    result = filled(MOODLE, mark("Ada_Lovelace_4711", 53), mark("Ada_Lovelace_4713", 0))
    assert [row["Grade"] for row in rows(result)] == ["53", "", "0"]
    assert result.lines == {"Ada_Lovelace_4711": 0, "Ada_Lovelace_4713": 2}
    emptied = [{**row, "Grade": ""} for row in rows(result)]
    assert emptied == list(csv.DictReader(io.StringIO(MOODLE, newline="")))
    assert result.sheet.raw.endswith(b"\r\n")
    assert result.scaled is None


def test_canvas_is_filled_by_id_in_the_assignments_column_and_scaled_to_its_points():
    result = filled(CANVAS, mark("lovelaceada_12"), mark("emmy", 53))
    assert [row["05 Convolution (991)"] for row in rows(result)] == ["100.0", "50", "100"]
    assert [row["06 Architectures (992)"] for row in rows(result)] == ["44.0", "", ""]
    assert result.scaled == (53.0, 100.0)
    assert result.column == "05 Convolution (991)"


def test_blackboard_is_filled_in_its_own_encoding():
    result = filled(BLACKBOARD, mark("al123", 12.345), encoding="utf-16")
    assert result.sheet.raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    assert rows(result, "\t")[0]["05_convolution [Total Pts: 53 Score] |8801"] == "12.35"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_stays(encoding):
    result = filled(MOODLE, mark("Émilie_du_Châtelet_4712"), encoding=encoding)
    assert result.sheet.raw.decode(encoding) == MOODLE.replace("No submission,,", "No submission,26.5,").replace(
        '"Submitted for grading - "', "Submitted for grading - "
    )


def test_a_name_is_enough_where_only_one_has_it():
    result = filled(MOODLE, mark("emilie"), mark("Ada_Lovelace"), mark("nobody"))
    assert result.lines == {"emilie": 1}
    assert result.unplaced == ("Ada_Lovelace", "nobody")
    assert filled(CANVAS, mark("Emmy_Noether"), mark("Lovelace_Ada")).unplaced == ("Lovelace_Ada",)


def test_two_who_fit_one_line_get_none():
    assert filled(CANVAS, mark("ada"), mark("x_12")).unplaced == ("ada", "x_12")


def test_marks_that_wait_for_a_person_are_left_out_unless_asked_for():
    waits = mark("Ada_Lovelace_4711", waiting=True)
    result = filled(MOODLE, waits, mark("Ada_Lovelace_4713"))
    assert result.waiting == ("Ada_Lovelace_4711",)
    assert [row["Grade"] for row in rows(result)] == ["", "", "26.5"]
    assert rows(filled(MOODLE, waits, all_marks=True))[0]["Grade"] == "26.5"


def test_a_decimal_comma_stays_one():
    german = MOODLE.replace(",", ";").replace("53.00", "53,00")
    assert rows(filled(german, mark("Ada_Lovelace_4711")), ";")[0]["Grade"] == "26,5"


def test_a_column_can_be_named():
    result = filled("Name,Points\nada,\n", mark("ada"), column="points")
    assert rows(result) == [{"Name": "ada", "Points": "26.5"}]


@pytest.mark.parametrize(("text", "column", "words"), [
    (CANVAS.replace("05 Conv", "Conv"), "", r"no column fits; say which with --column.*Convolution \(991\)"),
    (CANVAS, "(99", "more than one column fits"),
    ("", "", "empty"),
    ("one\ntwo\n", "", "one column only"),
    ('a,b\n"c,d\n', "", "cannot be read as CSV"),
])  # fmt: skip
def test_what_cannot_be_filled_says_why(text, column, words):
    with pytest.raises(AutograderError, match=words):
        filled(text, mark("ada"), column=column)
