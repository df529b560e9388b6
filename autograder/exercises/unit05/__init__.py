"""Unit 5, convolution and pooling: its exercises, in the order of the notebook."""

from __future__ import annotations

from autograder.exercises import pooling
from autograder.exercises.unit05 import columns, convolution, convolution_gradients, correlation, hunts, race, sizes

EXERCISES = (
    sizes.EXERCISE,
    correlation.EXERCISE,
    convolution.EXERCISE,
    columns.EXERCISE,
    convolution_gradients.EXERCISE,
    column_sums.EXERCISE,
    *pooling.EXERCISES,
    *hunts.EXERCISES,
    race.EXERCISE,
)
