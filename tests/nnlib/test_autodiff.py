"""Automatic differentiation: each rule against slopes, the walk over the graph, and what errors say."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib import autodiff
from nnlib.autodiff import Operation, Variable, gradients
from nnlib.gradients import check_gradient


@dataclass(frozen=True)
class Example:
    """The shapes of an operation's differentiable inputs, its settings, the constants behind its inputs."""

    name: str
    shapes: tuple[tuple[int, ...], ...]
    settings: dict = field(default_factory=dict)
    constants: tuple = ()
    positive: bool = False

    def __str__(self):
        return f"{self.name} {self.shapes} {self.settings or ''}"

    def inputs(self, rng, dtype=np.float64):
        draws = [rng.standard_normal(shape) for shape in self.shapes]
        return [(np.abs(x) + 0.5 if self.positive else x).astype(dtype) for x in draws]

    def run(self, inputs):
        operation = getattr(autodiff, self.name)
        drawn = {"rng": np.random.default_rng(3)} if self.name == "dropout" else {}
        return operation(*inputs, *self.constants, **self.settings, **drawn)


PAIRS_OF_SHAPES = [
    ((3, 4), (3, 4)),
    ((3, 4), (4,)),
    ((4,), (3, 4)),
    ((3, 1), (1, 4)),
    ((3, 4), ()),
    ((), (3, 4)),
    ((1,), (2, 3, 4)),
    ((2, 1, 4), (3, 1)),
    ((), ()),
    ((1, 1), (1,)),
    ((0, 4), (1, 4)),
]
BINARY = ("add", "subtract", "multiply", "divide", "maximum")
PRODUCTS = [
    ((3, 4), (4, 5)),
    ((4,), (4, 5)),
    ((3, 4), (4,)),
    ((4,), (4,)),
    ((2, 3, 4), (4, 5)),
    ((3, 4), (2, 4, 5)),
    ((2, 1, 3, 4), (6, 4, 5)),
    ((4,), (2, 4, 5)),
    ((2, 3, 4), (4,)),
    ((0, 4), (4, 5)),
]
REDUCTIONS = [
    {},
    {"axis": 1},
    {"axis": -1, "keepdims": True},
    {"axis": (0, -1)},
    {"axis": (2, 0), "keepdims": True},
    {"axis": ()},
    {"keepdims": True},
]
IMAGES = ((2, 3, 7, 6),)
EXAMPLES = [
    *(Example(name, shapes, positive=name == "divide") for name in BINARY for shapes in PAIRS_OF_SHAPES),
    *(Example("matmul", shapes) for shapes in PRODUCTS),
    *(Example(name, ((2, 3, 4),), over) for name in ("sum", "mean") for over in REDUCTIONS),
    *(Example(name, ((),)) for name in ("sum", "mean")),
    Example("negative", ((3, 4),)),
    *(Example("power", ((3, 4),), {"n": n}) for n in (0, 1, 2, 3)),
    *(Example("power", ((3, 4),), {"n": n}, positive=True) for n in (-2, -0.5, 0.5, 2.5)),
    Example("exp", ((3, 4),)),
    Example("log", ((3, 4),), positive=True),
    *(Example("reshape", ((3, 4),), {"shape": shape}) for shape in ((2, 6), (-1,), -1, (1, 12, 1))),
    Example("transpose", ((2, 3, 4),)),
    *(
        Example("transpose", ((2, 3, 4),), {"axes": axes})
        for axes in ((1, 2, 0), (2, 0, 1), (-1, 0, 1), (0, 1, 2))
    ),
    Example("transpose", ((),), {"axes": ()}),
    *(Example(name, ((3, 4),)) for name in ("relu", "sigmoid", "tanh", "swish")),
    Example("leaky_relu", ((3, 4),), {"alpha": 0.1}),
    Example("dropout", ((3, 4),), {"p_drop": 0.4, "train": True}),
    Example("dense", ((5, 4), (4, 3), (3,))),
    Example("dense", ((5, 2, 2), (4, 3), (3,))),
    Example("conv2d", ((2, 3, 7, 6), (4, 3, 3, 2), (4,)), {"stride": (2, 1), "padding": 1}),
    Example("conv2d", ((2, 4, 6, 5), (6, 2, 3, 2), (6,)), {"groups": 2}),
    *(Example(name, IMAGES, {"size": (3, 2), "stride": 2}) for name in ("max_pool2d", "avg_pool2d")),
    Example("global_avg_pool", IMAGES),
    Example("batchnorm", ((6, 5), (5,), (5,)), {"state": {}, "train": True}),
    Example("batchnorm2d", ((3, 2, 4, 5), (2,), (2,)), {"state": {}, "train": True}),
    Example("layernorm", ((4, 3, 5), (5,), (5,))),
    Example("mse", ((4, 3),), constants=(np.ones((4, 3)),)),
    Example("softmax_cross_entropy", ((4, 3),), constants=(np.array([0, 2, 1, 1]),)),
    Example("sigmoid_cross_entropy", ((4, 3),), constants=(np.full((4, 3), 0.3),)),
]
every_example = pytest.mark.parametrize("example", EXAMPLES, ids=str)


def operations():
    return {name for name, thing in vars(autodiff).items() if isinstance(thing, Operation)}


def public_pairs():
    """The names that nnlib has as NAME_forward and NAME_backward."""
    names = [name for module in nnlib.__all__ for name in getattr(nnlib, module).__all__]
    return {name.removesuffix("_forward") for name in names if name.endswith("_forward")}


def test_every_operation_is_in_the_registry():
    assert operations() == {example.name for example in EXAMPLES}


def test_every_pair_of_nnlib_is_an_operation():
    only_in_history = {"scaled_dropout", "local_response_norm"}  # dropout's older form, AlexNet's normalization
    made_of_others = {"depthwise_conv2d", "inception", "lenet", "mlp", "residual"}  # depthwise: conv2d with groups
    assert public_pairs() - operations() == only_in_history | made_of_others


def test_the_module_is_shorter_than_200_lines():
    assert len(Path(autodiff.__file__).read_text(encoding="utf-8").splitlines()) < 200


@every_example
def test_gradients_follow_the_slope(rng, example):
    arrays = example.inputs(rng)
    variables = [Variable(array) for array in arrays]
    out = example.run(variables)
    dout = rng.standard_normal(out.value.shape)
    for i, gradient in enumerate(gradients(out, variables, dout)):

        def loss(value, i=i):
            return float((example.run([*arrays[:i], value, *arrays[i + 1 :]]).value * dout).sum())

        assert check_gradient(loss, arrays[i], gradient, rng=rng) < 1e-7


@every_example
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_out_and_gradients_keep_dtype_and_shape(rng, example, dtype):
    variables = [Variable(array) for array in example.inputs(rng, dtype)]
    out = example.run(variables)
    is_loss = example.name in {"mse", "softmax_cross_entropy", "sigmoid_cross_entropy"}  # Python floats
    assert out.value.dtype == (np.float64 if is_loss else dtype)
    for gradient, variable in zip(gradients(out, variables, np.ones(out.value.shape)), variables, strict=True):
        assert type(gradient) is np.ndarray
        assert (gradient.shape, gradient.dtype) == (variable.value.shape, dtype)


@every_example
def test_nothing_is_changed_and_gradients_are_arrays_of_their_own(rng, example):
    arrays = example.inputs(rng)
    copies = [array.copy() for array in arrays]
    variables = [Variable(array) for array in arrays]
    out = example.run(variables)
    dout = np.ones(out.value.shape)
    first = gradients(out, variables, dout)
    for i, gradient in enumerate(first):
        assert gradient.flags.writeable
        assert not any(np.shares_memory(gradient, other) for other in [*arrays, dout, *first[:i]])
    for array, copy in zip(
        [*arrays, dout, *gradients(out, variables, dout)], [*copies, np.ones_like(dout), *first], strict=True
    ):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("compute", "expected"),
    [
        (lambda x: x + 2, 1),
        (lambda x: 2 + x, 1),
        (lambda x: x - 2, 1),
        (lambda x: 2 - x, -1),
        (lambda x: x * 3, 3),
        (lambda x: 3.0 * x, 3),
        (lambda x: x / 4, 0.25),
        (lambda x: 8 / x, -2),
        (lambda x: -x, -1),
        (lambda x: x**3, 12),
        (lambda x: np.float32(3) * x, 3),
        (lambda x: np.array(3, np.float32) * x, 3),
        (lambda x: x * True, 1),
        (lambda x: x @ np.float32([[5]]), 5),
        (lambda x: np.float32([[5]]) @ x, 5),
        (lambda x: np.float32([[7]]) - x, -1),
        (lambda x: np.float32([[8]]) / x, -2),
    ],
)
def test_operators_take_numbers_and_arrays_on_either_side(compute, expected, dtype):
    x = Variable(np.full((1, 1), 2, dtype))
    out = compute(x)
    assert isinstance(out, Variable)
    np.testing.assert_array_equal(out.value, compute(x.value))
    assert out.value.dtype == dtype
    np.testing.assert_array_equal(gradients(out, [x])[0], np.full((1, 1), expected, dtype), strict=True)


def test_an_array_of_many_elements_times_a_variable_is_one_variable(rng):
    a, x = rng.standard_normal((3, 4)), Variable(rng.standard_normal(4))
    out = a * x
    assert isinstance(out, Variable)
    assert out.value.shape == (3, 4)
    np.testing.assert_allclose(gradients(out, [x], np.ones((3, 4)))[0], a.sum(axis=0))


def test_a_value_used_twice_gets_the_sum_of_both_gradients():
    x = Variable(np.array(3.0))
    assert gradients(x * x, [x]) == [6]
    assert gradients(x + x, [x]) == [2]
    assert gradients(x - x, [x]) == [0]


def test_a_diamond_runs_each_backward_once():
    calls = []
    square = Operation(lambda x: (x * x, x), lambda dout, x: (calls.append(1), 2 * x * dout)[1])
    x = Variable(np.array(3.0))
    y = square(x)
    assert gradients(y * y + y, [x]) == [4 * 27 + 6]
    assert calls == [1]


def test_a_ladder_of_diamonds_takes_linear_time():
    calls = []
    double = Operation(lambda a, b: (a + b, None), lambda dout, _: (calls.append(1), (dout, dout))[1])
    x = y = Variable(np.array(1.0))
    for _ in range(60):  # 2⁶⁰ paths
        y = double(y, y)
    assert gradients(y, [x]) == [2.0**60]
    assert len(calls) == 60


def test_a_chain_of_ten_thousand_operations_needs_no_recursion():
    x = y = Variable(np.array(2.0))
    for _ in range(10_000):
        y = y * 1.0 + 0.0
    assert gradients(y, [x]) == [1]
    assert repr(y) == "Variable(value=array(2.))"


def test_gradients_of_values_on_the_way_and_of_the_output_itself():
    x = Variable(np.array([1.0, 2.0]))
    y = x * 3
    loss = autodiff.sum(y * y)
    dloss, dx, dy, again = gradients(loss, [loss, x, y, x])
    np.testing.assert_array_equal(dloss, 1)
    np.testing.assert_array_equal(dy, [6, 12])
    np.testing.assert_array_equal(dx, [18, 36])
    np.testing.assert_array_equal(again, dx)
    assert not np.shares_memory(again, dx)


def test_dout_is_the_gradient_that_arrives_at_the_output():
    x = Variable(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(gradients(x * x, [x], np.array([10, 1]))[0], [20, 4])


def test_gradients_can_be_asked_for_again():
    x = Variable(np.array([1.0, 2.0]))
    loss = autodiff.mean(autodiff.exp(x))
    np.testing.assert_array_equal(gradients(loss, [x]), gradients(loss, [x]))


def test_each_gradient_has_the_dtype_of_its_own_input(rng):
    x, w = Variable(np.ones((2, 3), np.float32)), Variable(np.ones((3, 4)))
    assert [g.dtype for g in gradients(autodiff.sum(x @ w), [x, w])] == [np.float32, np.float64]


def test_a_dout_of_another_dtype_changes_no_gradients_dtype():
    x = Variable(np.ones(3, np.float32))
    y = x * 2
    assert [g.dtype for g in gradients(y, [y, x], np.ones(3))] == [np.float32, np.float32]


def test_of_equal_maxima_the_first_gets_the_gradient():
    a, b = Variable(np.array([1.0, 2.0, 3.0])), Variable(np.array([1.0, 3.0, 2.0]))
    da, db = gradients(autodiff.maximum(a, b), [a, b], np.ones(3))
    np.testing.assert_array_equal([da, db], [[1, 0, 1], [0, 1, 0]])


def test_the_zeroth_power_of_zero_has_gradient_zero():
    x = Variable(np.zeros(2))
    np.testing.assert_array_equal(gradients(x**0, [x], np.ones(2))[0], [0, 0])


def test_division_by_tiny_float32_does_not_overflow_early():
    a, b = Variable(np.float32(1e-20)), Variable(np.float32(1e-25))
    assert gradients(a / b, [b])[0] == pytest.approx(-1e30, rel=1e-5)


def test_the_mean_of_nothing_kept_is_empty():
    x = Variable(np.ones((0, 3)))
    assert gradients(autodiff.mean(x, axis=1), [x], np.ones(0))[0].shape == (0, 3)


def test_an_operation_of_ones_own():
    cube = Operation(lambda x: (x**3, x), lambda dout, x: 3 * x**2 * dout)
    x = Variable(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(gradients(autodiff.sum(cube(x)), [x])[0], [3, 12])


X = Variable(np.ones((2, 3)))
S = Variable(np.array(1.0))
TYPE_ERRORS = {
    "integers": (
        lambda: Variable(np.arange(3)),
        r"a Variable must hold floating-point numbers, got dtype int64: try x.astype\(float\)",
    ),
    "text": (lambda: Variable(np.array("a")), "must hold floating-point numbers, got dtype <U1"),
    "complex numbers": (lambda: X * np.complex128(1j), "must hold floating-point numbers, got dtype complex128"),
    "a list": (lambda: X * [1, 2, 3], "inputs are Variables or arrays, not list; settings go by keyword"),
    "a list on the left": (lambda: [1, 2, 3] * X, "inputs are Variables or arrays, not list"),
    "None": (lambda: X * None, "inputs are Variables or arrays, not NoneType"),
    "a setting by position": (lambda: autodiff.reshape(X, (3, 2)), "not tuple; settings go by keyword"),
    "a variable as exponent": (lambda: X**S, "n is a setting, which gets no gradient: pass the Variable's .value"),
    "an input by keyword": (
        lambda: autodiff.dense(X, w=X, b=X),
        "w is a setting, which gets no gradient: pass the Variable's .value",
    ),
    "an input without gradient": (
        lambda: gradients(autodiff.mse(X, X), [X]),
        "input 1 of this operation gets no gradient: pass the Variable's .value",
    ),
    "a function of NumPy": (
        lambda: np.mean(X),
        "a Variable is not an array: use the operations of nnlib.autodiff",
    ),
    "a ufunc of NumPy": (lambda: np.exp(X), "'Variable' does not support ufuncs"),
    "a function of nnlib": (lambda: nnlib.activations.relu_forward(X), "a Variable is not an array"),
    "an output that is an array": (
        lambda: gradients(X.value, [X]),
        r"output must be a Variable, got ndarray: computed from a .value\?",
    ),
    "an input that is an array": (
        lambda: gradients(autodiff.sum(X), [X, X.value]),
        r"inputs\[1\] must be a Variable, got ndarray",
    ),
}
VALUE_ERRORS = {
    "several numbers": (
        lambda: gradients(X * 2, [X]),
        r"output must be one number, got shape \(2, 3\): sum it, or pass dout",
    ),
    "dout of another shape": (
        lambda: gradients(X * 2, [X], np.ones(3)),
        r"dout must have output's shape \(2, 3\), got \(3,\)",
    ),
    "an input that is not in the graph": (
        lambda: gradients(autodiff.sum(X), [X, S]),
        r"output was not computed from inputs\[1\]: from its .value, or another Variable\?",
    ),
}


@pytest.mark.parametrize(("mistake", "message"), TYPE_ERRORS.values(), ids=TYPE_ERRORS)
def test_a_wrong_type_is_named(mistake, message):
    with pytest.raises(TypeError, match=message):
        mistake()


@pytest.mark.parametrize(("mistake", "message"), VALUE_ERRORS.values(), ids=VALUE_ERRORS)
def test_a_wrong_value_is_named(mistake, message):
    with pytest.raises(ValueError, match=message):
        mistake()
