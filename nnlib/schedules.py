"""Learning rates that change with time: pure functions of the step (or epoch), counted from 0."""

import math

__all__ = ["cosine_annealing", "exponential_decay", "step_decay", "warmup_cosine"]


def step_decay(lr: float, step: int, every: int, factor: float = 0.1) -> float:
    """lr · factor^⌊step / every⌋: multiplied by `factor` after each `every` steps."""
    _check(step, every=every)
    return lr * factor ** (step // every)


def exponential_decay(lr: float, step: int, rate: float) -> float:
    """lr · exp(−rate · step)."""
    _check(step)
    return lr * math.exp(-rate * step)


def cosine_annealing(lr: float, step: int, total: int, least: float = 0.0) -> float:
    """From lr at step 0 down to `least` at step `total`, along half a cosine; `least` afterwards.

    least + ½ (lr − least)(1 + cos(π · step / total)). Loshchilov and Hutter, "SGDR" (ICLR 2017).
    """
    _check(step, total=total)
    return least + 0.5 * (lr - least) * (1 + math.cos(math.pi * min(step, total) / total))


def warmup_cosine(lr: float, step: int, warmup: int, total: int, least: float = 0.0) -> float:
    """lr · (step + 1) / warmup for the first `warmup` steps, then cosine annealing to `least` at step `total`.

    Raises ValueError unless 0 ≤ warmup < total.
    """
    if not 0 <= warmup < total:
        raise ValueError(f"warmup must lie in [0, total) with total = {total}, got {warmup}")
    if step < warmup:
        _check(step)
        return lr * (step + 1) / warmup
    return cosine_annealing(lr, step - warmup, total - warmup, least)


def _check(step: int, **lengths: int) -> None:
    if step < 0:
        raise ValueError(f"step counts from 0, got {step}")
    for name, length in lengths.items():
        if length < 1:
            raise ValueError(f"{name} must be at least 1, got {length}")
