"""Augmenting images: mirrored, cropped, moved, in other colours."""

from __future__ import annotations

from autograder.exercises.unit04 import crops, flips, jitters, shifts

IMAGES = (flips.EXERCISE, crops.EXERCISE, shifts.EXERCISE, jitters.EXERCISE)
