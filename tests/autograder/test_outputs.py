"""What is kept of what a kernel says."""

from __future__ import annotations

import base64

import pytest

from autograder.outputs import MAX_OUTPUTS, PNG, Collected


def message(kind, parent="p", **content):
    return {"parent_header": {"msg_id": parent}, "header": {"msg_type": kind}, "content": content}


def collected(*messages, left=1000):
    seen = Collected("p", left)
    for one in messages:
        seen.take(one)
    return seen


def test_an_execution_is_complete_when_both_channels_say_so():
    reply, idle = message("execute_reply", status="ok"), message("status", execution_state="idle")
    assert not collected(reply).complete
    assert not collected(idle).complete
    assert collected(idle, reply).complete


def test_messages_of_another_execution_are_ignored():
    seen = collected(
        message("stream", parent="other", name="stdout", text="x"), message("execute_reply", "o", status="ok")
    )
    assert (seen.outputs, seen.replied) == ([], False)


def test_streams_are_joined_and_cut():
    lines = [message("stream", name="stdout", text="y" * 400) for _ in range(5)]
    seen = collected(*lines)
    assert len(seen.outputs) == 1
    assert seen.outputs[0].text.endswith("… cut")
    assert len(seen.outputs[0].text) < 1100


def test_outputs_are_counted():
    shows = [message("display_data", data={"text/plain": str(i)}) for i in range(MAX_OUTPUTS + 50)]
    assert len(collected(*shows).outputs) == MAX_OUTPUTS


def test_html_script_and_vector_pictures_are_left_out():
    data = {"text/plain": "t", "text/html": "<script>", "application/javascript": "x", "image/svg+xml": "<svg/>"}
    assert collected(message("display_data", data=data)).outputs[0].data == {"text/plain": "t"}


def test_a_png_is_kept_and_anything_else_is_no_picture():
    picture = base64.b64encode(PNG + b"rest").decode()
    assert collected(message("display_data", data={"image/png": picture})).outputs[0].data == {
        "image/png": picture
    }
    with pytest.raises(ValueError, match="no PNG"):
        collected(message("display_data", data={"image/png": base64.b64encode(b"<html>").decode()}))


MALFORMED = [
    {},
    {"parent_header": None, "header": {}, "content": {}},
    message("stream", name="stdout", text=7),
    message("stream", text="no name"),
    message("error", ename=1, evalue="", traceback=[]),
    message("error", ename="E", evalue="", traceback=[b""]),
    message("display_data", data=None),
]


@pytest.mark.parametrize("bad", MALFORMED)
def test_malformed_messages_raise_and_leave_nothing(bad):
    seen = Collected("p", 100)
    with pytest.raises((KeyError, TypeError, AttributeError)):
        seen.take(bad)
    assert seen.outputs == []
