"""A bar that shows how far training is: the epoch, the last step's loss, the last validation."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nnlib.training.runs import Run

__all__ = ["shown"]


@contextmanager
def shown(wanted: bool, run: Run, epochs: int, steps: int) -> Iterator[Callable[[], None]]:
    """A bar for `epochs` of `steps` each, and what to call when the run's history has grown.

    Nothing is shown where it is not wanted, or rich, which draws it, is not installed.
    """
    try:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    except ImportError:
        wanted = False
    if not wanted:
        yield lambda: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[text]}")) as bar:
        task = bar.add_task("", total=epochs * steps, text="")

        def tick() -> None:
            done = run.history.step_losses
            text = f"loss {done[-1]:.4f}  {run.history.validation()}" if done else ""
            name = f"epoch {max(1, -(-len(done) // steps))}/{epochs}"
            bar.update(task, completed=len(done), description=name, text=text)

        tick()
        yield tick
