"""Layers made of layers: one behind the other, or side by side."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib.arrays import Array
from nnlib.layers.contract import Composite, Layer, Shape
from nnlib.nested import Nested

__all__ = ["Parallel", "Residual", "Sequential"]


class Sequential(Composite):
    """Layers one behind the other; with none it is the identity."""

    def output_shape(self, shape: Shape) -> Shape:
        """What the last layer gives."""
        return self._shapes(shape)[-1]

    def input_shapes(self, shape: Shape) -> list[Shape]:
        """To each layer what the one before it gives."""
        return self._shapes(shape)[:-1]

    def _shapes(self, shape: Shape) -> list[Shape]:
        shapes = [shape]
        for i, layer in enumerate(self.layers):
            with self.naming(i):
                shapes.append(layer.output_shape(shapes[-1]))
        return shapes

    def forward(
        self, x: Array, params: Nested, state: Nested, train: bool, *, rng: np.random.Generator | None = None
    ) -> tuple[Array, Any, Nested]:
        """(out, cache, state), cache and state a list with one item a layer."""
        caches, states = [], []
        for i, layer in enumerate(self.layers):
            with self.naming(i):
                x, cache, kept = layer.forward(x, params[i], state[i], train, rng=rng)
            caches.append(cache)
            states.append(kept)
        return x, caches, states

    def backward(self, dout: Array, cache: Any, needs_dx: bool = True) -> tuple[Array | None, Nested]:
        """(dx, grads), grads a list with one item a layer."""
        grads: list[Nested] = [{} for _ in self.layers]
        gradient: Any = dout
        for i in reversed(range(len(self.layers))):
            with self.naming(i):
                gradient, grads[i] = self.layers[i].backward(gradient, cache[i], needs_dx or i > 0)
        return gradient, grads


class _Branches(Composite):
    """Layers that all get the same input; what becomes of their outputs is the subclasses'."""

    def input_shapes(self, shape: Shape) -> list[Shape]:
        """To each layer the input."""
        return [shape for _ in self.layers]

    def _output_shapes(self, shape: Shape) -> list[Shape]:
        shapes = []
        for i, layer in enumerate(self.layers):
            with self.naming(i):
                shapes.append(layer.output_shape(shape))
        return shapes

    @abstractmethod
    def _joined(self, outs: list[Array]) -> Array:
        """One output of the branches' outputs."""

    @abstractmethod
    def _parted(self, dout: Array, sizes: list[int]) -> list[Array]:
        """Each branch's part of dout; the sizes are those of the branches' outputs along axis 1."""

    def forward(
        self, x: Array, params: Nested, state: Nested, train: bool, *, rng: np.random.Generator | None = None
    ) -> tuple[Array, Any, Nested]:
        """(out, cache, state)."""
        outs, caches, states = [], [], []
        for i, layer in enumerate(self.layers):
            with self.naming(i):
                out, cache, kept = layer.forward(x, params[i], state[i], train, rng=rng)
            outs.append(out)
            caches.append(cache)
            states.append(kept)
        return self._joined(outs), (caches, [out.shape[1] for out in outs]), states

    def backward(self, dout: Array, cache: Any, needs_dx: bool = True) -> tuple[Array | None, Nested]:
        """(dx, grads); dx is the sum of what comes back from the branches."""
        caches, sizes = cache
        dxs, grads = [], []
        for i, part in enumerate(self._parted(dout, sizes)):
            with self.naming(i):
                dx, grad = self.layers[i].backward(part, caches[i], needs_dx)
            dxs.append(dx)
            grads.append(grad)
        return (_added(dxs) if needs_dx else None), grads


class Parallel(_Branches):
    """Branches side by side, their outputs concatenated along the channels (axis 1)."""

    def output_shape(self, shape: Shape) -> Shape:
        """The channels of all branches; everything else must agree."""
        shapes = self._output_shapes(shape)
        if not shapes:
            raise ValueError("Parallel needs at least one branch")
        if len({inner[1:] for inner in shapes}) > 1:
            raise ValueError(f"the branches' outputs must agree in all but the first axis, got {shapes}")
        return (sum(inner[0] for inner in shapes), *shapes[0][1:])

    def _joined(self, outs: list[Array]) -> Array:
        return np.concatenate(outs, axis=1)

    def _parted(self, dout: Array, sizes: list[int]) -> list[Array]:
        return np.split(dout, np.cumsum(sizes)[:-1], axis=1)


@dataclass(frozen=True, repr=False, init=False)
class Residual(_Branches):
    """body(x) + shortcut(x); without a shortcut body(x) + x. He, Zhang, Ren and Sun (CVPR 2016)."""

    def __init__(self, body: Layer, shortcut: Layer | None = None) -> None:
        super().__init__(body, Sequential() if shortcut is None else shortcut)

    def output_shape(self, shape: Shape) -> Shape:
        """The shape that body and shortcut must have in common."""
        body, shortcut = self._output_shapes(shape)
        if body != shortcut:
            raise ValueError(
                f"the body gives {body} and the shortcut {shortcut}, which cannot be added: "
                "a shortcut of a 1×1 convolution with the body's filters and stride makes them agree"
            )
        return body

    def _joined(self, outs: list[Array]) -> Array:
        return _added(outs)

    def _parted(self, dout: Array, sizes: list[int]) -> list[Array]:
        return [dout for _ in sizes]


def _added(arrays: list[Any]) -> Array:
    """The sum of arrays, which stay as they are."""
    total: Array = arrays[0]
    for array in arrays[1:]:
        total = total + array
    return total
