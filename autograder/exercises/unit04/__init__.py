"""Unit 4, overfitting: its exercises, in the order of the notebook."""

from __future__ import annotations

from autograder.exercises.unit04.audio import AUDIO
from autograder.exercises.unit04.images import IMAGES
from autograder.exercises.unit04.text import TEXT

EXERCISES = (*IMAGES, *TEXT, *AUDIO)
