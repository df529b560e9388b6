"""Sentences that several exercises of the unit share, with a place for what differs."""

from __future__ import annotations

STRIDE = "The result is right for stride 1 only. Window i starts at pixel i * stride, not at pixel i."
SQUARE = (
    "Height and width are not always equal. Read both from the shape, and use OH with the rows and OW with the "
    "columns everywhere."
)
FLOAT64 = (
    "float32 came in, float64 went out. np.zeros(shape) makes float64: give it the dtype, as in "
    "np.zeros(shape, x.dtype)."
)
INTEGERS = "Integers came in, and integers went out. Convert them first: as_float(…) makes float64 of them."
LEFTOVER = (
    "The stride does not have to cover the whole image. What is left over at the end is not used: round the "
    "output size down with //, and let such inputs pass."
)
ROUND_UP = "Where the stride leaves something over, you count one window too many. Round the output size down."
PAIRS = (
    "Stride and padding may also be a pair, (along H, along W). Take both numbers out at the start: "
    "(sh, sw), (ph, pw) = pair(stride), pair(padding)."
)
FIRST_OF_PAIR = "The {0} along W is not used: where it is a pair, its second number belongs to the columns."
EXCHANGED = "The two numbers of the pair are exchanged. The first is for H (rows), the second for W (columns)."
UNPAD = (
    "dx[:, :, p:-p, p:-p] is empty for p = 0, since -0 is 0. Write where it starts and where it ends: "
    "dx[:, :, p : p + H, p : p + W]."
)
STILL_PADDED = "dx still has its padding. x had none: cut it off, dx[:, :, ph : ph + H, pw : pw + W]."
OVERWRITES = (
    "Where windows overlap, a pixel gets something from each of them. Write += in place of =, or the last window "
    "wipes out what the others left."
)
ZEROS_LIKE = (
    "np.zeros_like of an integer array holds integers only, and the digits of the gradient are cut off. Make it "
    "of a float dtype: np.zeros(x.shape), or convert x first."
)
ZEROS_LIKE_RAISES = (
    "np.zeros_like of an integer array holds integers, and NumPy refuses to add floats to it. Make the gradient of "
    "a float dtype: np.zeros(x.shape), or convert x first."
)
DOUT_IN_PLACE = (
    "dout belongs to the caller, who may still need it, and a second call would get other numbers. Write "
    "dout = dout / … (a new array), not dout /= …."
)
X_IN_PLACE = "The input array was changed in place, and the caller still needs it. Work on a copy: x = x.copy()."
ONLY_OUT = "A forward function returns two things: the result and the cache. End with: return out, cache."
FLOAT_SIZE = "/ gives a float, and a size or an index must be an int: divide with //, which also rounds down what is left over."
TOO_SMALL = (
    "dx must have x's shape also where the stride leaves something over. Start from zeros of x's shape; the pixels "
    "in no window then keep their gradient of 0."
)
DIVIDES_BY_N = (
    "{0} is N times too small: the loss already averages over the batch, so no backward function divides by N."
)
