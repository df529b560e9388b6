"""Unit 3, SGD and optimizers: its exercises, in the order of the notebook."""

from __future__ import annotations

from autograder.exercises.unit03 import (
    adaptive,
    batches,
    clipping,
    cosines,
    decays,
    hunts,
    momentum,
    training,
    weights,
)

EXERCISES = (
    momentum.SGD,
    batches.EXERCISE,
    decays.STEP,
    decays.EXPONENTIAL,
    cosines.COSINE,
    cosines.WARMUP,
    momentum.MOMENTUM,
    momentum.NESTEROV,
    adaptive.RMSPROP,
    adaptive.ADAM,
    weights.XAVIER,
    weights.HE,
    clipping.GLOBAL_NORM,
    clipping.BY_VALUE,
    training.EXERCISE,
    *hunts.EXERCISES,
)
