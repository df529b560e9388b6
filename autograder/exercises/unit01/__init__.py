"""Unit 1, activations: its exercises, in the order of the notebook."""

from __future__ import annotations

from autograder.exercises.unit01 import (
    collapse,
    counting,
    dense,
    hunts,
    leaky_relu,
    relu,
    sigmoid,
    softmax,
    swish,
    tanh,
)

EXERCISES = (
    dense.EXERCISE,
    collapse.EXERCISE,
    relu.FORWARD,
    counting.EXERCISE,
    relu.BACKWARD,
    sigmoid.FORWARD,
    sigmoid.BACKWARD,
    tanh.FORWARD,
    tanh.BACKWARD,
    leaky_relu.FORWARD,
    leaky_relu.BACKWARD,
    swish.FORWARD,
    swish.BACKWARD,
    softmax.EXERCISE,
    *hunts.EXERCISES,
)
