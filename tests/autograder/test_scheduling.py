"""Few at a time, each fault tried once more, nobody paying for another's."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor

import pytest

from autograder.scheduling import Fault, Scheduler


class Now(Executor):
    """Runs a job when it is submitted; a job called 'killer' breaks the pool and all that is in it."""

    def __init__(self):
        self.pending = []
        self.broken = False

    def submit(self, fn, /, *args, **kwargs):
        if self.broken:
            raise BrokenExecutor("the pool is broken")
        future = Future()
        self.pending.append(future)
        if args == ("killer",):
            self.broken = True
            for lost in self.pending:
                if not lost.done():
                    lost.set_exception(BrokenExecutor("a worker was killed"))
        elif args[0] != "waits":
            future.set_result(fn(*args))
        return future


def threads():
    return ThreadPoolExecutor(2)


def test_every_job_has_one_result():
    scheduler = Scheduler(str.upper, iter("abcde"), threads, 2)
    assert sorted(scheduler.results()) == [(x, x.upper()) for x in "abcde"]


def test_jobs_are_taken_only_as_they_fit_into_the_window():
    taken, most = 0, 0

    def jobs():
        nonlocal taken
        for number in range(50):
            taken += 1
            yield number

    for finished, _ in enumerate(Scheduler(abs, jobs(), threads, 3).results()):
        most = max(most, taken - finished)
    assert taken == 50
    assert most <= 3


def test_a_fault_is_tried_once_more_and_then_reported():
    tries = Counter()

    def task(job):
        tries[job] += 1
        if job == "always" or (job == "once" and tries[job] == 1):
            raise OSError(job)
        return job

    results = dict(Scheduler(task, iter(["always", "once", "never"]), threads, 2).results())
    assert results["once"] == "once"
    assert isinstance(results["always"], Fault)
    assert str(results["always"].error) == "always"
    assert tries == {"always": 2, "once": 2, "never": 1}


def test_a_job_that_kills_its_worker_costs_nobody_else_anything():
    made = []

    def make():
        made.append(Now())
        return made[-1]

    # "waits" never finishes beside the killer; alone, in a new pool, it would: so it is let finish there.
    original = Now.submit

    def submit(self, fn, /, *args):
        if args == ("waits",) and len(made) > 1:
            future = Future()
            future.set_result(fn(*args))
            return future
        return original(self, fn, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Now, "submit", submit)
        jobs = iter(["waits", "killer", "a", "b"])
        results = dict(Scheduler(str.upper, jobs, make, 4).results())
    assert isinstance(results.pop("killer"), Fault)
    assert results == {"waits": "WAITS", "a": "A", "b": "B"}


def test_after_stop_what_is_in_hand_is_finished_and_nothing_begun():
    gate = threading.Event()
    begun = []

    def task(job):
        begun.append(job)
        gate.wait(5)
        return job

    scheduler = Scheduler(task, iter(range(10)), threads, 2)
    results = scheduler.results()
    threading.Timer(0.05, gate.set).start()
    first = next(results)[0]
    in_hand = scheduler.in_hand
    scheduler.stop()
    rest = [job for job, _ in scheduler.results()]
    scheduler.close()
    assert len(rest) == in_hand
    assert sorted([first, *rest]) == sorted(begun)
    assert len(begun) <= 3


def _die(job):
    if job == 3:
        os._exit(1)
    return job


def test_real_processes_that_are_killed_are_replaced():
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    def make():
        return ProcessPoolExecutor(2, mp_context=get_context("forkserver"))

    scheduler = Scheduler(_die, iter(range(6)), make, 3)
    results = dict(scheduler.results())
    scheduler.close()
    assert isinstance(results.pop(3), Fault)
    assert results == {n: n for n in range(6) if n != 3}


def _slow_square(job):
    time.sleep(0.01)
    if job == 2:
        raise ValueError("two")
    return job * job


def test_dask_runs_the_same_jobs():
    distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None, protocol="inproc"
    )
    with cluster, distributed.Client(cluster) as client:
        scheduler = Scheduler(_slow_square, iter(range(5)), lambda: client.get_executor(pure=False), 3)
        results = dict(scheduler.results())
        scheduler.close()
    assert isinstance(results.pop(2), Fault)
    assert results == {n: n * n for n in (0, 1, 3, 4)}
