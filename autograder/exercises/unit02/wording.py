"""Sentences that several exercises of the unit share, with a place for what differs."""

from __future__ import annotations

FLOAT64 = (
    "float32 came in, float64 went out. np.zeros(shape), np.ones(shape) and np.eye(n) make float64: give them the "
    "dtype of the input."
)
INTEGERS = (
    "Integers came in, and integers went out, with the digits behind the point cut off. Convert the input first: "
    "as_float(…). A gradient made with np.zeros_like of an integer array holds integers only."
)
IN_PLACE = (
    "{0} was changed in place (by -=, *= or {0}[…] = …). It belongs to the caller, who may still need it: make a new "
    "array in place of it."
)
DIVIDES_BY_N = (
    "{0} is N times too small: the loss already averages over the batch, so no backward function divides by N."
)
NOT_DIVIDED = (
    "The loss is a mean over the N examples, so the factor 1/N is in its gradient too: {0} is N times too large."
)
SIGN = "Only the sign of {0} is wrong: it is prediction minus target, since the loss grows where that grows."
LOSS_ALONE = "Two things are asked for: the loss and its gradient. End with: return loss, {0}."
ROW = "{0} must have the shape of {1}, one axis: leave out keepdims=True."
MEAN_OF_ALL = (
    "You average over all numbers. Only the batch is averaged: within an example, the outputs are added up. Divide by "
    "N = len({0})."
)
EXP_OVERFLOWS = "exp of a large number is inf, and inf / inf is nan. Rewrite the formula so that exp only gets numbers up to 0."
