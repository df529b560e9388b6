"""A model as a table: what each layer gives, how many parameters it has, how many multiply-adds it takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from nnlib.layers.contract import Composite, Layer, Shape
from nnlib.nested import items

__all__ = ["Row", "Summary", "summary"]

HEADINGS = ("layer", "output", "parameters", "multiply-adds")


@dataclass(frozen=True, slots=True)
class Row:
    """One layer: how deep it stands inside others, its name, and its numbers for one example."""

    depth: int
    name: str
    output: Shape
    parameters: int
    multiply_adds: int


@dataclass(frozen=True, slots=True, repr=False)
class Summary:
    """All rows, and the totals; prints as a table."""

    input_shape: Shape
    rows: tuple[Row, ...]
    parameters: int
    multiply_adds: int

    def __repr__(self) -> str:
        inner = [_cells(row) for row in self.rows]
        total = ("total", "", f"{self.parameters:,}", f"{self.multiply_adds:,}")
        table = [HEADINGS, ("input", _text(self.input_shape), "", ""), *inner, total]
        widths = [max(len(row[column]) for row in table) for column in range(4)]
        lines = [_line(row, widths) for row in table]
        rule = "─" * (sum(widths) + 6)
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def summary(model: Layer, input_shape: Shape) -> Summary:
    """The table of `model` for inputs of `input_shape`, which is one example's, without the batch axis.

    Multiply-adds are those of one example, and count products with weights alone, as published figures do. No
    parameter is made. Raises ValueError, naming the layer, where a layer cannot take what it would get.
    """
    shape = tuple(input_shape)
    model.output_shape(shape)
    parameters = _parameters(model, shape)
    return Summary(shape, tuple(_rows(model, shape, 0)), parameters, model.multiply_adds(shape))


def _rows(layer: Layer, shape: Shape, depth: int) -> Iterator[Row]:
    inner = layer.layers if isinstance(layer, Composite) else ()
    name = type(layer).__name__ if inner else repr(layer)
    yield Row(depth, name, layer.output_shape(shape), _parameters(layer, shape), layer.multiply_adds(shape))
    if isinstance(layer, Composite):
        for part, entering in zip(inner, layer.input_shapes(shape), strict=True):
            yield from _rows(part, entering, depth + 1)


def _parameters(layer: Layer, shape: Shape) -> int:
    return sum(prod(size) for _, size in items(layer.parameter_shapes(shape)))


def _cells(row: Row) -> tuple[str, ...]:
    """A row as text; of a layer of layers the numbers are its parts' and stand in their rows."""
    numbers = (f"{number:,}" if number else "" for number in (row.parameters, row.multiply_adds))
    return ("  " * row.depth + row.name, _text(row.output), *numbers)


def _text(shape: Shape) -> str:
    return " × ".join(map(str, shape))


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    name, output, *numbers = row
    right = (number.rjust(width) for number, width in zip(numbers, widths[2:], strict=True))
    return "  ".join([name.ljust(widths[0]), output.ljust(widths[1]), *right]).rstrip()
