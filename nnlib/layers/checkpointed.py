"""Gradient checkpointing: memory for about √L layers instead of L, at the price of one more forward pass.

Backward asks for all layers' caches, the last one first, so Sequential keeps them all. Checkpointed cuts its L
layers into about √L segments of about √L layers, and keeps the segments' inputs alone. Backward begins with the
last segment: forward once more from its input, now keeping the caches, then backward through them, which frees
them. Then comes the segment before it. So at no time are there more than √L inputs and the caches of √L layers.

Chen, Xu, Zhang and Guestrin, "Training deep nets with sublinear memory cost" (2016).
"""

from itertools import pairwise
from math import sqrt
from typing import Any, TypeAlias

import numpy as np

from nnlib.arrays import Array
from nnlib.layers.composite import Sequential
from nnlib.nested import Nested

__all__ = ["Checkpointed"]

Snapshot: TypeAlias = tuple[type[np.random.BitGenerator], Any] | None


class Checkpointed(Sequential):
    """A Sequential with the same outputs, states and gradients, to the bit, and caches of a few layers at a time.

    Segments are of equal numbers of layers, whatever these need. What forward got must stay as it was until
    backward has used it, the params too. Layers may draw from rng, and not spawn other generators from it.
    """

    def forward(
        self, x: Array, params: Nested, state: Nested, train: bool, *, rng: np.random.Generator | None = None
    ) -> tuple[Array, Any, Nested]:
        """(out, cache, state); the cache is what backward needs to repeat the segments' forward passes exactly."""
        starts, states = [], []
        for segment in _segments(len(self.layers)):
            starts.append((segment, x, _snapshot(rng if train else None)))  # evaluation draws no numbers
            for i in segment:
                with self.naming(i):
                    x, kept = self.layers[i].forward(x, params[i], state[i], train, rng=rng)[::2]
                states.append(kept)
        return x, (starts, params, state, train), states

    def backward(self, dout: Array, cache: Any, needs_dx: bool = True) -> tuple[Array | None, Nested]:
        """(dx, grads), grads a list with one item a layer. The states of the repeated passes are dropped."""
        starts, params, state, train = cache
        grads: list[Nested] = [{} for _ in self.layers]
        gradient: Any = dout
        for segment, x, snapshot in reversed(starts):
            caches = self._caches(segment, x, params, state, train, _generator(snapshot))
            for i in reversed(segment):
                with self.naming(i):
                    gradient, grads[i] = self.layers[i].backward(gradient, caches.pop(), needs_dx or i > 0)
        return gradient, grads

    def _caches(
        self, segment: range, x: Array, params: Nested, state: Nested, train: bool, rng: np.random.Generator | None
    ) -> list[Any]:
        caches = []
        for i in segment:
            with self.naming(i):
                x, cache, _ = self.layers[i].forward(x, params[i], state[i], train, rng=rng)
            caches.append(cache)
        return caches


def _segments(layers: int) -> list[range]:
    """The layers' numbers in about √L ranges, whose lengths differ by one at most."""
    count = max(1, round(sqrt(layers)))
    return [range(start, stop) for start, stop in pairwise(layers * k // count for k in range(count + 1))]


def _snapshot(rng: np.random.Generator | None) -> Snapshot:
    """What rng will draw from here on, for `_generator`; a copy, which rng does not change."""
    return None if rng is None else (type(rng.bit_generator), rng.bit_generator.state)


def _generator(snapshot: Snapshot) -> np.random.Generator | None:
    if snapshot is None:
        return None
    kind, state = snapshot
    bits = kind(0)
    bits.state = state
    return np.random.Generator(bits)
