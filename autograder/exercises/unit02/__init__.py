"""Unit 2, backpropagation: its exercises, in the order of the notebook."""

from __future__ import annotations

from autograder.exercises.unit02 import (
    backward_pass,
    checkpoints,
    dense_gradients,
    derivation,
    differences,
    forward_pass,
    hunts,
    orders,
    relative_errors,
    rules,
    sigmoid_loss,
    softmax_loss,
    spreading,
    squared_error,
    two_layers,
)

EXERCISES = (
    differences.EXERCISE,
    relative_errors.EXERCISE,
    squared_error.EXERCISE,
    softmax_loss.EXERCISE,
    sigmoid_loss.EXERCISE,
    derivation.EXERCISE,
    dense_gradients.EXERCISE,
    two_layers.EXERCISE,
    forward_pass.EXERCISE,
    backward_pass.EXERCISE,
    checkpoints.EXERCISE,
    rules.EXERCISE,
    orders.EXERCISE,
    spreading.EXERCISE,
    *hunts.EXERCISES,
)
