"""A setting that no input goes with is refused when the layer is made."""

import numpy as np
import pytest
from layer_registry import message_of

from nnlib.layers import (
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    DepthwiseConv2d,
    Dropout,
    LayerNorm,
    MaxPool2d,
    ZeroPad2d,
)

INIT = "init must be one of 'he', 'xavier', 'small', got 'kaiming'"
WRONG = {
    "no units": (lambda: Dense(0), "units must be at least 1, got 0"),
    "negative units": (lambda: Dense(-3), "units must be at least 1, got -3"),
    "no filters": (lambda: Conv2d(0, 3), "filters must be at least 1, got 0"),
    "kernel 0": (lambda: Conv2d(4, 0), "kernel must be at least 1, got 0"),
    "kernel 0 along W": (lambda: DepthwiseConv2d((3, 0)), "kernel must be at least 1, got (3, 0)"),
    "kernel of three": (
        lambda: Conv2d(4, (3, 3, 3)),
        "kernel must be one int or a pair (along H, along W), got (3, 3, 3)",
    ),
    "stride 0": (lambda: MaxPool2d(2, 0), "stride must be at least 1, got 0"),
    "size 0": (lambda: AvgPool2d(0), "size must be at least 1, got 0"),
    "dilation 0": (lambda: Conv2d(4, 3, dilation=0), "dilation must be at least 1, got 0"),
    "negative padding": (lambda: ZeroPad2d((0, -1)), "padding must be at least 0, got (0, -1)"),
    "no groups": (lambda: Conv2d(4, 3, groups=0), "groups must be at least 1, got 0"),
    "groups that do not divide": (lambda: Conv2d(4, 3, groups=3), "groups must divide filters = 4, got 3"),
    "p_drop 1": (lambda: Dropout(1), "p_drop must lie in [0, 1), got 1"),
    "p_drop below 0": (lambda: Dropout(-0.1), "p_drop must lie in [0, 1), got -0.1"),
    "p_drop nan": (lambda: Dropout(float("nan")), "p_drop must lie in [0, 1), got nan"),
    "momentum above 1": (lambda: BatchNorm(momentum=9), "momentum must lie in [0, 1], got 9"),
    "negative eps": (lambda: LayerNorm(eps=-1e-5), "eps must lie in [0, ∞), got -1e-05"),
    "unknown init, dense": (lambda: Dense(4, init="kaiming"), INIT),
    "unknown init, conv": (lambda: Conv2d(4, 3, init="kaiming"), INIT),
    "unknown init, depthwise": (lambda: DepthwiseConv2d(3, init="kaiming"), INIT),
}
NO_NUMBERS = {
    "units": (lambda: Dense("4"), "units must be an int, got '4'"),
    "a pair of units": (lambda: Dense((4, 4)), "units must be an int, got (4, 4)"),
    "filters": (lambda: Conv2d(4.0, 3), "filters must be an int, got 4.0"),
    "groups": (lambda: Conv2d(4, 3, groups=None), "groups must be an int, got None"),
    "kernel": (lambda: Conv2d(4, None), "kernel must be one int or a pair (along H, along W), got None"),
    "stride": (lambda: Conv2d(4, 3, 1.5), "stride must be one int or a pair (along H, along W), got 1.5"),
}


@pytest.mark.parametrize(("make", "message"), WRONG.values(), ids=WRONG)
def test_a_value_outside_of_its_range_is_a_value_error(make, message):
    assert message_of(ValueError, make) == message


@pytest.mark.parametrize(("make", "message"), NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_what_is_no_integer_is_a_type_error(make, message):
    assert message_of(TypeError, make) == message


def test_a_pair_given_as_a_list_is_kept_as_a_tuple():
    assert Conv2d(4, [3, 5]) == Conv2d(4, (3, 5))
    assert hash(MaxPool2d([2, 3])) == hash(MaxPool2d((2, 3)))


def test_integers_of_numpy_are_taken():
    assert Dense(np.int64(4)) == Dense(4)
