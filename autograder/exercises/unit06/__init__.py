"""Unit 6, CNN architectures: its exercises, in the order of the notebook."""

from __future__ import annotations

from autograder.exercises.unit06 import costs, depthwise, fields, hunts, inception, lenet, residual, training

EXERCISES = (
    costs.EXERCISE,
    fields.EXERCISE,
    lenet.FORWARD,
    lenet.BACKWARD,
    training.EXERCISE,
    inception.FORWARD,
    inception.BACKWARD,
    residual.FORWARD,
    residual.BACKWARD,
    depthwise.FORWARD,
    depthwise.BACKWARD,
    *hunts.EXERCISES,
)
