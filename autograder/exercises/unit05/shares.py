"""What each trait counts: the aspects of the unit's exercises, and what percentage of the points each is worth.

An aspect is earned as a whole (`autograder.marking`), so a mistake costs the aspects that it spoils.
"""

from __future__ import annotations

from autograder.exercises.aspects import dividing

TRAITS: dict[str, tuple[str, ...]] = {
    "basics": (
        *("square images, 3×3, padding 1", "1×1 kernel", "2×2 windows", "square images", "one pixel"),
        *("one image", "many images", "one channel", "negative values", "equal values"),
        *("stride 1, no padding", "even kernel", "kernel as large as the image"),
    ),
    "padding": (
        *("no padding", "padding 2", "stride and padding left out"),
        *("as large as the image", "padding 1", "more padding", "fits only with padding"),
    ),
    "stride": ("stride 2", "stride 2, all covered", "larger stride, all covered"),
    "size and stride": ("overlapping windows", "stride 1", "gaps between windows", "one window"),
    "side by side": ("windows side by side", "leftover at the end"),
    "leftover": ("leftover at the end", "leftover and padding", "stride larger than the image"),
    "equal values": ("equal values",),
    "not square": (
        "image not square",
        "image higher than wide",
        "kernel not square",
        "window not square",
        "one row",
    ),
    "pairs": ("padding a pair", "padding along one axis", "stride a pair", "stride and padding different pairs"),
    "all at once": ("everything at once",),
    "dtype": ("float32", "integers"),
    "nothing changed": ("read-only arrays", "inputs unchanged", "dout and cache unchanged", "called twice"),
    "cache": ("cache as documented",),
    "too large": ("kernel larger than the image", "kernel larger than image and padding"),
    "no sizes": ("size 0", "kernel 0", "stride 0", "negative stride", "negative padding"),
    "errors": ("kernel higher than the image", "kernel wider than the image"),
}


aspects = dividing(TRAITS)

# fmt: off
SIZE = aspects(basics=20, padding=20, stride=15, leftover=15, too_large=15, no_sizes=15)
COLUMNS = aspects(
    basics=15, padding=20, stride=10, side_by_side=15, not_square=10, pairs=5, all_at_once=5, dtype=10,
    nothing_changed=10,
)
CORRELATION = aspects(
    basics=15, padding=15, stride=10, side_by_side=10, not_square=10, pairs=5, all_at_once=5, dtype=10,
    nothing_changed=10, errors=10,
)
CONVOLUTION = aspects(
    basics=10, padding=10, stride=10, side_by_side=10, not_square=10, pairs=5, all_at_once=5, dtype=10,
    nothing_changed=10, cache=10, errors=10,
)
GRADIENTS = aspects(
    basics=10, padding=25, stride=10, side_by_side=15, not_square=10, pairs=5, all_at_once=5, dtype=10,
    nothing_changed=10,
)
POOLING = aspects(
    basics=20, size_and_stride=20, leftover=10, not_square=10, pairs=5, all_at_once=5, dtype=10,
    nothing_changed=10, cache=10,
)
MAX_GRADIENT = aspects(
    basics=15, size_and_stride=15, leftover=10, equal_values=15, not_square=10, pairs=10,
    all_at_once=5, dtype=10, nothing_changed=10,
)
AVERAGE_GRADIENT = aspects(
    basics=25, size_and_stride=15, leftover=15, not_square=10, pairs=10, all_at_once=5, dtype=10,
    nothing_changed=10,
)
GLOBAL = aspects(basics=35, not_square=20, dtype=15, nothing_changed=15, cache=15)
GLOBAL_GRADIENT = aspects(basics=45, not_square=20, dtype=20, nothing_changed=15)
# fmt: on
