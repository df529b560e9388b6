"""What a layer is: a frozen record of settings, and functions of what is passed to it.

    params, state = layer.initialize(shape, rng=rng)
    out, cache, state = layer.forward(x, params, state, train, rng=rng)
    dx, grads = layer.backward(dout, cache)

A layer keeps nothing: parameters, state and cache go in and come out. `params` is a dict of arrays, and of a layer
made of layers a list of its layers' params; `grads` has the same form. `state` is what training changes without a
gradient (batch norm's running statistics), in the same form again; {} where there is none. Shapes are those of
one example, without the batch axis. Nothing is changed in place. Outputs may be views of inputs.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from math import prod
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from nnlib.arrays import Array
from nnlib.initialization import he_normal, small_normal, xavier_normal
from nnlib.nested import Nested

__all__ = ["Composite", "Function", "Layer", "Shape"]

Shape: TypeAlias = tuple[int, ...]

INITIALIZERS: Mapping[str, Callable[..., Array]] = {
    "he": he_normal,
    "xavier": xavier_normal,
    "small": small_normal,
}


@dataclass(frozen=True, repr=False)
class Layer(ABC):
    """The contract at the head of this module, and what follows from a layer's shapes alone."""

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """The shape of an output for an input of `shape`; ValueError where the layer cannot take one."""

    @abstractmethod
    def forward(
        self, x: Array, params: Nested, state: Nested, train: bool, *, rng: np.random.Generator | None = None
    ) -> tuple[Array, Any, Nested]:
        """(out, cache, state) for a batch x (N, …). Only what draws numbers in training needs an rng."""

    @abstractmethod
    def backward(self, dout: Array, cache: Any, needs_dx: bool = True) -> tuple[Array | None, Nested]:
        """(dx, grads) for dout, of out's shape; with needs_dx=False dx may be None, and is not to be used."""

    def parameter_shapes(self, shape: Shape) -> Nested:
        """The shapes of `params` for inputs of `shape`."""
        return {}

    def initialize(
        self, shape: Shape, *, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> tuple[Nested, Nested]:
        """(params, state) to begin with, for inputs of `shape`."""
        self.output_shape(shape)
        shapes = self.parameter_shapes(shape)
        return {name: self._start(name, size, rng).astype(dtype) for name, size in shapes.items()}, {}

    def multiply_adds(self, shape: Shape) -> int:
        """Multiplications with a weight, each with its addition, that one example takes."""
        return 0

    def _start(self, name: str, shape: Shape, rng: np.random.Generator) -> Array:
        """A parameter's first value: weights by the layer's `init`, scales 1, shifts 0."""
        if name != "w":
            return np.full(shape, float(name == "gamma"))
        places = prod(shape[2:])  # of a kernel; weights of a dense layer are (D, M), filters (F, C, KH, KW)
        inputs, outputs = (shape[1], shape[0]) if len(shape) == 4 else shape
        draw = INITIALIZERS[getattr(self, "init", "he")]
        return draw(inputs * places, outputs * places, rng=rng, shape=shape)

    def __repr__(self) -> str:
        given = ((field, getattr(self, field.name)) for field in fields(self))
        settings = (f"{field.name}={value!r}" for field, value in given if value != field.default)
        return f"{type(self).__name__}({', '.join(settings)})"


@dataclass(frozen=True, repr=False)
class Function(Layer):
    """A layer that is a pair of nnlib's functions, its parameters behind x and its settings behind these."""

    functions: ClassVar[tuple[Callable[..., Any], Callable[..., Any]]]
    names: ClassVar[tuple[str, ...]] = ()  # of the parameters, in the functions' order
    skips_dx: ClassVar[bool] = False  # whether backward takes needs_dx

    def settings(self) -> tuple[Any, ...]:
        """What stands behind the arrays among forward's arguments."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def forward(
        self, x: Array, params: Nested, state: Nested, train: bool, *, rng: np.random.Generator | None = None
    ) -> tuple[Array, Any, Nested]:
        """(out, cache, state), out and cache from the forward function."""
        out, cache = self.functions[0](x, *(params[name] for name in self.names), *self.settings())
        return out, cache, state

    def backward(self, dout: Array, cache: Any, needs_dx: bool = True) -> tuple[Array | None, Nested]:
        """(dx, grads) from the backward function."""
        choice = {"needs_dx": needs_dx} if self.skips_dx else {}
        found = self.functions[1](dout, cache, **choice)
        dx, *grads = found if isinstance(found, tuple) else (found,)
        return dx, dict(zip(self.names, grads, strict=True))


@dataclass(frozen=True, repr=False, init=False)
class Composite(Layer):
    """A layer made of layers: `type(layer)(*layer.layers)` makes it again."""

    layers: tuple[Layer, ...]

    def __init__(self, *layers: Layer) -> None:
        for layer in layers:
            if not isinstance(layer, Layer):
                raise TypeError(f"{type(self).__name__} is made of layers, got {layer!r}")
        object.__setattr__(self, "layers", layers)

    @abstractmethod
    def input_shapes(self, shape: Shape) -> list[Shape]:
        """What each of the layers gets of an input of `shape`."""

    def parameter_shapes(self, shape: Shape) -> Nested:
        """A list, one item a layer."""
        return [layer.parameter_shapes(inner) for layer, inner in self._inside(shape)]

    def initialize(
        self, shape: Shape, *, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> tuple[Nested, Nested]:
        """(params, state), lists with one item a layer."""
        self.output_shape(shape)
        made = [layer.initialize(inner, rng=rng, dtype=dtype) for layer, inner in self._inside(shape)]
        return [params for params, _ in made], [state for _, state in made]

    def multiply_adds(self, shape: Shape) -> int:
        """The sum over all layers."""
        return sum(layer.multiply_adds(inner) for layer, inner in self._inside(shape))

    def _inside(self, shape: Shape) -> Iterator[tuple[Layer, Shape]]:
        return zip(self.layers, self.input_shapes(shape), strict=True)

    @contextmanager
    def naming(self, index: int) -> Iterator[None]:
        """An error from a layer says which one it was."""
        try:
            yield
        except (ValueError, TypeError) as error:
            layer = self.layers[index]
            name = type(layer).__name__ if isinstance(layer, Composite) else repr(layer)
            raise type(error)(f"layer {index}, {name}: {error}") from error

    def __repr__(self) -> str:
        inner = ",\n".join(repr(layer) for layer in self.layers).replace("\n", "\n    ")
        return f"{type(self).__name__}(\n    {inner},\n)" if self.layers else f"{type(self).__name__}()"
