"""Augmenting text: words exchanged, put in, left out."""

from __future__ import annotations

from autograder.exercises.unit04 import deletions, insertions, replacements

TEXT = (replacements.EXERCISE, insertions.EXERCISE, deletions.EXERCISE)
