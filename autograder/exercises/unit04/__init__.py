"""Unit 4, overfitting: its exercises, in the order of the notebook."""

from __future__ import annotations

from autograder.exercises.unit04 import batchnorm, dropout, hunts, penalties, stopping

EXERCISES = (
    *stopping.EXERCISES,
    *penalties.EXERCISES,
    *dropout.EXERCISES,
    *batchnorm.EXERCISES,
    *hunts.EXERCISES,
)
