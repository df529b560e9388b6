"""The relay between our sockets and a kernel's: what passes, what it weighs, and where it ends."""

from __future__ import annotations

import asyncio

import pytest
import zmq
import zmq.asyncio

from autograder.metering import FRAME, GREETING, Scales, metered

SHORT, LONG = b"\x01\x03abc", b"\x02" + (300).to_bytes(8, "big") + bytes(300)


@pytest.mark.parametrize("cut", [1, 2, 7, 10_000])
def test_a_stream_weighs_its_bytes_and_its_frames_wherever_it_is_cut(cut):
    stream = bytes(GREETING) + SHORT + LONG + b"\x00\x00" * 50
    scales = Scales()
    for start in range(0, len(stream), cut):
        scales.add(stream[start : start + cut])
    assert scales.weight == len(stream) + 52 * FRAME


async def receive(folder, parts, most):
    """What comes through the relay of a message of these parts, and the meter."""
    (folder / "room").mkdir()
    address = str(folder / "room" / "s")
    context = zmq.asyncio.Context()
    theirs, ours = context.socket(zmq.DEALER), context.socket(zmq.DEALER)
    try:
        theirs.bind(f"ipc://{address}-1")
        async with metered(address, [1], most) as (own, meter):
            ours.connect(f"ipc://{own}-1")
            await ours.send(b"ask")
            assert await theirs.recv() == b"ask"
            await theirs.send_multipart(parts)
            got = ours.recv_multipart()
            while not got.done() and not meter.exceeded:
                await asyncio.sleep(0.01)
            return got.result() if got.done() else None, meter
    finally:
        context.destroy(linger=0)


def test_messages_pass_both_ways(tmp_path):
    got, meter = asyncio.run(receive(tmp_path, [b"a", b"", bytes(100_000)], 1 << 20))
    assert got == [b"a", b"", bytes(100_000)]
    assert 100_000 < meter.connections[0].weight < 110_000


@pytest.mark.parametrize("parts", [[bytes(1 << 20)] * 20, [b""] * 100_000], ids=["large", "many"])
def test_a_message_over_the_limit_is_never_held_here(tmp_path, parts):
    got, meter = asyncio.run(receive(tmp_path, parts, 4 << 20))
    assert got is None
    assert 4 << 20 < meter.connections[0].weight < 14 << 20  # the limit, and one read of small frames


def test_nothing_stays_behind(tmp_path):
    asyncio.run(receive(tmp_path, [b"a"], 1 << 20))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["room"]
