"""Whole graphs have PyTorch's values and gradients, to 1e-10."""

import functools
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import autodiff
from nnlib.autodiff import Variable, gradients

torch = pytest.importorskip("torch", reason="PyTorch is not installed, so there is nothing to compare with")
F = torch.nn.functional


def assert_as_pytorch(ours, theirs, arrays):
    """ours(Variables) and theirs(tensors) give the same number and the same gradients."""
    variables = [Variable(array) for array in arrays]
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    out, expected = ours(*variables), theirs(*tensors)
    np.testing.assert_allclose(out.value, expected.detach().numpy(), rtol=1e-10, atol=1e-10)
    expected.backward()
    for gradient, tensor in zip(gradients(out, variables), tensors, strict=True):
        np.testing.assert_allclose(gradient, tensor.grad.numpy(), rtol=1e-10, atol=1e-10)


def test_a_perceptron_with_cross_entropy_agrees_with_pytorch(rng):
    shapes = [(6, 5), (5, 8), (8,), (8, 7), (7,), (7, 3), (3,)]
    labels = rng.integers(0, 3, 6)

    def ours(x, w1, b1, w2, b2, w3, b3):
        hidden = autodiff.swish(autodiff.relu(x @ w1 + b1) @ w2 + b2)
        return autodiff.softmax_cross_entropy(autodiff.dense(hidden, w3, b3), labels)

    def theirs(x, w1, b1, w2, b2, w3, b3):
        hidden = F.silu(F.relu(x @ w1 + b1) @ w2 + b2)
        return F.cross_entropy(hidden @ w3 + b3, torch.tensor(labels))

    assert_as_pytorch(ours, theirs, [rng.standard_normal(shape) for shape in shapes])


def test_a_convolutional_net_with_a_shortcut_agrees_with_pytorch(rng):
    shapes = [(4, 3, 8, 8), (6, 3, 3, 3), (6,), (6,), (6,), (6, 6, 3, 3), (6,), (24, 5), (5,)]
    labels = rng.integers(0, 5, 4)

    def ours(x, w1, b1, gamma, beta, w2, b2, w3, b3):
        first = autodiff.conv2d(x, w1, b1, padding=1)
        first = autodiff.relu(autodiff.batchnorm2d(first, gamma, beta, state={}, train=True))
        second = autodiff.tanh(autodiff.conv2d(first, w2, b2, padding=1)) + first
        pooled = autodiff.avg_pool2d(autodiff.max_pool2d(second, size=2), size=2)
        return autodiff.softmax_cross_entropy(autodiff.dense(pooled, w3, b3), labels)

    def theirs(x, w1, b1, gamma, beta, w2, b2, w3, b3):
        first = F.conv2d(x, w1, b1, padding=1)
        first = F.relu(F.batch_norm(first, None, None, gamma, beta, training=True))
        second = torch.tanh(F.conv2d(first, w2, b2, padding=1)) + first
        pooled = F.avg_pool2d(F.max_pool2d(second, 2), 2)
        return F.cross_entropy(pooled.flatten(1) @ w3 + b3, torch.tensor(labels))

    assert_as_pytorch(ours, theirs, [rng.standard_normal(shape) for shape in shapes])


def test_a_net_with_weights_used_three_times_agrees_with_pytorch(rng):
    def ours(x, w):
        for _ in range(3):
            x = autodiff.tanh(x @ w)
        return autodiff.mean(x**2)

    def theirs(x, w):
        for _ in range(3):
            x = torch.tanh(x @ w)
        return (x**2).mean()

    assert_as_pytorch(ours, theirs, [rng.standard_normal((3, 4)), rng.standard_normal((4, 4))])


def test_softmax_by_hand_agrees_with_pytorch(rng):
    def ours(z):
        e = autodiff.exp(z)
        return autodiff.mean(autodiff.log(e / autodiff.sum(e, axis=1, keepdims=True)) ** 2)

    def theirs(z):
        return (torch.log_softmax(z, 1) ** 2).mean()

    assert_as_pytorch(ours, theirs, [rng.standard_normal((3, 4))])


STEPS = {  # each with its number of inputs; defined for all numbers
    "sum": (2, lambda _, a, b: a + b),
    "difference": (2, lambda _, a, b: a - b),
    "product": (2, lambda _, a, b: a * b),
    "quotient": (2, lambda _, a, b: a / (b * b + 2)),
    "larger": (2, lambda library, a, b: library.maximum(a, b * 1.5)),
    "negative": (1, lambda _, a: -a),
    "square": (1, lambda _, a: a**2),
    "sigmoid": (1, lambda library, a: library.sigmoid(a)),
    "relu": (1, lambda library, a: library.relu(a)),
    "logarithm": (1, lambda library, a: library.log(a * a + 1)),
    "exponential": (1, lambda library, a: library.exp(a)),
    "with numbers": (1, lambda _, a: 3 - 2 * a + 1 / (a * a + 1)),
}


@st.composite
def random_graphs(draw):
    """Shapes that broadcast to (3, 4); steps, each a name and the numbers of the values that it takes."""
    shapes = draw(st.lists(st.sampled_from([(3, 4), (4,), (3, 1), (1, 4), (1,), ()]), min_size=1, max_size=4))
    steps = []
    for i in range(draw(st.integers(1, 12))):
        name = draw(st.sampled_from(sorted(STEPS)))
        steps.append((name, [draw(st.integers(0, len(shapes) + i - 1)) for _ in range(STEPS[name][0])]))
    return shapes, steps


@settings(deadline=None, max_examples=150, derandomize=True)
@given(random_graphs(), st.integers(0, 1000))
def test_random_graphs_agree_with_pytorch(graph, seed):
    shapes, steps = graph
    rng = np.random.default_rng(seed)

    def run(library, *values):
        values = list(values)
        for name, taken in steps:
            step = STEPS[name][1]
            values.append(library.tanh(step(library, *(values[i] for i in taken))))  # tanh keeps the numbers small
        return library.mean(functools.reduce(operator.add, values))  # every value counts

    arrays = [rng.standard_normal(shape) for shape in shapes]
    assert_as_pytorch(functools.partial(run, autodiff), functools.partial(run, torch), arrays)
