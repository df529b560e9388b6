"""Jobs through an executor: few at a time, each fault tried once more, nobody paying for another's.

Works with any ``concurrent.futures.Executor``: threads, processes, Dask distributed's ``get_executor()``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

J = TypeVar("J")
R = TypeVar("R")
ATTEMPTS = 2


@dataclass(slots=True)
class _Attempt(Generic[J]):
    job: J
    faults: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """A job that raised every time it was tried; ``error`` is the last."""

    error: BaseException


def abandon(executor: Executor) -> None:
    """Shut down without waiting. Dask's executor always cancels, and does not know that it may be asked to."""
    try:
        executor.shutdown(wait=False, cancel_futures=True)
    except TypeError:
        executor.shutdown(wait=False)


class Scheduler(Generic[J, R]):
    """Takes from ``jobs`` only what fits into ``window``, so memory does not grow with their number.

    Where a pool breaks (a worker was killed), nobody knows which job did it: those in hand are tried again
    one at a time, in a new pool, and only a job that breaks its own pool is at fault.
    """

    def __init__(
        self, task: Callable[[J], R], jobs: Iterator[J], make_executor: Callable[[], Executor], window: int
    ) -> None:
        self._task, self._jobs, self._make, self._window = task, jobs, make_executor, max(1, window)
        self._executor = make_executor()
        self._in_hand: dict[Future[R], _Attempt[J]] = {}
        self._again: deque[_Attempt[J]] = deque()
        self._alone: deque[_Attempt[J]] = deque()
        self._quarantined = False  # what is in hand runs alone
        self._stopped = False

    @property
    def in_hand(self) -> int:
        """How many jobs are running or about to."""
        return len(self._in_hand)

    def stop(self) -> None:
        """Begin nothing new; ``results`` then ends with what is in hand."""
        self._stopped = True

    def close(self) -> None:
        """Forget what has not begun, without waiting for the rest."""
        abandon(self._executor)

    def results(self) -> Iterator[tuple[J, R | Fault]]:
        """Results as they come. After an interrupt it may be called again, and goes on."""
        self._fill()
        while self._in_hand:
            done, _ = wait(self._in_hand, return_when=FIRST_COMPLETED)
            for future in done:
                attempt = self._in_hand.pop(future, None)
                if attempt is not None and (result := self._settle(future, attempt)) is not None:
                    yield attempt.job, result
                del future
            del done
            self._fill()

    def _settle(self, future: Future[R], attempt: _Attempt[J]) -> R | Fault | None:
        error = future.exception()
        if error is None:
            return future.result()
        if isinstance(error, BrokenExecutor):
            return self._broken(attempt, error)
        return self._fault(attempt, error, self._again)

    def _fault(self, attempt: _Attempt[J], error: BaseException, queue: deque[_Attempt[J]]) -> Fault | None:
        attempt.faults += 1
        if attempt.faults >= ATTEMPTS:
            return Fault(error)
        queue.append(attempt)
        return None

    def _broken(self, attempt: _Attempt[J], error: BaseException) -> Fault | None:
        suspects = [attempt, *self._in_hand.values()]
        self._in_hand.clear()
        self._renew()
        if len(suspects) == 1:
            return self._fault(attempt, error, self._alone)
        self._alone.extend(suspects)
        return None

    def _renew(self) -> None:
        abandon(self._executor)
        self._executor = self._make()

    def _fill(self) -> None:
        while not self._stopped and (attempt := self._next()) is not None:
            try:
                future = self._executor.submit(self._task, attempt.job)
            except BrokenExecutor:  # broke since the last result; what is in hand will say so itself
                self._renew()
                future = self._executor.submit(self._task, attempt.job)
            self._in_hand[future] = attempt

    def _next(self) -> _Attempt[J] | None:
        if not self._in_hand:
            self._quarantined = bool(self._alone)
        if self._quarantined or self._alone:
            return None if self._in_hand else self._alone.popleft()
        if len(self._in_hand) >= self._window:
            return None
        if self._again:
            return self._again.popleft()
        job = next(self._jobs, None)
        return None if job is None else _Attempt(job)
