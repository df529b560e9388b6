"""Sentences that several exercises of the unit share, with a place for what differs."""

from __future__ import annotations

UNIT = "06_architectures"
FLOAT64 = (
    "float32 came in, float64 went out: somewhere an array is made with the default dtype. Give it x's dtype, or let "
    "NumPy keep it."
)
INTEGERS = "Integers came in, and integers went out, cut off. Convert them to a float dtype before you compute."
IN_PLACE = "{0} was changed in place, and the caller still needs it. Make a new array: a = a + b, not a += b."
ONLY_OUT = "A forward function returns two things: the result and the cache. End with: return out, cache."
DIVIDES_BY_N = (
    "{0} N times too small: the loss already averages over the batch, so no backward function divides by N."
)
SLOPE_AT_0 = "Where z is exactly 0, ReLU's derivative is 0 by our convention: the mask is z > 0, not z >= 0."
ASSERT = "assert raises an AssertionError, and Python can be told to skip it. Use: if …: raise ValueError(…)."
