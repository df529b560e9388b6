"""Wrong versions of dropout's forward function, for both of its forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit02.drawing import RNG, Array, floating
from autograder.exercises.unit04 import wording
from autograder.exercises.unit04.dropping import INVERTED, SCALED, Rule

Mask = Callable[[RNG, Array, float], Any]
Factor = Callable[[float], float]


def each_value(rng: RNG, x: Array, p: float) -> Array:
    """1 for what is kept."""
    return rng.random(x.shape) >= p


def dropping(rule: Rule, mask: Mask = each_value, training: Factor | None = None, evaluation: Factor | None = None,
             always: bool = False) -> Function:  # fmt: skip
    """Dropout by a rule, with another mask or other factors. ``always``: train is not looked at."""

    def forward(x: Array, p_drop: float, train: bool, *, rng: RNG) -> Any:
        x = floating(x)
        if train or always:
            factor = np.asarray(mask(rng, x, p_drop)) * (training or rule.training)(p_drop)
            factor = np.broadcast_to(factor, x.shape)
        else:
            factor = np.full(x.shape, (evaluation or rule.evaluation)(p_drop))
        factor = factor.astype(x.dtype)
        return x * factor, factor

    return forward


def wrapped(rule: Rule, change: Callable[..., Any]) -> Function:
    """The right result, changed: ``change(out, cache, x, p_drop, train)``."""

    def forward(x: Array, p_drop: float, train: bool, *, rng: RNG) -> Any:
        return change(*dropping(rule)(x, p_drop, train, rng=rng), x, p_drop, train)

    return forward


def exactly(rng: RNG, x: Array, p: float) -> Array:
    """A fixed number of values, at random places."""
    order = rng.permutation(x.size).reshape(x.shape)
    return order >= round(p * x.size)


def common(rule: Rule) -> tuple[Misconception, ...]:
    """What goes wrong in either form."""

    def in_place(x: Array, p_drop: float, train: bool, *, rng: RNG) -> Any:
        out, cache = dropping(rule)(x, p_drop, train, rng=rng)
        x[...] = out
        return out, cache

    def tables_only(x: Array, p_drop: float, train: bool, *, rng: RNG) -> Any:
        n, d = x.shape
        return dropping(rule)(x, p_drop, train, rng=rng)

    def own_rng(seed: int | None) -> Function:
        return lambda x, p_drop, train, *, rng: dropping(rule)(x, p_drop, train, rng=np.random.default_rng(seed))

    return (
        Misconception(
            "takes p for the share that is kept",
            dropping(rule, lambda rng, x, p: rng.random(x.shape) < p, lambda p: rule.training(1 - p), lambda p: rule.evaluation(1 - p)),
            "You keep the share p_drop and drop the rest. p_drop is the probability of dropping a value.",
            seen=22,
        ),
        Misconception(
            "keeps what it should drop",
            dropping(rule, lambda rng, x, p: rng.random(x.shape) < p),
            "The mask is the wrong way round: of numbers from 0 to 1, the share p_drop lies below p_drop. Those are the "
            "ones to drop.",
        ),
        Misconception(
            "draws normal numbers",
            dropping(rule, lambda rng, x, p: rng.normal(size=x.shape) >= p),
            "The share that you drop is not p_drop. Do you compare normal numbers with it? Numbers that are uniform "
            "from 0 to 1 lie below p_drop with just that probability.",
            seen=2,
        ),
        Misconception(
            "draws one mask for all rows",
            dropping(rule, lambda rng, x, p: rng.random(x.shape[1:]) >= p),
            "All examples lose the same values. Draw a number for each value of x: the mask has the whole shape of x.",
            seen=1,
        ),
        Misconception(
            "drops whole rows",
            dropping(rule, lambda rng, x, p: rng.random((len(x),) + (1,) * (x.ndim - 1)) >= p),
            "An example is either kept or lost as a whole. Draw a number for each value of x.",
        ),
        Misconception(
            "drops a fixed number of values",
            dropping(rule, exactly),
            "You drop exactly the same number of values each time. Each value is dropped for itself, so the number "
            "varies from call to call.",
        ),
        Misconception(
            "drops in evaluation, too",
            dropping(rule, always=True),
            "With train=False something is still dropped. In evaluation every value stays.",
        ),
        Misconception(
            "takes tables for granted",
            tables_only,
            "x may have any number of axes. Do not unpack its shape; x.shape serves as the shape of the mask.",
            seen=2,
        ),
        Misconception(
            "makes a generator of its own",
            own_rng(0),
            "Two calls drop the same values, since your function makes a generator with a fixed seed. Draw from rng.",
        ),
        Misconception(
            "ignores rng",
            own_rng(None),
            "With the same rng the same values should be dropped. You draw from something else, such as np.random.",
        ),
        Misconception(
            "returns float64 for float32",
            wrapped(rule, lambda out, cache, *_: (out.astype(np.float64), cache.astype(np.float64))),
            wording.FLOAT64,
        ),
        Misconception(
            "keeps integers",
            wrapped(rule, lambda out, cache, x, *_: (out.astype(x.dtype), cache)),
            wording.INTEGERS,
            seen=30,
        ),
        Misconception(
            "returns x itself in evaluation, integers or not",
            wrapped(rule, lambda out, cache, x, p, train: (out if train else out.astype(x.dtype), cache)),
            "In evaluation integers came out as integers. out is a float array in both cases.",
        ),
        Misconception("changes x in place", in_place, wording.IN_PLACE.format("x"), seen=27),
        Misconception("returns the result without the cache", wrapped(rule, lambda out, *_: out), wording.ONLY_OUT),
        Misconception(
            "keeps no cache in evaluation",
            wrapped(rule, lambda out, cache, x, p, train: (out, cache if train else None)),
            "With train=False the cache is None, and the backward pass cannot use that. What was x multiplied by?",
        ),
        Misconception(
            "keeps x in the cache",
            wrapped(rule, lambda out, cache, x, *_: (out, floating(x))),
            "The cache holds x. The backward pass needs what x was multiplied by.",
        ),
        Misconception(
            "keeps a mask of True and False",
            wrapped(rule, lambda out, cache, *_: (out, cache != 0)),
            "The cache says which values were kept, as True and False. It should hold the factor of each value, in x's "
            "float dtype.",
        ),
    )  # fmt: skip


INVERTED_MISTAKES = (
    *common(INVERTED),
    Misconception(
        "does not scale",
        dropping(INVERTED, training=lambda p: 1.0),
        "What is left is not made larger. On average the next layer now gets too little: by which factor?",
        seen=12,
    ),
    Misconception(
        "divides by p",
        dropping(INVERTED, training=lambda p: 1 / p if p else 1.0),
        "You divide by p_drop. Divide by the probability that a value is kept.",
    ),
    Misconception(
        "multiplies by the keep rate",
        dropping(INVERTED, training=lambda p: 1 - p),
        "What is left has become smaller. It must become larger, to make up for what is lost: is a / a *?",
    ),
    Misconception(
        "scales in evaluation, too",
        dropping(INVERTED, evaluation=lambda p: 1 - p),
        "In evaluation x must stay as it is: the inverted form has made up for the loss already, in training.",
        seen=5,
    ),
    Misconception(
        "is the lecture's form",
        dropping(SCALED),
        "This is the other form: nothing in training, the factor 1 − p in evaluation. Inverted dropout scales in training.",
    ),
    Misconception(
        "makes up for what was really dropped",
        dropping(INVERTED, lambda rng, x, p: (kept := each_value(rng, x, p)) / max(kept.mean(), 1e-9), lambda p: 1.0),
        "Your factor is another one at each call, since you count what is left. The formula has the probability in it.",
    ),
)  # fmt: skip

SCALED_MISTAKES = (
    *common(SCALED),
    Misconception(
        "is the inverted form",
        dropping(INVERTED),
        "This is inverted dropout. In this form training only drops, and it is evaluation that scales.",
    ),
    Misconception(
        "does not scale in evaluation",
        dropping(SCALED, evaluation=lambda p: 1.0),
        "In evaluation nothing is dropped, so the next layer gets more than it was trained with: by which factor?",
    ),
    Misconception(
        "multiplies by p in evaluation",
        dropping(SCALED, evaluation=lambda p: p),
        "In evaluation you multiply by p_drop. Multiply by the probability that a value is kept.",
        seen=12,
    ),
    Misconception(
        "divides in evaluation",
        dropping(SCALED, evaluation=lambda p: 1 / (1 - p)),
        "In evaluation the values become larger. There are more of them than in training, so each must count less.",
    ),
    Misconception(
        "scales in training, too",
        dropping(SCALED, training=lambda p: 1 / (1 - p)),
        "You make up for the loss in training and in evaluation, which is once too often. This form leaves what is kept "
        "as it is.",
    ),
    Misconception(
        "multiplies by the keep rate in training, too",
        dropping(SCALED, training=lambda p: 1 - p),
        "What is kept has become smaller in training. In this form the factor belongs to evaluation alone.",
    ),
)
