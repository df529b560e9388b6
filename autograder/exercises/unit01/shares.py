"""What each trait counts: the aspects of the unit's exercises, and what percentage of the points each is worth.

An aspect is earned as a whole (`autograder.marking`), so a mistake costs the aspects that it spoils.
"""

from __future__ import annotations

from autograder.exercises.aspects import dividing

TRAITS: dict[str, tuple[str, ...]] = {
    "values": ("both signs", "positive values", "negative values", "many examples"),
    "shapes": ("one example", "a vector", "images"),
    "zeros": ("zeros among them",),
    "alpha": ("alpha left out", "another alpha", "alpha above 1"),
    "large values": ("large values",),
    "digits": ("very negative values", "tiny values"),
    "dtype": ("float32",),
    "integers": ("integers",),
    "nothing changed": ("read-only arrays", "inputs unchanged", "dout and cache unchanged", "called twice"),
    "cache": ("cache as documented",),
    # layers
    "layers": (
        *("as many everywhere", "all sizes different", "narrow in the middle", "one neuron", "no biases"),
        *("one example", "many examples"),
    ),
    "biases": ("biases",),
    "flattening": ("images", "grey images", "one number an example"),
    # counts
    "one layer": ("one layer", "one neuron, one input"),
    "hidden layers": ("one hidden layer", "the digits", "as many everywhere", "deep", "a tuple"),
    "large": ("very large",),
    "errors": ("no layer", "no sizes", "a size of 0", "a negative size"),
    # softmax
    "rows": (
        "as many rows as classes",
        "more classes than rows",
        "one row",
        "two classes",
        "rows at other heights",
    ),
    "easy rows": ("one class", "equal logits"),
    "stability": ("logits of ten thousand", "rows far apart", "a wide range", "one logit far below"),
    "small probabilities": ("small probabilities",),
}


aspects = dividing(TRAITS)

# fmt: off
FORWARD = aspects(
    values=25, shapes=15, zeros=10, large_values=10, dtype=10, integers=10, nothing_changed=10, cache=10,
)
PRECISE = aspects(
    values=20, shapes=10, zeros=10, large_values=10, digits=10, dtype=10, integers=10, nothing_changed=10, cache=10,
)
LEAKY = aspects(
    values=15, shapes=10, zeros=10, alpha=15, large_values=10, dtype=10, integers=10, nothing_changed=10, cache=10,
)
BACKWARD = aspects(
    values=30, shapes=10, zeros=10, large_values=15, dtype=10, integers=10, nothing_changed=15,
)
KINKED = aspects(
    values=30, shapes=10, zeros=20, large_values=10, dtype=10, integers=10, nothing_changed=10,
)
LEAKY_GRADIENT = aspects(
    values=20, shapes=10, zeros=15, alpha=15, large_values=10, dtype=10, integers=10, nothing_changed=10,
)
COLLAPSE = aspects(layers=50, biases=10, dtype=15, integers=10, nothing_changed=15)
DENSE = aspects(layers=35, flattening=25, dtype=10, integers=10, nothing_changed=10, cache=10)
COUNT = aspects(one_layer=20, hidden_layers=35, large=10, errors=25, nothing_changed=10)
SOFTMAX = aspects(
    rows=35, easy_rows=5, stability=20, small_probabilities=10, dtype=10, integers=10, nothing_changed=10,
)
# fmt: on
