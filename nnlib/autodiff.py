"""Reverse-mode automatic differentiation: the gradients of any composition of the operations below.

By hand, backward functions are called in the reverse order of the forward ones. Here every operation writes down
what it computed from what, and the order is read off:

    w, b = Variable(np.ones((2, 1))), Variable(np.zeros(1))
    loss = mean((x @ w + b - y) ** 2)  # computes and records; the arrays x and y are constants
    dw, db = gradients(loss, [w, b])   # walks the record backwards

The record is in the Variables, and nowhere else. Gradients are arrays: higher derivatives are out of scope.
Baydin, Pearlmutter, Radul and Siskind, "Automatic differentiation in machine learning: a survey" (JMLR 2018).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

import numpy as np

import nnlib
from nnlib.arrays import Array, as_float, as_gradient, check_same_shape

# fmt: off
__all__ = [
    "Operation", "Variable", "add", "avg_pool2d", "batchnorm", "batchnorm2d", "conv2d", "dense", "divide",
    "dropout", "exp", "global_avg_pool", "gradients", "layernorm", "leaky_relu", "log", "matmul", "max_pool2d",
    "maximum", "mean", "mse", "multiply", "negative", "power", "relu", "reshape", "sigmoid",
    "sigmoid_cross_entropy", "softmax_cross_entropy", "subtract", "sum", "swish", "tanh", "transpose",
]
# fmt: on
Operand: TypeAlias = "Variable | Array | float"


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """A float array, `value`, and how it was computed. `Variable(array)` is an input of the computation.

    It computes as an array does, with + - * / @ and ** (a number). Raises TypeError for values that are no floats.
    """

    value: Array
    operation: "Operation | None" = field(default=None, repr=False)
    inputs: tuple[Operand, ...] = field(default=(), repr=False)
    cache: Any = field(default=None, repr=False)
    __array_ufunc__ = None  # NumPy then leaves `array * variable` to __rmul__

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", np.asarray(self.value))
        if (dtype := self.value.dtype).kind != "f":
            raise TypeError(f"a Variable must hold floating-point numbers, got dtype {dtype}: try x.astype(float)")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a Variable is not an array: use the operations of nnlib.autodiff, or its .value")

    # fmt: off
    def __neg__(self) -> "Variable": return negative(self)
    def __add__(self, other: Operand) -> "Variable": return add(self, other)
    def __radd__(self, other: Any) -> "Variable": return add(other, self)
    def __sub__(self, other: Operand) -> "Variable": return subtract(self, other)
    def __rsub__(self, other: Any) -> "Variable": return subtract(other, self)
    def __mul__(self, other: Operand) -> "Variable": return multiply(self, other)
    def __rmul__(self, other: Any) -> "Variable": return multiply(other, self)
    def __truediv__(self, other: Operand) -> "Variable": return divide(self, other)
    def __rtruediv__(self, other: Any) -> "Variable": return divide(other, self)
    def __matmul__(self, other: Operand) -> "Variable": return matmul(self, other)
    def __rmatmul__(self, other: Any) -> "Variable": return matmul(other, self)
    def __pow__(self, exponent: float) -> "Variable": return power(self, n=exponent)
    # fmt: on


@dataclass(frozen=True, slots=True)
class Operation:
    """A forward function, inputs and settings -> (out, cache), and its backward function: nnlib's contract."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]

    def __call__(self, *inputs: Operand, **settings: Any) -> Variable:
        """Forward's out as a Variable; what is returned behind the cache, such as running statistics, is dropped.

        Inputs go by position: Variables, or arrays and numbers as constants. Settings go by keyword, or TypeError.
        """
        for x in inputs:
            if not isinstance(x, Variable | np.ndarray | np.number | int | float):
                raise TypeError(f"inputs are Variables or arrays, not {type(x).__name__}; settings go by keyword")
        for name, setting in settings.items():
            if isinstance(setting, Variable):
                raise TypeError(f"{name} is a setting, which gets no gradient: pass the Variable's .value")
        out, cache, *_ = self.forward(*(x.value if isinstance(x, Variable) else x for x in inputs), **settings)
        return Variable(out, self, inputs, cache)


def gradients(output: Variable, inputs: Sequence[Variable], dout: Array | None = None) -> list[Array]:
    """∂L/∂x for each x of `inputs`, in x's shape and dtype, where dout = ∂L/∂output has output's shape.

    Without dout L is output itself, which must then be one number.
    Raises TypeError for what is no Variable; ValueError for an output of several numbers without dout, a dout of
    another shape, and an input that output was not computed from.
    """
    for name, x in [("output", output), *((f"inputs[{i}]", x) for i, x in enumerate(inputs))]:
        if not isinstance(x, Variable):
            raise TypeError(f"{name} must be a Variable, got {type(x).__name__}: computed from a .value?")
    if dout is None and output.value.size != 1:
        raise ValueError(f"output must be one number, got shape {output.value.shape}: sum it, or pass dout")
    dout = np.ones_like(output.value) if dout is None else as_gradient(as_float("dout", dout), of=output.value)
    check_same_shape("dout", dout, "output", output.value)
    totals, kept = {output: dout}, set(inputs)
    for variable in _outputs_first(output):
        total = totals[variable] if variable in kept else totals.pop(variable)
        for x, dx in _input_gradients(variable, total):
            totals[x] = totals[x] + dx if x in totals else dx
    for i, x in enumerate(inputs):
        if x not in totals:
            raise ValueError(f"output was not computed from inputs[{i}]: from its .value, or another Variable?")
    return [np.array(totals[x]) for x in inputs]


def _outputs_first(output: Variable) -> list[Variable]:
    """All Variables behind output, each after all that used it: depth-first search, with a stack of its own."""
    order, seen, stack = [], set(), [(output, False)]
    while stack:
        variable, inputs_done = stack.pop()
        if inputs_done:
            order.append(variable)
        elif variable not in seen:
            seen.add(variable)
            stack += [(variable, True), *((x, False) for x in variable.inputs if isinstance(x, Variable))]
    return order[::-1]


def _input_gradients(variable: Variable, dout: Array) -> Iterator[tuple[Variable, Array]]:
    """(x, ∂L/∂x) for each Variable x among the inputs of what made this one."""
    found = variable.operation.backward(dout, variable.cache) if variable.operation else ()
    found = found if isinstance(found, tuple) else (found,)
    for i, x in enumerate(variable.inputs):
        if isinstance(x, Variable):
            if i >= len(found):
                raise TypeError(f"input {i} of this operation gets no gradient: pass the Variable's .value")
            yield x, as_gradient(_sum_to(x.value.shape, found[i]), of=x.value)


def _sum_to(shape: tuple[int, ...], gradient: Array) -> Array:
    """Broadcasting undone: a value that was repeated gets the sum of the gradients of its copies."""
    padded = (1,) * (gradient.ndim - len(shape)) + shape
    repeated = tuple(i for i, size in enumerate(gradient.shape) if size != padded[i])
    return (gradient.sum(axis=repeated) if repeated else gradient).reshape(shape)


def _rule(function: Callable[..., Any], derivative: Callable[..., Any]) -> Operation:
    return Operation(lambda *x, **s: (function(*x, **s), (x, s)), lambda d, c: derivative(d, *c[0], **c[1]))


def _pairs(module: str, *names: str) -> Iterator[Operation]:
    return (Operation(_nnlib(module, f"{name}_forward"), _nnlib(module, f"{name}_backward")) for name in names)


def _nnlib(module: str, name: str) -> Callable[..., Any]:  # looked up when called: some may be withheld
    return lambda *inputs, **settings: getattr(getattr(nnlib, module), name)(*inputs, **settings)


def _spread(d: Array, a: Array, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Array:
    return np.broadcast_to(d if keepdims or axis is None else np.expand_dims(d, axis), a.shape)


def _matmul_gradients(d: Array, a: Array, b: Array) -> tuple[Array, Array]:
    row, column = a.ndim == 1, b.ndim == 1  # what matmul makes of a vector on the left, on the right
    d = np.expand_dims(d, (-2,) * row + (-1,) * column)
    db = (a[:, None] if row else a.swapaxes(-1, -2)) @ d
    return d @ (b[None] if column else b.swapaxes(-1, -2)), db[..., 0] if column else db


# fmt: off
#                 out           the inputs' gradients, from d = ∂L/∂out and the inputs
negative  = _rule(np.negative,  lambda d, a: -d)
add       = _rule(np.add,       lambda d, a, b: (d, d))
subtract  = _rule(np.subtract,  lambda d, a, b: (d, -d))
multiply  = _rule(np.multiply,  lambda d, a, b: (d * b, d * a))
divide    = _rule(np.divide,    lambda d, a, b: (d / b, -d * a / b / b))
matmul    = _rule(np.matmul,    _matmul_gradients)
maximum   = _rule(np.maximum,   lambda d, a, b: (d * (a >= b), d * (a < b)))  # the first of equal ones gets it
power     = _rule(lambda a, n: a**n, lambda d, a, n: d * n * a ** (n - 1 if n else 1))
exp       = _rule(np.exp,       lambda d, a: d * np.exp(a))
log       = _rule(np.log,       lambda d, a: d / a)
sum       = _rule(np.sum,       lambda d, a, **over: _spread(d, a, **over))
mean      = _rule(np.mean,      lambda d, a, **over: _spread(d * (d.size / max(a.size, 1)), a, **over))
reshape   = _rule(np.reshape,   lambda d, a, shape: d.reshape(a.shape))
transpose = _rule(np.transpose, lambda d, a, axes=None: np.transpose(d, axes and np.argsort(np.mod(axes, d.ndim))))

relu, leaky_relu, sigmoid, tanh, swish  = _pairs("activations", "relu", "leaky_relu", "sigmoid", "tanh", "swish")
max_pool2d, avg_pool2d, global_avg_pool = _pairs("pooling", "max_pool2d", "avg_pool2d", "global_avg_pool")
batchnorm, batchnorm2d, layernorm       = _pairs("normalization", "batchnorm", "batchnorm2d", "layernorm")
(dense,)   = _pairs("dense", "dense")
(conv2d,)  = _pairs("convolution", "conv2d")
(dropout,) = _pairs("dropout", "dropout")

mse                   = Operation(_nnlib("losses", "mse_loss"),              lambda d, gradient: d * gradient)
softmax_cross_entropy = Operation(_nnlib("losses", "softmax_cross_entropy"), lambda d, gradient: d * gradient)
sigmoid_cross_entropy = Operation(_nnlib("losses", "sigmoid_cross_entropy"), lambda d, gradient: d * gradient)
