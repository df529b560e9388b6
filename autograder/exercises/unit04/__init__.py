"""Unit 4, overfitting: its exercises, in the order of the notebook."""

from __future__ import annotations

from autograder.exercises.unit04 import batchnorm, dropout, hunts, penalties, stopping
from autograder.exercises.unit04.audio import AUDIO
from autograder.exercises.unit04.images import IMAGES
from autograder.exercises.unit04.text import TEXT

EXERCISES = (
    *stopping.EXERCISES,
    *penalties.EXERCISES,
    *dropout.EXERCISES,
    *batchnorm.EXERCISES,
    *IMAGES,
    *TEXT,
    *AUDIO,
    *hunts.EXERCISES,
)
