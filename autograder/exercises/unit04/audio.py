"""Augmenting sound: with noise, and at another speed."""

from __future__ import annotations

from autograder.exercises.unit04 import noises, stretching

AUDIO = (noises.EXERCISE, stretching.EXERCISE)
