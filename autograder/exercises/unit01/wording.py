"""Sentences that several exercises of the unit share, with a place for what differs."""

from __future__ import annotations

FLOAT64 = (
    "float32 came in, float64 went out. An array made with np.zeros or np.ones alone is float64, and so is what is "
    "computed with it: give it the dtype of what came in."
)
INTEGERS = "Integers came in, and integers went out: everything behind the point is cut off. Use as_float first."
GRADIENT_OF_INTEGERS = (
    "np.zeros_like of an integer array holds integers only, and the digits of the gradient are cut off. Make it of a "
    "float dtype: convert z first with as_float."
)
IN_PLACE = (
    "The array {0} that came in was changed, and the caller still needs it. Make a new array, or work on a copy."
)
DOUT_IN_PLACE = (
    "dout belongs to the caller, who may still need it, and a second call would get other numbers. Write a product "
    "into a new array, not dout *= … or dout[…] = …."
)
CACHE_IN_PLACE = "The cache was changed in place: a second call would find other numbers in it. Work on a copy."
ONLY_OUT = "A forward function returns two things: the result and the cache. End with: return a, cache."
BOTH_BRANCHES = (
    "The result is right, but np.where works out both formulas for every z and only then picks one: for large |z| the "
    "one that is thrown away overflows, and NumPy warns. Which form of exp never gets a positive number, whatever the "
    "sign of z?"
)
SILENCED = (
    "The warning is silenced, the overflow is still there: for z far below 0, exp(−z) is inf, and the result is 0 where "
    "a tiny number belongs. "
)
ONE_NUMBER = (
    "`if z > 0` asks one question, but z holds many numbers, and NumPy refuses to guess. Compute for all of them at "
    "once: np.where, np.maximum, or a product with a mask."
)
TWO_AXES = (
    "Your loops know rows and columns only. z may have any shape, a vector or a batch of images: let NumPy compute "
    "all numbers at once."
)
FIRST_EXAMPLE = "Only the first example is right, the others stay 0. Does `return` stand inside the loop?"
CACHE = "The result is right, the cache is not. It must hold {0}, because the backward pass computes from {0}."

FORGETS_DOUT = (
    "This is the slope alone. The chain rule has two factors: how the loss depends on a (that is dout), and how a "
    "depends on z (the slope)."
)
DIVIDES_BY_N = (
    "dz is N times too small: the loss already averages over the batch, so no backward function divides by N."
)
SUMS = "dz must have z's shape: every number in z has a slope of its own. Nothing is added up over the batch here."
SQUEEZES = (
    "dz must have z's shape, also where an axis has length 1. Something here drops such axes: squeeze, or [0]."
)
MAKES_A_TABLE = (
    "dz must have z's shape, whatever that is: a vector, a table, a batch of images. Leave the reshape out."
)
TUPLE = "Only z has a gradient: return dz alone, not a tuple."
MATRIX = "dout and the slope belong together number by number: multiply with *, not with @."
ADDS = "The chain rule multiplies: dout and the slope are two factors, not two summands."
