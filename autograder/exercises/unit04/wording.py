"""Sentences that several exercises of the unit share, with a place for what differs."""

from __future__ import annotations

FLOAT64 = (
    "float32 came in, float64 went out. rng.random(…), np.ones(shape) and np.float64 numbers turn float32 arrays into "
    "float64: convert them to the dtype of x first, as in astype(x.dtype)."
)
INTEGERS = (
    "Integers came in, and integers went out, with the digits behind the point cut off. Convert first: as_float(…) "
    "makes float64 of them."
)
IN_PLACE = (
    "{0} was changed in place (by *=, -= or {0}[…] = …). It belongs to the caller, who still needs it: make a new "
    "array instead."
)
ONLY_OUT = "Two things are asked for: the result and the cache. End with: return out, cache."
DIVIDES_BY_N = (
    "{0} is N times too small: the loss already averages over the batch, so no backward function divides by N."
)
TUPLE = "One array is asked for, not a tuple. Leave the comma after return dx away."
