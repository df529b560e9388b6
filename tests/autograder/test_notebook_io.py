import errno
import json
import os
import resource
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import notebook_io
from autograder.errors import GraderError, UnreadableSubmission
from autograder.notebook_io import read_notebook, unused_id, write_atomically, write_notebook


def notebook_bytes(*cells, **fields):
    document = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **fields}
    return json.dumps(document).encode()


def code(source="x = 1", **fields):
    return {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
        **fields,
    }


def markdown(source="text", **fields):
    return {"cell_type": "markdown", "id": "m", "metadata": {}, "source": source, **fields}


def read_or_reason(raw):
    try:
        return read_notebook(raw)
    except UnreadableSubmission as error:
        return str(error)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = ("cells", "cell_type", "source", "metadata", "id", "nbformat", "worksheets", "attachments", "input")
NEAR_NOTEBOOKS = st.fixed_dictionaries(
    {"nbformat": st.sampled_from([3, 4, True, "4", 2, None])},
    optional={
        "cells": JSON_VALUES | st.lists(st.dictionaries(st.sampled_from(KEYS), JSON_VALUES), max_size=4),
        "worksheets": JSON_VALUES
        | st.lists(st.fixed_dictionaries({"cells": st.lists(JSON_VALUES, max_size=3)}), max_size=2),
        "metadata": JSON_VALUES,
    },
)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.one_of(JSON_VALUES, NEAR_NOTEBOOKS).map(lambda v: json.dumps(v).encode()))
def test_any_bytes_give_a_valid_notebook_or_one_sentence(raw):
    outcome = read_or_reason(raw)
    if isinstance(outcome, str):
        assert outcome
        assert "\n" not in outcome
    else:
        nbformat.validate(json.loads(json.dumps(outcome)))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_notebook_cut_or_scratched_anywhere_is_read_or_refused(data):
    whole = notebook_bytes(code("def f():\n    return 'ü'"), markdown())
    position = data.draw(st.integers(0, len(whole)))
    scratch = data.draw(st.binary(max_size=3))
    outcome = read_or_reason(whole[:position] + scratch + whole[position + 2 :])
    if isinstance(outcome, str):
        assert outcome
    else:
        nbformat.validate(outcome)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b"  \n\0\0", "empty"),
        (b"{", "not complete JSON"),
        (notebook_bytes(code())[:-30], "saved to the end"),
        (b"[1, 2]", "not a notebook"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": 2, "cells": []}', "format is 2"),
        (b'{"nbformat": 5, "cells": []}', "format is 5"),
        (b'{"nbformat": "4", "cells": []}', "format is '4'"),
        (b'{"nbformat": [4], "cells": []}', "format is list"),
        ("{'naïve'}".encode("latin-1"), "not UTF-8"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04rest", "zip archive"),
        (b"\n<!DOCTYPE html>", "web page"),
        (b"<<<<<<< HEAD\n{}", "merge conflicts"),
        (b'{"cells": ' + b"[" * 100_000, "too deeply"),
        (b'{"cells": [' + b"[]," * 1_100_000 + b"[]]}", "too many values"),
    ],
)
def test_what_is_no_notebook_is_refused_with_the_reason(raw, words):
    with pytest.raises(UnreadableSubmission, match=words):
        read_notebook(raw)


def test_limits_on_size_cells_and_text_are_said(monkeypatch):
    with pytest.raises(UnreadableSubmission, match="cell 1 holds more than 1 MiB"):
        read_notebook(notebook_bytes(code("x" * (notebook_io.MIB + 1))))
    with pytest.raises(UnreadableSubmission, match="5001 cells; at most 5000"):
        read_notebook(notebook_bytes(*[{}] * 5001))
    monkeypatch.setattr(notebook_io, "MAX_FILE_BYTES", notebook_io.MIB)
    with pytest.raises(UnreadableSubmission, match="at most 1 MiB"):
        read_notebook(b" " * notebook_io.MIB + b"{}")


def test_a_picture_pasted_as_text_is_not_too_long_for_markdown():
    text = "![](data:image/png;base64," + "A" * (2 * notebook_io.MIB) + ")"
    assert read_notebook(notebook_bytes(markdown(text))).cells[0].source == text


def test_source_may_be_lines_and_odd_parts_are_left_out():
    notebook = read_notebook(
        notebook_bytes(code(["a = 1\n", 7, None, "b = 2"]), code(None, id="b"), code(3, id="c"))
    )
    assert [cell.source for cell in notebook.cells] == ["a = 1\nb = 2", "", ""]


def test_outputs_are_not_read():
    output = {"output_type": "display_data", "data": {"text/html": "<script>"}, "metadata": {}}
    assert read_notebook(notebook_bytes(code(outputs=[output], execution_count=3))).cells[0].outputs == []


def test_missing_and_repeated_ids_and_metadata_are_repaired():
    cells = [
        {"cell_type": "code", "source": "1"},
        code(id="a"),
        code(id="a"),
        code(id="no spaces!"),
        code(id=5),
    ]
    notebook = read_notebook(notebook_bytes(*cells))
    ids = [cell.id for cell in notebook.cells]
    assert ids[1] == "a"
    assert len(set(ids)) == 5
    assert notebook.cells[0].metadata == {}
    nbformat.validate(notebook)


def test_reading_twice_gives_the_same_ids():
    raw = notebook_bytes({"cell_type": "code", "source": ""}, {"cell_type": "markdown", "source": "x"})
    assert read_notebook(raw) == read_notebook(raw)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_byte_order_marks_and_wide_encodings_are_read(encoding):
    raw = notebook_bytes(code("'ü'")).decode().encode(encoding)
    assert read_notebook(raw).cells[0].source == "'ü'"


def test_nan_infinity_and_huge_numbers_do_no_harm():
    raw = b'{"nbformat": 4, "metadata": {"a": NaN, "b": -Infinity, "c": ' + b"9" * 6000 + b'}, "cells": []}'
    assert read_notebook(raw).metadata["a"] is None


def test_of_duplicate_keys_the_last_counts():
    assert read_notebook(b'{"nbformat": 4, "cells": 5, "cells": []}').cells == []


def test_half_a_surrogate_pair_becomes_writable(tmp_path):
    notebook = read_notebook(notebook_bytes(code("'\ud800'"), metadata={"title": "\udfff"}))
    write_notebook(tmp_path / "n.ipynb", notebook)
    assert nbformat.read(tmp_path / "n.ipynb", as_version=4).cells[0].source == "'?'"


def test_deep_metadata_is_cut():
    deep: object = "bottom"
    for _ in range(200):
        deep = {"a": deep}
    assert "bottom" not in json.dumps(read_notebook(notebook_bytes(code(), metadata=deep)))


def test_unknown_cell_types_become_raw_and_cells_that_are_none_are_left_out():
    notebook = read_notebook(notebook_bytes({"cell_type": "sql", "source": "x"}, {"cell_type": []}, 3, None))
    assert [cell.cell_type for cell in notebook.cells] == ["raw", "raw"]


def test_a_format_3_notebook_is_upgraded():
    cells = [
        {"cell_type": "code", "input": ["a\n", "b"], "outputs": [{"bad": 1}], "language": "python"},
        {"cell_type": "heading", "level": 2, "source": ["Convolution"]},
        {"cell_type": "html", "source": "<b>x</b>"},
        {"cell_type": "markdown", "source": "text"},
    ]
    notebook = read_notebook(json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}, 4]}).encode())
    nbformat.validate(notebook)
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        ("code", "a\nb"),
        ("markdown", "## Convolution"),
        ("markdown", "<b>x</b>"),
        ("markdown", "text"),
    ]


def test_pasted_pictures_stay_and_other_attachments_go():
    attachments = {
        "photo.png": {"image/png": "aGk="},
        "evil.svg": {"image/svg+xml": "PHN2Zz4="},
        "quote.png": {"image/png": '"><script>'},
        "odd": 3,
    }
    cell = read_notebook(notebook_bytes(markdown(attachments=attachments))).cells[0]
    assert cell.attachments == {"photo.png": {"image/png": "aGk="}}


def test_unused_id_is_valid_and_new():
    assert unused_id("a", set()) == "a"
    assert unused_id("a", {"a", "a-2"}) == "a-3"
    assert notebook_io.VALID_ID.fullmatch(unused_id("ü" * 200, set()))


def test_writing_leaves_the_whole_file_and_no_draft(tmp_path):
    path = tmp_path / "n.ipynb"
    write_notebook(path, read_notebook(notebook_bytes(code())))
    assert nbformat.read(path, as_version=4).cells[0].source == "x = 1"
    assert os.listdir(tmp_path) == ["n.ipynb"]


def test_a_full_disk_names_the_file_and_leaves_the_old_one(tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(GraderError, match=r"cannot write .*n\.ipynb"):
            write_atomically(path, b"x" * 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["n.ipynb"]


def test_a_disk_that_fails_while_syncing_leaves_the_old_file(tmp_path, monkeypatch):
    def no_space(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "n.ipynb"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(GraderError, match="No space left on device"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_missing_folder_is_named():
    with pytest.raises(GraderError, match="nowhere"):
        write_atomically(Path("/nonexistent/nowhere/n.ipynb"), b"")
