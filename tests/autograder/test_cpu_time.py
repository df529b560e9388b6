"""Processor time: whoever used it, it is counted once, and never forgotten."""

from __future__ import annotations

import os

import pytest

from autograder.cpu_time import TICK, Ledger, Used, cpu_clock, own_cpu_seconds, parse, used_by


def line(pid=7, name="python", user=0, system=0, waited=(0, 0), began=5):
    before = "S 1 7 7 0 -1 4194560 100 0 0 0"
    return f"{pid} ({name}) {before} {user} {system} {waited[0]} {waited[1]} 20 0 1 0 {began} 1000 200\n"


def test_the_systems_line_is_read():
    found = parse(line(user=3 * TICK, system=TICK, waited=(2 * TICK, TICK)))
    assert found == ((7, 5), Used(4.0, 3.0))


@pytest.mark.parametrize("name", ["a b", ") R 1 2 3", "((", "x) (y"])
def test_a_process_may_be_called_anything(name):
    assert parse(line(name=name, user=TICK)) == ((7, 5), Used(1.0, 0.0))


def test_a_process_that_is_there_has_used_no_less_than_nothing_and_others_are_none():
    (pid, _), used = used_by(os.getpid())
    assert pid == os.getpid()
    assert used.own >= 0
    assert used_by(2**22 + 1) is None


def test_a_notebook_asks_its_own_process():
    assert cpu_clock.get() is own_cpu_seconds
    assert 0 <= own_cpu_seconds() <= own_cpu_seconds()


PARENT, CHILD = (1, 10), (2, 20)


def test_a_child_that_was_waited_for_counts_once():
    ledger = Ledger()
    assert ledger.look({PARENT: Used(1, 0), CHILD: Used(4, 0)}) == 5
    assert ledger.look({PARENT: Used(1, 4)}) == 5
    assert ledger.look({PARENT: Used(2, 4)}) == 6


def test_a_child_that_nobody_waits_for_is_not_forgotten():
    ledger = Ledger()
    ledger.look({PARENT: Used(1, 0), CHILD: Used(4, 0)})
    assert ledger.look({PARENT: Used(1, 0)}) == 5
    assert ledger.look({PARENT: Used(3, 0)}) == 7


def test_a_process_number_that_is_used_again_is_another_process():
    ledger = Ledger()
    ledger.look({PARENT: Used(1, 0), CHILD: Used(4, 0)})
    assert ledger.look({PARENT: Used(1, 0), (2, 99): Used(3, 0)}) == 8


def test_time_never_runs_backwards():
    ledger = Ledger()
    assert ledger.look({PARENT: Used(1, 9)}) == 10
    assert ledger.look({}) == 10
