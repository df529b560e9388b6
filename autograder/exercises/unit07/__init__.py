"""Unit 7, the capstone: its exercises, in the order of the notebook."""

from __future__ import annotations

from autograder.exercises.unit07 import classifier, hunts, intervals

EXERCISES = (intervals.EXERCISE, hunts.EXERCISE, classifier.EXERCISE)
