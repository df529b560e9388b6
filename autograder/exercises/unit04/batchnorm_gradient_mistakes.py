"""Wrong versions of batch norm's backward function."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Misconception
from autograder.exercises.unit02.drawing import Array, floating
from autograder.exercises.unit04 import wording
from autograder.exercises.unit04.recipes import count, gradient, over

right = gradient()


def nothing(g: Array, x_hat: Array) -> float:
    """A path that was forgotten."""
    return 0.0


def dout_in_place(dout: Array, cache: Any) -> Any:
    """dout *= gamma"""
    found = right(dout.copy(), cache)
    dout *= 2
    return found


def cache_in_place(dout: Array, cache: Any) -> Any:
    """x -= mean, on the cache's x."""
    found = right(dout, cache)
    if cache[0].dtype.kind == "f":
        cache[0][...] = 0
    return found


def from_x(x: Array, mean: Any, std: Any) -> tuple[Any, Any]:
    """Statistics of x, made anew and without eps."""
    return x.mean(axis=over(x)), np.sqrt(x.var(axis=over(x)))


def variance_of_x(x: Array, mean: Any, std: Any) -> tuple[Any, Any]:
    """Statistics of x, with the usual eps."""
    return x.mean(axis=over(x)), np.sqrt(x.var(axis=over(x)) + 1e-5)


def usual_eps_in_training(dout: Array, cache: Any) -> Any:
    """std from x and 1e-5, where it is that of the batch."""
    return (gradient(statistics=variance_of_x) if cache[4] else right)(dout, cache)


def no_gamma_in_evaluation(dout: Array, cache: Any) -> Any:
    """dout / std."""
    return (right if cache[4] else gradient(dx_hat=lambda dout, gamma: dout))(dout, cache)


def gamma_everywhere(dout: Array, cache: Any) -> Any:
    """dout *= gamma at the very beginning."""
    dx, dgamma, dbeta = right(dout, cache)
    return dx, dgamma * floating(cache[1]), dbeta * floating(cache[1])


COMMON = (
    Misconception(
        "takes mean and variance for constants",
        gradient(trained=lambda train: False),
        "You treat mean and std as constants. In training both are made of x, so x acts on the loss by two more ways.",
    ),
    Misconception(
        "forgets the way through the variance",
        gradient(through_var=nothing),
        "One way is missing: x changes the variance, and the variance changes every value of its feature.",
        seen=3,
    ),
    Misconception(
        "forgets the way through the mean",
        gradient(through_mean=nothing),
        "One way is missing: x changes the mean, and the mean is subtracted from every value of its feature.",
        seen=3,
    ),
    Misconception(
        "goes through the statistics in evaluation, too",
        gradient(trained=lambda train: True),
        "In evaluation mean and std come from the state, and x does not change them. Look at train in the cache.",
    ),
    Misconception(
        "has the way through the variance twice",
        gradient(through_var=lambda g, x_hat: 2 * x_hat * (g * x_hat).mean(axis=over(g), keepdims=True)),
        "The way through the variance is twice too strong. The 2 of the square and the ½ of the root cancel.",
        seen=3,
    ),
    Misconception(
        "adds the way through the variance",
        gradient(through_var=lambda g, x_hat: -x_hat * (g * x_hat).mean(axis=over(g), keepdims=True)),
        "The way through the variance has the wrong sign: a larger spread makes every normalised value smaller.",
        seen=3,
    ),
    Misconception(
        "forgets the normalised value in the third term",
        gradient(through_var=lambda g, x_hat: (g * x_hat).mean(axis=over(g), keepdims=True)),
        "In the third term ⟨g · x_hat⟩ is still multiplied by x_hat: values far from the mean change the variance most.",
        seen=3,
    ),
    Misconception(
        "sums where a mean belongs",
        gradient(
            through_mean=lambda g, x_hat: g.sum(axis=over(g), keepdims=True),
            through_var=lambda g, x_hat: x_hat * (g * x_hat).sum(axis=over(g), keepdims=True),
        ),
        "In dx the angle brackets are means, not sums: divide by the number of values that share a mean.",
        seen=3,
    ),
    Misconception(
        "forgets gamma",
        gradient(dx_hat=lambda dout, gamma: dout),
        "gamma is missing in dx. On the way forward x_hat was multiplied by it.",
    ),
    Misconception(
        "divides by gamma",
        gradient(dx_hat=lambda dout, gamma: dout / gamma),
        "You divide dout by gamma. The derivative of gamma · x_hat is gamma, so multiply.",
    ),
    Misconception(
        "forgets to divide by std",
        gradient(divided=lambda g, std: g),
        "dx is not divided by std. On the way forward x − mean was.",
    ),
    Misconception(
        "divides by the variance",
        gradient(divided=lambda g, std: g / std**2),
        "dx is divided by std twice. Once is enough: x_hat has the other one in it already.",
    ),
    Misconception(
        "multiplies by x in dgamma",
        gradient(dgamma=lambda dout, x_hat, x, std: (dout * x).sum(axis=over(dout))),
        "dgamma has x in it. What gamma was multiplied by is the normalised x.",
    ),
    Misconception(
        "forgets std in dgamma",
        gradient(dgamma=lambda dout, x_hat, x, std: (dout * x_hat * std).sum(axis=over(dout))),
        "In dgamma x − mean is not divided by std. What gamma was multiplied by is the normalised x.",
    ),
    Misconception(
        "has gamma in dgamma and dbeta",
        gamma_everywhere,
        "gamma is a factor of dgamma and dbeta in your function. These two begin at out, before gamma: with dout itself.",
    ),
    Misconception(
        "averages dgamma and dbeta",
        gradient(
            dgamma=lambda dout, x_hat, x, std: (dout * x_hat).mean(axis=over(dout)),
            dbeta=lambda dout: dout.mean(axis=over(dout)),
        ),
        "dgamma and dbeta are means. gamma and beta act on every example, and these influences add up: sums.",
    ),
    Misconception(
        "averages dbeta alone",
        gradient(dbeta=lambda dout: dout.mean(axis=over(dout))),
        "dbeta is a mean. beta is added to every example, and these influences add up: a sum.",
    ),
    Misconception(
        "computes the statistics anew",
        gradient(statistics=variance_of_x),
        "You compute mean and std of x again, with an eps of your own. Take both from the cache: in evaluation they are "
        "not those of x, and eps may have been another one.",
    ),
    Misconception(
        "computes the statistics anew, without eps",
        gradient(statistics=from_x),
        "You compute mean and std of x again, without eps. Take both from the cache.",
    ),
    Misconception(
        "takes the usual eps for granted",
        usual_eps_in_training,
        "In training you compute std from x with an eps of 1e-5. It may have been another one: take std from the cache.",
    ),
    Misconception(
        "forgets gamma in evaluation",
        no_gamma_in_evaluation,
        "In evaluation dx has no gamma in it. Only the ways through mean and variance fall away there.",
        seen=2,
    ),
    Misconception(
        "knows no evaluation",
        lambda dout, cache: right(dout, cache) if cache[4] else None,
        "With train=False in the cache you return None. The gradients exist then, too, and they are simpler.",
    ),
    Misconception(
        "divides by N",
        gradient(result=lambda dx, dgamma, dbeta: (dx / len(dx), dgamma / len(dx), dbeta / len(dx))),
        wording.DIVIDES_BY_N.format("Each gradient"),
    ),
    Misconception(
        "exchanges dgamma and dbeta",
        gradient(result=lambda dx, dgamma, dbeta: (dx, dbeta, dgamma)),
        "dgamma and dbeta are exchanged. Gradients come in the order of the inputs: x, gamma, beta.",
    ),
    Misconception(
        "returns rows of gradients",
        gradient(result=lambda dx, dgamma, dbeta: (dx, dgamma[None], dbeta[None])),
        "dgamma and dbeta have one axis too many. They have the shape of gamma: leave out keepdims=True.",
        seen=8,
    ),
    Misconception(
        "returns dx alone",
        lambda dout, cache: right(dout, cache)[0],
        "Three gradients are asked for: return dx, dgamma, dbeta.",
    ),
    Misconception(
        "returns float64 for float32",
        gradient(dtype=lambda array: np.float64),
        "float32 came in, float64 went out. np.zeros(shape) and np.ones(shape) make float64: give them the dtype.",
    ),
    Misconception(
        "makes gradients of integers",
        lambda dout, cache: tuple(
            d.astype(cache[0].dtype if i == 0 else cache[1].dtype) for i, d in enumerate(right(dout, cache))
        ),
        wording.INTEGERS,
        seen=30,
    ),
    Misconception("changes dout in place", dout_in_place, wording.IN_PLACE.format("dout"), seen=27),
    Misconception("changes the cache in place", cache_in_place, wording.IN_PLACE.format("x in the cache"), seen=27),
)  # fmt: skip


def along(axis: Any) -> Any:
    """Means over other axes in dx."""
    return gradient(
        through_mean=lambda g, x_hat: g.mean(axis=axis, keepdims=True),
        through_var=lambda g, x_hat: x_hat * (g * x_hat).mean(axis=axis, keepdims=True),
    )


TABLE_MISTAKES = (
    *COMMON,
    Misconception(
        "takes means over the features",
        along(1),
        "In dx your means go along a row. A feature shares its mean with the other examples: axis 0.",
        seen=4,
    ),
    Misconception(
        "takes one mean of everything",
        along(None),
        "In dx you take one mean of all numbers. Each feature has its own: axis 0.",
        seen=4,
    ),
)


def by_images(g: Array) -> float:
    """How many times too large a mean is that is divided by N alone."""
    return count(g) / len(g)


IMAGE_MISTAKES = (
    *COMMON,
    Misconception(
        "takes means over the batch only",
        along(0),
        "In dx your means go over the images only. A channel shares its mean with all places, too: axes (0, 2, 3).",
        seen=1,
    ),
    Misconception(
        "takes means of each image",
        along((2, 3)),
        "In dx your means go over one image. A channel shares its mean with all images, too: axes (0, 2, 3).",
        seen=4,
    ),
    Misconception(
        "divides by the number of images",
        gradient(
            through_mean=lambda g, x_hat: by_images(g) * g.mean(axis=over(g), keepdims=True),
            through_var=lambda g, x_hat: by_images(g) * x_hat * (g * x_hat).mean(axis=over(g), keepdims=True),
        ),
        "The means in dx are divided by N. N · H · W values share a mean here.",
        seen=3,
    ),
    Misconception(
        "sums dgamma and dbeta over the batch only",
        gradient(
            dgamma=lambda dout, x_hat, x, std: (dout * x_hat).sum(axis=0),
            dbeta=lambda dout: dout.sum(axis=0),
        ),
        "dgamma and dbeta still have height and width. gamma acts at every place, so sum over these, too.",
    ),
    Misconception(
        "assumes square images",
        lambda dout, cache: right(dout.reshape(*dout.shape[:3], dout.shape[2]), cache),
        "Height and width are not always equal. Read both from the shape.",
        seen=5,
    ),
)  # fmt: skip
