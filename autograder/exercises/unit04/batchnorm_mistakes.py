"""Wrong versions of batch norm's forward function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit02.drawing import Array, floating
from autograder.exercises.unit04 import wording
from autograder.exercises.unit04.recipes import count, forward, over

right = forward()


def after(change: Callable[..., Any]) -> Function:
    """The right result, changed: ``change((out, cache, state), x, …)``."""
    return lambda x, gamma, beta, state, train, *rest: change(
        right(x, gamma, beta, dict(state), train, *rest), x, state, train
    )


def state_filled_in_place(result: Any, x: Array, state: Any, train: bool) -> Any:
    """state["mean"] = …"""
    out, cache, new = result
    state.update(new)
    return out, cache, state


def arrays_changed_in_place(result: Any, x: Array, state: Any, train: bool) -> Any:
    """state["mean"] *= momentum, and so on."""
    out, cache, new = result
    for name in state if train else ():
        state[name][...] = new[name]
    return out, cache, new


def x_in_place(result: Any, x: Array, state: Any, train: bool) -> Any:
    """x -= mean"""
    if x.dtype.kind == "f":
        (_, gamma, mean, *rest), kept = result[1], x.copy()
        x -= mean if x.ndim == 2 else mean[:, None, None]
        return result[0], (kept, gamma, mean, *rest), result[2]
    return result


def cast(dtype: Callable[[Array], Any]) -> Function:
    """out and the state in another dtype."""

    def change(result: Any, x: Array, state: Any, train: bool) -> Any:
        out, cache, new = result
        return out.astype(dtype(x)), cache, {k: v.astype(dtype(x)) for k, v in new.items()}

    return after(change)


def cached(*items: str) -> Function:
    """A cache of these items."""
    return forward(
        cache=lambda x, x_hat, gamma, mean, var, std, train: tuple(
            {"x": x, "x_hat": x_hat, "gamma": gamma, "mean": mean, "var": var, "std": std, "train": train}[item]
            for item in items
        )
    )


COMMON = (
    Misconception(
        "uses the batch in evaluation",
        forward(uses_batch=lambda train: True),
        "With train=False you still use the batch's mean and variance. In evaluation the running ones of the state are "
        "used, so that an example's result does not depend on its neighbours.",
    ),
    Misconception(
        "uses the running statistics in training",
        forward(uses_batch=lambda train: False),
        "In training you normalise with the running statistics. There it is the batch's own mean and variance.",
    ),
    Misconception(
        "updates the state in evaluation",
        forward(updates=lambda train: True),
        "With train=False the state that you return is another one. Evaluation must not learn anything: return it as it "
        "came.",
    ),
    Misconception(
        "never updates the state",
        forward(updates=lambda train: False),
        "The state comes back as it was. In training a new one is returned, with a little of this batch in it.",
    ),
    Misconception(
        "exchanges the two parts of the running mean",
        forward(kept=lambda old, new, momentum: (1 - momentum) * old + momentum * new),
        "momentum and 1 − momentum are exchanged: here momentum is how much of the old value is kept. (PyTorch's momentum "
        "is the other part.)",
    ),
    Misconception(
        "adds up without momentum",
        forward(kept=lambda old, new, momentum: new),
        "Your state holds this batch's statistics alone. Most of the old ones must be kept.",
    ),
    Misconception(
        "divides by N minus 1",
        forward(var=lambda x: x.var(axis=over(x)) * (count(x) / max(count(x) - 1, 1))),
        "Your variance is a little too large: it is divided by the number of values minus 1. Here it is the plain mean of "
        "the squares, as x.var computes it by default.",
    ),
    Misconception(
        "keeps the other variance",
        forward(kept_var=lambda var, x, eps: var * (count(x) / max(count(x) - 1, 1))),
        "out is right, but the running variance is not: you divide by the number of values minus 1 there. (PyTorch does; "
        "this course keeps the same variance in both places.)",
    ),
    Misconception(
        "puts eps outside the root",
        forward(std=lambda var, eps, train: np.sqrt(var) + eps),
        "eps belongs under the root, added to the variance. You add it to the root.",
        seen=4,
    ),
    Misconception(
        "forgets eps in evaluation",
        forward(std=lambda var, eps, train: np.sqrt(var + eps) if train else np.sqrt(var)),
        "In evaluation eps is missing. The formula is the same as in training, only with other statistics.",
        seen=6,
    ),
    Misconception(
        "forgets eps",
        forward(std=lambda var, eps, train: np.sqrt(var)),
        "eps is missing. For a feature that is constant the variance is 0, and you divide by it.",
    ),
    Misconception(
        "keeps eps in the running variance",
        forward(kept_var=lambda var, x, eps: var + eps),
        "eps has got into the running variance. It only belongs into the root, at the moment of dividing.",
        seen=5,
    ),
    Misconception(
        "has eps built in",
        forward(settings=lambda momentum, eps: (momentum, 1e-5)),
        "eps is not used: you have 1e-5 built in.",
    ),
    Misconception(
        "has momentum built in",
        forward(settings=lambda momentum, eps: (0.9, eps)),
        "momentum is not used: you have 0.9 built in.",
    ),
    Misconception(
        "forgets gamma and beta in evaluation",
        forward(affine=lambda x_hat, gamma, beta, train: gamma * x_hat + beta if train else x_hat),
        "In evaluation gamma and beta are missing. They were learned to be used: the last line is the same in both cases.",
        seen=2,
    ),
    Misconception(
        "forgets gamma and beta",
        forward(affine=lambda x_hat, gamma, beta, train: x_hat),
        "gamma and beta are not used. They scale and shift what has been normalised.",
    ),
    Misconception(
        "multiplies beta by gamma",
        forward(affine=lambda x_hat, gamma, beta, train: gamma * (x_hat + beta)),
        "beta is multiplied by gamma, too. First scale, then shift.",
    ),
    Misconception(
        "exchanges gamma and beta",
        forward(affine=lambda x_hat, gamma, beta, train: beta * x_hat + gamma),
        "gamma and beta are exchanged: gamma is the factor, beta is added.",
    ),
    Misconception(
        "divides by the variance",
        forward(std=lambda var, eps, train: var + eps),
        "You divide by the variance. Divide by its root, the standard deviation, or the spread does not become 1.",
    ),
    Misconception(
        "does not subtract the mean",
        forward(mean=lambda x: np.zeros(x.shape[1])),
        "The mean is not subtracted in training, or taken to be 0.",
    ),
    Misconception(
        "takes one mean for all values",
        forward(mean=lambda x: np.full(x.shape[1], x.mean()), var=lambda x: np.full(x.shape[1], x.var())),
        "You take one mean and one variance of all numbers. Each feature (of images each channel) has its own.",
        seen=4,
    ),
    Misconception(
        "computes the variance from two large means",
        forward(var=lambda x: (x**2).mean(axis=over(x)) - x.mean(axis=over(x)) ** 2),
        "E[x²] − E[x]² loses its digits where the mean is large and the spread is small: two large numbers nearly cancel. "
        "Subtract the mean first, then square.",
    ),
    Misconception(
        "begins with variance 0",
        forward(beginning=lambda mean, var: (np.zeros_like(mean), np.zeros_like(var))),
        "With an empty state the running variance begins at 0. It begins at 1: {} stands for mean 0 and variance 1.",
    ),
    Misconception(
        "begins with the first batch",
        forward(beginning=lambda mean, var: (mean, var)),
        "With an empty state you take over the first batch's statistics whole. {} stands for mean 0 and variance 1, and "
        "the update is as always.",
    ),
    Misconception(
        "keeps the standard deviation as variance",
        forward(kept_var=lambda var, x, eps: np.sqrt(var)),
        'The root of the variance got into state["var"]. Keep the variance itself.',
    ),
    Misconception(
        "fills the caller's state",
        after(state_filled_in_place),
        'The caller\'s state has changed: state["mean"] = … writes into the dict that came in. Make a new dict.',
        seen=27,
    ),
    Misconception(
        "changes the running arrays in place",
        after(arrays_changed_in_place),
        'The arrays in the caller\'s state have changed, by something like state["mean"] *= momentum. Make new arrays.',
        seen=27,
    ),
    Misconception("changes x in place", after(x_in_place), wording.IN_PLACE.format("x"), seen=27),
    Misconception(
        "returns the result alone",
        after(lambda result, *_: result[0]),
        "Three things are asked for: return out, cache, state.",
    ),
    Misconception(
        "returns no state",
        after(lambda result, *_: result[:2]),
        "The state is missing. What the layer has learned about the batches must come back: return out, cache, state.",
    ),
    Misconception(
        "returns no state in evaluation",
        after(lambda result, x, state, train: (*result[:2], result[2] if train else None)),
        "In evaluation you return None for the state. Return the one that came in, so that it is not lost.",
    ),
    Misconception(
        "keeps the normalised values in the cache",
        cached("x_hat", "gamma", "mean", "std", "train"),
        "The first item of the cache is the normalised x. The documented cache holds x as it came in.",
    ),
    Misconception(
        "keeps the variance in the cache",
        cached("x", "gamma", "mean", "var", "train"),
        "The fourth item of the cache is the variance. The documented one is std, the root with eps under it.",
    ),
    Misconception(
        "keeps no flag in the cache",
        cached("x", "gamma", "mean", "std"),
        "The cache has no train in it. The gradient in training is another one than in evaluation, so backward must know.",
    ),
    Misconception(
        "returns float64 for float32",
        cast(lambda x: np.float64),
        "float32 came in, float64 went out. np.zeros(D) and np.ones(D) make float64: give them the dtype of x.",
    ),
    Misconception(
        "keeps integers", cast(lambda x: x.dtype), wording.INTEGERS, seen=30
    ),
)  # fmt: skip

TABLE_MISTAKES = (
    *COMMON,
    Misconception(
        "takes the mean of each example",
        forward(mean=lambda x: x.mean(axis=1, keepdims=True), var=lambda x: x.var(axis=1, keepdims=True)),
        "Your statistics go along a row, over the features of one example. They go down a column, over the batch: axis 0.",
        seen=4,
    ),
    Misconception(
        "keeps rows of statistics",
        forward(mean=lambda x: x.mean(axis=0, keepdims=True), var=lambda x: x.var(axis=0, keepdims=True)),
        "The statistics have shape (1, D). In the state and in the cache they are (D,): leave out keepdims=True.",
    ),
)

IMAGE_MISTAKES = (
    *COMMON,
    Misconception(
        "takes statistics of each pixel",
        forward(mean=lambda x: x.mean(axis=0), var=lambda x: x.var(axis=0)),
        "Each pixel has a mean of its own in your function. A channel shares one mean over all images and all places.",
        seen=1,
    ),
    Misconception(
        "takes statistics of each image",
        forward(
            mean=lambda x: x.mean(axis=(2, 3), keepdims=True), var=lambda x: x.var(axis=(2, 3), keepdims=True)
        ),
        "Each image has a mean of its own in your function. The mean goes over the batch, too.",
        seen=4,
    ),
    Misconception(
        "takes statistics over the channels",
        forward(mean=lambda x: x.mean(axis=1, keepdims=True), var=lambda x: x.var(axis=1, keepdims=True)),
        "Your mean goes over the channels. Each channel keeps its own: the mean goes over all the other axes.",
        seen=4,
    ),
    Misconception(
        "reshapes without moving the channels",
        forward(
            mean=lambda x: x.reshape(-1, x.shape[1]).mean(axis=0), var=lambda x: x.reshape(-1, x.shape[1]).var(axis=0)
        ),
        "reshape(-1, C) alone mixes the channels up, since they are not the last axis. Move that axis to the end first, "
        "or take the mean over axes (0, 2, 3).",
    ),
    Misconception(
        "divides by the number of images",
        forward(
            mean=lambda x: x.sum(axis=(0, 2, 3)) / len(x),
            var=lambda x: ((x - x.mean(axis=(0, 2, 3), keepdims=True)) ** 2).sum(axis=(0, 2, 3)) / len(x),
        ),
        "The sums are divided by N. A channel has N · H · W values, and the mean is over all of them.",
    ),
    Misconception(
        "assumes square images",
        lambda x, *rest: right(x.reshape(*x.shape[:3], x.shape[2]), *rest),
        "Height and width are not always equal. Read both from the shape.",
        seen=5,
    ),
    Misconception(
        "keeps statistics with four axes",
        forward(
            mean=lambda x: floating(x).mean(axis=(0, 2, 3), keepdims=True),
            var=lambda x: floating(x).var(axis=(0, 2, 3), keepdims=True),
        ),
        "The statistics have shape (1, C, 1, 1). In the state and in the cache they are (C,).",
    ),
)  # fmt: skip
