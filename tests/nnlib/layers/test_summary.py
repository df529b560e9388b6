"""The table of a model: published counts, and its text to the letter."""

import tracemalloc

import pytest
from layer_registry import message_of

from nnlib.layers import (
    BatchNorm,
    Conv2d,
    Dense,
    DepthwiseConv2d,
    Dropout,
    Flatten,
    GlobalAvgPool,
    LayerNorm,
    MaxPool2d,
    Parallel,
    ReLU,
    Residual,
    Sequential,
    Tanh,
    summary,
)

LENET = Sequential(
    Conv2d(6, 5, padding=2),
    Tanh(),
    MaxPool2d(2),
    Conv2d(16, 5),
    Tanh(),
    MaxPool2d(2),
    Flatten(),
    Dense(120),
    Tanh(),
    Dense(84),
    Tanh(),
    Dense(10),
)
VGG_STAGES = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


def vgg16():
    features = []
    for stage in VGG_STAGES:
        for filters in stage:
            features += [Conv2d(filters, 3, padding=1), ReLU()]
        features.append(MaxPool2d(2))
    head = [Dense(4096), ReLU(), Dropout(0.5), Dense(4096), ReLU(), Dropout(0.5), Dense(1000)]
    return Sequential(Sequential(*features), Flatten(), Sequential(*head))


def learned(table):
    """(output, parameters, multiply-adds) of each layer with parameters, inside whatever else."""
    rows = [row for row in table.rows if row.name.startswith(("Conv2d", "Dense"))]
    return [(row.output, row.parameters, row.multiply_adds) for row in rows]


def test_lenet_5_has_the_published_counts():
    table = summary(LENET, (1, 28, 28))
    assert (table.parameters, table.multiply_adds) == (61_706, 416_520)
    assert learned(table) == [
        ((6, 28, 28), 156, 117_600),
        ((16, 10, 10), 2_416, 240_000),
        ((120,), 48_120, 48_000),
        ((84,), 10_164, 10_080),
        ((10,), 850, 840),
    ]


def test_vgg_16_has_the_published_counts():
    table = summary(vgg16(), (3, 224, 224))
    assert (table.parameters, table.multiply_adds) == (138_357_544, 15_470_264_320)
    assert learned(table) == [
        ((64, 224, 224), 1_792, 86_704_128),
        ((64, 224, 224), 36_928, 1_849_688_064),
        ((128, 112, 112), 73_856, 924_844_032),
        ((128, 112, 112), 147_584, 1_849_688_064),
        ((256, 56, 56), 295_168, 924_844_032),
        ((256, 56, 56), 590_080, 1_849_688_064),
        ((256, 56, 56), 590_080, 1_849_688_064),
        ((512, 28, 28), 1_180_160, 924_844_032),
        ((512, 28, 28), 2_359_808, 1_849_688_064),
        ((512, 28, 28), 2_359_808, 1_849_688_064),
        ((512, 14, 14), 2_359_808, 462_422_016),
        ((512, 14, 14), 2_359_808, 462_422_016),
        ((512, 14, 14), 2_359_808, 462_422_016),
        ((4096,), 102_764_544, 102_760_448),
        ((4096,), 16_781_312, 16_777_216),
        ((1000,), 4_097_000, 4_096_000),
    ]


def test_the_parts_outputs_are_the_shapes_on_the_way():
    outputs = [row.output for row in summary(LENET, (1, 28, 28)).rows]
    images = [(6, 28, 28), (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 10, 10), (16, 5, 5)]
    assert outputs == [(10,), *images, (400,), (120,), (120,), (84,), (84,), (10,)]


def test_no_parameter_is_made():
    model = vgg16()  # of 553 MB in float32
    tracemalloc.start()
    try:
        summary(model, (3, 224, 224))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_the_rows_of_single_layers_add_up_to_the_total_and_a_row_of_layers_holds_its_parts_sum():
    table = summary(vgg16(), (3, 224, 224))
    features, head = (row for row in table.rows if row.depth == 1 and row.name == "Sequential")
    single = [row for row in table.rows if row.name != "Sequential"]
    assert sum(row.parameters for row in single) == table.parameters
    assert sum(row.multiply_adds for row in single) == table.multiply_adds
    assert (features.parameters, head.parameters) == (14_714_688, 123_642_856)
    assert (table.rows[0].parameters, table.rows[0].multiply_adds) == (table.parameters, table.multiply_adds)


@pytest.mark.parametrize(
    ("layer", "shape", "parameters", "multiply_adds"),
    [
        (Conv2d(8, (3, 5), stride=2, groups=2), (4, 7, 9), 8 * 2 * 15 + 8, 8 * 2 * 15 * 3 * 3),
        (Conv2d(8, 3, dilation=2), (4, 7, 9), 8 * 4 * 9 + 8, 8 * 4 * 9 * 3 * 5),
        (DepthwiseConv2d(3, padding=1), (4, 7, 9), 4 * 9 + 4, 4 * 9 * 7 * 9),
        (Dense(3), (4, 7), 28 * 3 + 3, 28 * 3),
        (BatchNorm(), (4, 7, 9), 8, 0),
        (BatchNorm(), (4,), 8, 0),
        (LayerNorm(), (4, 7), 14, 0),
        (ReLU(), (4, 7), 0, 0),
    ],
    ids=repr,
)
def test_a_single_layers_numbers(layer, shape, parameters, multiply_adds):
    table = summary(layer, shape)
    assert (table.parameters, table.multiply_adds) == (parameters, multiply_adds)
    assert [row.depth for row in table.rows] == [0]


def test_the_printed_table_shows_each_number_once():
    body = Sequential(Conv2d(64, 3, padding=1), BatchNorm(), ReLU())
    model = Sequential(Residual(body, Conv2d(64, 1)), Parallel(GlobalAvgPool(), Dense(64)), Dense(10))
    assert repr(summary(model, [3, 32, 32])) == (
        "layer                                          output        parameters  multiply-adds\n"
        "──────────────────────────────────────────────────────────────────────────────────────\n"
        "input                                          3 × 32 × 32\n"
        "Sequential                                     10\n"
        "  Residual                                     64 × 32 × 32\n"
        "    Sequential                                 64 × 32 × 32\n"
        "      Conv2d(filters=64, kernel=3, padding=1)  64 × 32 × 32       1,792      1,769,472\n"
        "      BatchNorm()                              64 × 32 × 32         128\n"
        "      ReLU()                                   64 × 32 × 32\n"
        "    Conv2d(filters=64, kernel=1)               64 × 32 × 32         256        196,608\n"
        "  Parallel                                     128\n"
        "    GlobalAvgPool()                            64\n"
        "    Dense(units=64)                            64             4,194,368      4,194,304\n"
        "  Dense(units=10)                              10                 1,290          1,280\n"
        "──────────────────────────────────────────────────────────────────────────────────────\n"
        "total                                                         4,197,834      6,161,664"
    )


def test_an_empty_sequential_and_a_single_layer_have_tables_too():
    assert repr(summary(Sequential(), (3,))) == (
        "layer         output  parameters  multiply-adds\n"
        "───────────────────────────────────────────────\n"
        "input         3\n"
        "Sequential()  3\n"
        "───────────────────────────────────────────────\n"
        "total                          0              0"
    )


def test_errors_name_the_layer():
    model = Sequential(ReLU(), Flatten(), Dense(12), Sequential(Conv2d(4, 3)))
    message = message_of(ValueError, summary, Parallel(Conv2d(4, 3)), (12,))
    assert message.startswith("layer 0, Conv2d(filters=4, kernel=3): Conv2d takes images")
    assert message_of(ValueError, summary, model, (3, 8, 8)) == (
        "layer 3, Sequential: layer 0, Conv2d(filters=4, kernel=3): "
        "Conv2d takes images of shape (C, H, W), without the batch axis, got (12,)"
    )
