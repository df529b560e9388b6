"""What each trait counts: the aspects of the unit's exercises, and what percentage of the points each is worth."""

from __future__ import annotations

from autograder.exercise import Aspect


def divided(**groups: tuple[int | str, ...]) -> tuple[Aspect, ...]:
    """Aspects by name, _ for a space: what percentage each is worth, and then its traits."""
    found = ((name.replace("_", " "), percent, traits) for name, (percent, *traits) in groups.items())
    return tuple(Aspect(name, float(percent), frozenset(map(str, traits))) for name, percent, traits in found)


COST = divided(
    basics=(16, "3×3, padding 1", "one channel", "1×1 kernel", "as large as the image"),
    not_square=(16, "image not square", "kernel not square"),
    padding_and_stride=(
        *(20, "no padding", "stride 2", "leftover at the end", "stride and padding left out"),
        "stride and padding a pair",
    ),
    biases=(18, "without biases", "without biases, one channel"),
    large_numbers=(10, "very large"),
    unchanged=(10, "a list, unchanged"),
    errors=(10, "kernel does not fit", "kernel does not fit along W"),
)
FIELD = divided(
    few_layers=(20, "no layer", "one layer", "two layers, stride 1"),
    kernels=(15, "kernels differ", "even kernels", "1×1 kernels"),
    strides=(25, "a stride in the first layer", "two strides", "strides everywhere", "1×1 kernels with strides"),
    last_stride=(10, "a stride in the last layer"),
    networks=(10, "LeNet-5", "twenty layers"),
    unchanged=(10, "a list, unchanged"),
    errors=(10, "kernel 0", "stride 0"),
)
RESIDUAL = divided(
    identity=(20, "identity shortcut", "a body that gives 0", "stride left out"),
    projection=(20, "projection", "projection, as many channels"),
    stride=(15, "projection, stride 2", "stride 2, odd size"),
    sizes=(15, "image not square", "one image", "one channel", "many images"),
    dtype=(10, "float32", "integers"),
    nothing_changed=(10, "read-only arrays", "inputs unchanged"),
    errors=(10, "cannot be added", "NumPy would stretch it"),
)
RESIDUAL_GRADIENT = divided(
    identity=(20, "identity shortcut", "identity, one channel"),
    projection=(20, "projection", "projection, as many channels"),
    stride=(12, "projection, stride 2", "stride 2, odd size"),
    sizes=(10, "image not square", "one image", "many images"),
    kinks=(13, "the sum is exactly 0", "z1 is exactly 0"),
    dtype=(15, "float32", "integers"),
    nothing_changed=(10, "read-only arrays", "dout and cache unchanged", "called twice"),
)
INCEPTION = divided(
    branches=(20, "two branches", "three branches", "four branches"),
    alone=(10, "one branch", "equal widths"),
    longer_branches=(20, "two convolutions in a branch", "three convolutions in a branch"),
    kernels=(10, "5×5 kernels", "1×1 kernels"),
    sizes=(15, "image not square", "one image", "one channel", "smaller than the kernel"),
    dtype=(15, "float32", "integers"),
    nothing_changed=(10, "read-only arrays", "inputs unchanged"),
)
INCEPTION_GRADIENT = divided(
    branches=(20, "two branches", "three branches", "four branches"),
    alone=(10, "one branch", "equal widths"),
    longer_branches=(16, "two convolutions in a branch", "three convolutions in a branch"),
    sizes=(12, "5×5 kernels", "image not square", "one image", "smaller than the kernel"),
    kinks=(16, "z is exactly 0"),
    dtype=(16, "float32", "integers"),
    nothing_changed=(10, "read-only arrays", "dout and cache unchanged", "called twice"),
)
LENET = divided(
    basics=(25, "three images", "large values"),
    biases=(20, "biases not 0", "an empty image"),
    one_image=(15, "one image"),
    classes=(10, "four classes"),
    dtype=(20, "float32", "integers"),
    nothing_changed=(10, "read-only arrays", "inputs unchanged"),
)
LENET_GRADIENT = divided(
    basics=(20, "three images", "biases not 0"),
    one_image=(12, "one image"),
    classes=(9, "four classes"),
    kinks=(24, "z is exactly 0", "an even grey image"),
    dtype=(20, "float32", "integers"),
    nothing_changed=(15, "read-only arrays", "dout and cache unchanged", "called twice"),
)
TRAINING = divided(
    accuracy=(40, "new digits"),
    other_data=(15, "few digits", "four classes"),
    sorted=(10, "digits sorted by class"),
    network=(15, "shapes", "float64", "filters differ"),
    not_changed=(10, "inputs unchanged"),
    chance_alone=(10, "the same rng, the same network", "another rng, another network"),
)
