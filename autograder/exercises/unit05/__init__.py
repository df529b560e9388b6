"""Unit 5, convolution and pooling: its exercises, in the order of the notebook."""

from __future__ import annotations

from autograder.exercises.unit05 import (
    average_pooling,
    column_sums,
    columns,
    convolution,
    convolution_gradients,
    correlation,
    global_pooling,
    hunts,
    max_pooling,
    race,
    sizes,
)

EXERCISES = (
    sizes.EXERCISE,
    correlation.EXERCISE,
    convolution.EXERCISE,
    columns.EXERCISE,
    convolution_gradients.EXERCISE,
    column_sums.EXERCISE,
    max_pooling.FORWARD,
    max_pooling.BACKWARD,
    average_pooling.FORWARD,
    average_pooling.BACKWARD,
    global_pooling.FORWARD,
    global_pooling.BACKWARD,
    *hunts.EXERCISES,
    race.EXERCISE,
)
