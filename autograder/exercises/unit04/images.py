"""Augmenting images: moved, mirrored, cropped, in other colours; and a bug hunt."""

from __future__ import annotations

from autograder.exercises.unit04 import augmentation_hunt, crops, flips, jitters, shifts

IMAGES = (shifts.EXERCISE, flips.EXERCISE, crops.EXERCISE, augmentation_hunt.EXERCISE, jitters.EXERCISE)
