"""How people get the inception module wrong, forward and backward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit02.drawing import Array
from autograder.exercises.unit06 import wording
from nnlib.activations import relu_backward
from nnlib.convolution import conv2d_backward, conv2d_forward
from nnlib.inception import inception_backward


def conv2d(*arguments: Any) -> Array:
    """A convolution's out."""
    return conv2d_forward(*arguments)[0]


def side_by_side(outs: Sequence[Array]) -> Array:
    """Along the channels."""
    return np.concatenate(outs, axis=1)


def module(
    *,
    conv: Function = conv2d,
    relu: Function = lambda z: np.maximum(z, 0),
    middle: Function | None = None,
    join: Function = side_by_side,
    padding: Function = lambda w: w.shape[2] // 2,
    into: Function = lambda x, before: x,
    steps: Function = lambda branch: branch,
    order: Function = lambda branches: branches,
) -> Function:
    """A module of these parts; ``into`` says what a branch gets: x, or what the branch before gave."""

    def forward(x: Array, branches: Any) -> tuple[Array, Any]:
        outs: list[Array] = []
        for branch in order(branches):
            a = into(x, outs[-1] if outs else x)
            chosen = steps(branch)
            for i, (w, b) in enumerate(chosen):
                z = conv(a, w, b, 1, padding(w))
                last = i == len(chosen) - 1
                a = (relu if last else middle or relu)(z)
            outs.append(a)
        return join(outs), ()

    return forward


def result(change: Function) -> Function:
    """The right out, returned wrongly: ``change(out, x, branches)``."""
    right = module()

    def wrong(x: Array, branches: Any) -> tuple[Array, Any]:
        out, cache = right(x, branches)
        return change(out, x, branches), cache

    return wrong


def with_weights(change: Function) -> Function:
    """The right module with other (w, b)."""
    right = module()

    def wrong(x: Array, branches: Any) -> Any:
        return right(x, [[change(w, b) for w, b in branch] for branch in branches])

    return wrong


def popping(x: Array, branches: Any) -> Any:
    """Takes the list of branches apart."""
    found = module()(x, branches)
    first = branches[0]
    branches[0] = [(w * 0, b) for w, b in first]
    return found


def interleaved(outs: Sequence[Array]) -> Array:
    """A channel of each branch in turn, as far as they go."""
    most = max(out.shape[1] for out in outs)
    return np.concatenate([out[:, [c]] for c in range(most) for out in outs if c < out.shape[1]], axis=1)


FORWARD = (
    Misconception(
        "adds the branches up",
        module(join=lambda outs: np.asarray(sum(outs))),
        "The branches are added up. They stand side by side: their channels are concatenated, so F adds up and nothing "
        "else does.",
    ),
    Misconception(
        "concatenates along the images",
        module(join=lambda outs: np.concatenate(outs, axis=0)),
        "The branches are concatenated along axis 0, as if they were more images. Channels are axis 1.",
    ),
    Misconception(
        "concatenates along W",
        module(join=lambda outs: np.concatenate(outs, axis=3)),
        "The branches are concatenated along the last axis, as if the image were wider. Channels are axis 1.",
    ),
    Misconception(
        "stacks along a new axis",
        module(join=lambda outs: np.stack(outs, axis=1)),
        "np.stack makes a new axis. Concatenate along the channels, which is axis 1.",
    ),
    Misconception(
        "mixes the branches' channels",
        module(join=interleaved),
        "All values are there, but the channels are in another order: first all of branch 0, then all of branch 1.",
    ),
    Misconception(
        "has the branches in reverse order",
        module(order=lambda branches: branches[::-1]),
        "The last branch comes first in your out. Keep the order of the list.",
    ),
    Misconception(
        "puts the branches one behind the other",
        module(into=lambda x, before: before),
        "A branch gets what the branch before it gave. All of them get x: they stand side by side.",
    ),
    Misconception(
        "takes the last branch alone",
        module(join=lambda outs: outs[-1]),
        "Only the last branch is in your out. Collect what every branch gives, and concatenate at the end.",
    ),
    Misconception(
        "takes the first branch alone",
        module(join=lambda outs: outs[0]),
        "Only the first branch is in your out. Does `return` stand inside the loop?",
    ),
    Misconception(
        "forgets every ReLU",
        module(relu=lambda z: z),
        "There are negative values in your out. Behind each convolution stands a ReLU.",
    ),
    Misconception(
        "forgets the ReLU between convolutions",
        module(middle=lambda z: z),
        "A ReLU stands behind each convolution of a branch, not behind its last one only.",
    ),
    Misconception(
        "uses the first convolution of a branch alone",
        module(steps=lambda branch: branch[:1]),
        "A branch may have several convolutions, one behind the other. Loop over all of them.",
    ),
    Misconception(
        "uses the last convolution of a branch alone",
        module(steps=lambda branch: branch[-1:]),
        "A branch may have several convolutions, one behind the other: the second one gets what the first one gave, "
        "not x.",
    ),
    Misconception(
        "has no padding",
        module(padding=lambda w: 0),
        "Without padding a 3×3 convolution makes the image smaller, and the branches no longer fit side by side. Half "
        "of the kernel, rounded down, keeps the size.",
    ),
    Misconception(
        "has padding 1 built in",
        module(padding=lambda w: int(w.shape[2] > 1)),
        "Padding 1 keeps the size for 3×3 kernels only. Take it from the kernel.",
    ),
    Misconception(
        "forgets the biases",
        with_weights(lambda w, b: (w, 0 * b)),
        "The biases are missing: each convolution of a branch has its own b.",
    ),
    Misconception(
        "flips the kernels",
        with_weights(lambda w, b: (w[..., ::-1, ::-1], b)),
        "The kernels are turned round. A convolution layer leaves them as they are.",
    ),
    Misconception("returns float64 for float32", result(lambda out, *a: out.astype(np.float64)), wording.FLOAT64),
    Misconception("keeps integers", result(lambda out, x, *a: out.astype(x.dtype)), wording.INTEGERS, seen=30),
    Misconception("changes the branches in place", popping, wording.IN_PLACE.format("branches"), seen=27),
    Misconception("returns out without the cache", lambda x, br: module()(x, br)[0], wording.ONLY_OUT),
)


def cut(dout: Array, widths: Sequence[int]) -> list[Array]:
    """Each branch's channels."""
    return np.split(dout, np.cumsum(widths)[:-1], axis=1)


def added(dxs: Sequence[Array]) -> Array:
    """The sum over all branches."""
    return np.sum(dxs, axis=0, dtype=dxs[0].dtype)


def back(
    *,
    mask: Function = relu_backward,
    middle: Function | None = None,
    parts: Function = cut,
    join: Function = added,
    arrange: Function = lambda dx, dbranches: (dx, dbranches),
) -> Function:
    """A backward pass of these parts."""

    def backward(dout: Array, cache: Any) -> Any:
        dxs, dbranches = [], []
        widths = [steps[-1][1].shape[1] for steps in cache]
        for part, steps in zip(parts(dout, widths), cache, strict=True):
            da, gradients = part, list[Any]()
            for i, (conv, z) in enumerate(reversed(steps)):
                da, dw, db = conv2d_backward((middle or mask if i else mask)(da, z), conv)
                gradients.insert(0, (dw, db))
            dxs.append(da)
            dbranches.append(tuple(gradients))
        return arrange(join(dxs), tuple(dbranches))

    return backward


def mapped(change: Function, dbranches: Any) -> Any:
    """Every gradient of the branches changed."""
    return tuple(tuple(tuple(change(g) for g in pair) for pair in branch) for branch in dbranches)


def equal_parts(dout: Array, widths: Sequence[int]) -> list[Array]:
    """np.split in as many equal parts as there are branches: NumPy refuses other widths."""
    return np.split(dout, len(widths), axis=1)


def from_the_start(dout: Array, widths: Sequence[int]) -> list[Array]:
    """Each branch begins at channel 0."""
    return [dout[:, :width] for width in widths]


def zeros_like(dout: Array, cache: Any) -> Any:
    """Gradients in the dtypes of the arrays."""
    dx, dbranches = inception_backward(dout, cache)
    arrays = [[conv[1:3] for conv, _ in steps] for steps in cache]
    kinds = [
        [
            tuple(g.astype(of.dtype) for g, of in zip(pair, ofs, strict=True))
            for pair, ofs in zip(br, of_br, strict=True)
        ]
        for br, of_br in zip(dbranches, arrays, strict=True)
    ]
    return dx.astype(cache[0][0][0][0].dtype), kinds


def clearing_dout(dout: Array, cache: Any) -> Any:
    """Clears what it has used."""
    found = inception_backward(dout, cache)
    dout[...] = 0
    return found


def clearing_cache(dout: Array, cache: Any) -> Any:
    """Makes the mask where z was."""
    found = inception_backward(dout, cache)
    for steps in cache:
        for _, z in steps:
            z[...] = 0
    return found


BACKWARD = (
    Misconception(
        "keeps the last branch's dx",
        back(join=lambda dxs: dxs[-1]),
        "dx is the last branch's alone. x went into every branch, so something comes back from each, and it is added: "
        "+= in place of =.",
        seen=25,
    ),
    Misconception(
        "keeps the first branch's dx",
        back(join=lambda dxs: dxs[0]),
        "dx is the first branch's alone. x went into every branch, so something comes back from each, and it is added.",
    ),
    Misconception(
        "takes the mean over the branches",
        back(join=lambda dxs: added(dxs) / len(dxs)),
        "dx is averaged over the branches. Gradients of several ways are added.",
    ),
    Misconception(
        "concatenates dx",
        back(join=lambda dxs: np.concatenate(dxs, axis=1)),
        "dx must have x's shape. Forward, x went to all branches; backward, what they send is added, not concatenated.",
    ),
    Misconception(
        "cuts dout into equal parts",
        back(parts=equal_parts),
        "np.split(dout, 2, axis=1) makes equal parts, but the branches have as many channels as their last convolution "
        "has filters. Cut where one branch ends.",
    ),
    Misconception(
        "gives every branch the first channels",
        back(parts=from_the_start),
        "Each branch gets the channels of dout from 0 on. The second branch's begin where the first one's end.",
    ),
    Misconception(
        "goes past every ReLU",
        back(mask=lambda da, z: da),
        "The ReLUs are missing on the way back: where z ≤ 0, nothing comes back.",
    ),
    Misconception(
        "goes past the ReLU between convolutions",
        back(middle=lambda da, z: da),
        "Each convolution of a branch has a ReLU behind it, so each has one to pass on the way back, not the last one "
        "only.",
    ),
    Misconception(
        "goes past the last ReLU of a branch",
        back(mask=lambda da, z: da, middle=relu_backward),
        "The last ReLU of a branch is missing on the way back: dout passes it first.",
    ),
    Misconception("has slope 1 at 0", back(mask=lambda da, z: da * (z >= 0)), wording.SLOPE_AT_0, seen=23),
    Misconception(
        "returns a branch's gradients in reverse",
        back(arrange=lambda dx, br: (dx, tuple(branch[::-1] for branch in br))),
        "Within a branch the gradients are in the order in which they were computed, from the last convolution to the "
        "first. Turn them round: they stand where their (w, b) stand.",
    ),
    Misconception(
        "returns the branches in reverse",
        back(arrange=lambda dx, br: (dx, br[::-1])),
        "The branches' gradients come in reverse order. They stand where their branches stand.",
    ),
    Misconception(
        "exchanges dw and db",
        back(arrange=lambda dx, br: (dx, tuple(tuple((db, dw) for dw, db in branch) for branch in br))),
        "dw and db are exchanged: a pair is (dw, db), as branches holds (w, b).",
    ),
    Misconception(
        "forgets the biases",
        back(arrange=lambda dx, br: (dx, tuple(tuple(dw for dw, _ in branch) for branch in br))),
        "The gradients of the biases are missing: a pair (dw, db) for each convolution.",
    ),
    Misconception(
        "makes one list of all gradients",
        back(arrange=lambda dx, br: (dx, tuple(pair for branch in br for pair in branch))),
        "All gradients are in one list. dbranches has the form of branches: a list for each branch.",
    ),
    Misconception(
        "returns dbranches first",
        back(arrange=lambda dx, br: (br, dx)),
        "The gradients come in the order of the inputs: dx, then dbranches.",
    ),
    Misconception(
        "divides by N",
        lambda dout, cache: (
            (found := inception_backward(dout, cache))[0],
            mapped(lambda g: g / len(dout), found[1]),
        ),
        wording.DIVIDES_BY_N.format("The gradients of weights and biases are"),
    ),
    Misconception(
        "returns float64 for float32",
        back(arrange=lambda dx, br: (dx.astype(np.float64), mapped(lambda g: g.astype(np.float64), br))),
        wording.FLOAT64,
    ),
    Misconception("makes gradients of integers", zeros_like, wording.INTEGERS, seen=30),
    Misconception("changes dout in place", clearing_dout, wording.IN_PLACE.format("dout"), seen=27),
    Misconception("changes the cache in place", clearing_cache, wording.IN_PLACE.format("The cache"), seen=27),
)
