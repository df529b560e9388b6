"""What layers cost and see: worked by hand, and against the table that models print and a measured gradient."""

import numpy as np
import pytest

from nnlib.convolution import conv2d_backward, conv2d_forward
from nnlib.costs import conv2d_cost, receptive_field
from nnlib.layers import Conv2d, summary


def test_the_cost_of_lenets_first_layer_worked_by_hand():
    assert conv2d_cost((1, 28, 28), 6, 5, padding=2) == (6 * 26, 6 * 25 * 28 * 28)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("shape", "filters", "kernel", "stride", "padding"),
    [
        ((3, 224, 224), 64, 7, 2, 3),
        ((3, 8, 5), 4, (3, 2), (2, 1), (0, 1)),
        ((2, 9, 9), 3, 3, 3, 0),
        ((7, 1, 1), 1, 1, 1, 0),
        ([5, 6, 4], 2, [2, 3], 1, [1, 0]),
    ],
)
def test_costs_are_those_of_the_models_tables(shape, filters, kernel, stride, padding, bias):
    table = summary(Conv2d(filters, kernel, stride, padding, bias=bias), tuple(shape))
    assert conv2d_cost(shape, filters, kernel, stride, padding, bias) == (table.parameters, table.multiply_adds)


def test_costs_are_counted_without_a_limit_of_32_or_64_bits():
    parameters, multiply_adds = conv2d_cost((10**6, 10**5, 10**5), 10**6, 1)
    assert parameters == 10**12 + 10**6
    assert multiply_adds == 10**22


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((0, 5, 5), 4, 3), "channels and filters must be at least 1, got C = 0 and F = 4"),
        (((3, 5, 5), 0, 3), "channels and filters must be at least 1, got C = 3 and F = 0"),
        (((3, 5, 2), 4, 3), r"along W: a kernel of 3 does not fit into size \+ 2·padding = 2"),
    ],
)
def test_a_layer_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        conv2d_cost(*arguments)


@pytest.mark.parametrize(
    ("layers", "field"),
    [
        ([], 1),
        ([(3, 1)], 3),
        ([(3, 1), (3, 1)], 5),
        ([(3, 2), (3, 1)], 7),
        ([(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)], 32),  # LeNet-5, up to C5: the padded image
        ([(1, 3), (1, 2)], 1),
    ],
)
def test_receptive_fields_worked_by_hand(layers, field):
    assert receptive_field(layers) == field


@pytest.mark.parametrize("layers", [[(3, 2), (5, 1), (2, 3)], [(2, 1), (4, 3), (3, 1)], [(1, 2), (3, 2)]])
def test_the_receptive_field_is_where_a_gradient_arrives(layers):
    x, caches = np.zeros((1, 1, 1, 64)), []
    for kernel, stride in layers:
        x, cache = conv2d_forward(x, np.ones((1, 1, 1, kernel)), np.zeros(1), (1, stride))
        caches.append(cache)
    dx = np.zeros_like(x)
    dx[..., x.shape[-1] // 2] = 1
    for cache in reversed(caches):
        dx = conv2d_backward(dx, cache)[0]
    seen = np.flatnonzero(dx)
    assert seen[-1] - seen[0] + 1 == receptive_field(layers)


@pytest.mark.parametrize("layers", [[(3, 1), (0, 1)], [(3, 1), (3, -1)]])
def test_a_kernel_or_stride_below_1_is_refused(layers):
    with pytest.raises(ValueError, match="layer 1: kernel and stride must be at least 1, got"):
        receptive_field(layers)
