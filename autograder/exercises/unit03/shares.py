"""What each trait counts: the aspects of the unit's exercises, and what percentage of the points each is worth."""

from __future__ import annotations

from autograder.exercises.aspects import dividing

TRAITS: dict[str, tuple[str, ...]] = {
    # update functions
    "first step": ("one step", "one weight, one step"),
    "later steps": ("three steps", "many steps"),
    "shapes": ("one weight", "a matrix", "filters"),
    "learning rate": ("another learning rate each step",),
    "zeros": ("some gradients are 0",),
    "settings": ("another beta", "beta left out"),
    "betas": ("another beta1", "another beta2", "both betas"),
    "eps": ("a large eps", "tiny gradients", "eps left out"),
    "dtype": ("float32", "integers"),
    "nothing changed": ("read-only arrays", "inputs unchanged"),
    "own state": ("two parameters in turn", "again from an empty state"),
    # schedules
    "start": ("at the start",),
    "drops": ("just before the first drop", "at the first drop"),
    "between": ("between two drops", "a drop at every step"),
    "several drops": ("after several drops",),
    "factor": ("another factor", "factor left out"),
    "early": ("the first step", "later"),
    "late": ("much later", "fast"),
    "slow": ("slow",),
    "rate": ("rate 0", "rate 1"),
    "curve": ("a quarter of the way", "in the middle"),
    "end": ("near the end", "at the end", "after the end"),
    "least": (
        "a least rate, in the middle",
        "a least rate, at the end",
        "a least rate, after the end",
        "least left out",
    ),
    "ramp": ("the first step", "in the middle of the warm-up", "the last step of the warm-up"),
    "top": ("the first step after it",),
    "cosine": ("in the middle of the cosine",),
    "fall's end": ("at the end", "after the end"),
    "no ramp": ("no warm-up",),
    "errors": ("a warm-up as long as all", "a negative warm-up"),
    "least rate": ("a least rate, in the warm-up", "a least rate, in the cosine", "least left out"),
    # clipping
    "too long": ("too long", "very long", "one array"),
    "several arrays": ("five arrays", "one long, one short"),
    "short": ("short enough", "just as long as allowed"),
    "all zero": ("all zero",),
    "sides": ("some too large", "some too small", "both signs", "all too large"),
    "within": ("none too large",),
    "arrays": ("one array", "five arrays"),
    # what is drawn
    "sizes": ("batches of one size", "one batch larger than all", "batches of one example"),
    "short batch": ("a short last batch",),
    "examples": ("every example once", "pairs kept together"),
    "form": ("images", "float32"),
    "order": ("shuffled", "another order each epoch", "the same rng, the same order"),
    "chance": ("new neighbours each epoch", "every place as likely"),
    "unchanged": ("read-only arrays", "inputs unchanged"),
    "square": ("a square layer",),
    "not square": ("more inputs than outputs", "more outputs than inputs", "one input"),
    "distribution": ("mean 0", "normal, not uniform", "each weight for itself"),
    "shape and dtype": ("shape", "float64"),
    "rng": ("the same rng, the same weights", "another rng, other weights"),
    # training
    "accuracy": ("new digits",),
    "other data": ("few digits", "smaller images", "four classes"),
    "sorted": ("digits sorted by class",),
    "network": ("shapes", "float32", "hidden units differ"),
    "not changed": ("inputs unchanged",),
    "chance alone": ("the same rng, the same network", "another rng, another network"),
}


aspects = dividing(TRAITS)

# fmt: off
SGD = aspects(
    first_step=20, later_steps=15, shapes=15, learning_rate=10, zeros=10, dtype=20, nothing_changed=10,
)
MOMENTUM = aspects(
    first_step=10, later_steps=15, shapes=5, learning_rate=15, zeros=5, settings=15, dtype=15, nothing_changed=10,
    own_state=10,
)
RMSPROP = aspects(
    first_step=10, later_steps=10, shapes=5, learning_rate=10, zeros=5, settings=15, eps=15, dtype=10,
    nothing_changed=10, own_state=10,
)
ADAM = aspects(
    first_step=10, later_steps=10, shapes=5, learning_rate=10, zeros=5, betas=15, eps=15, dtype=10,
    nothing_changed=10, own_state=10,
)
STEP_DECAY = aspects(start=15, drops=25, between=20, several_drops=20, factor=20)
EXPONENTIAL = aspects(start=25, early=25, late=20, slow=15, rate=15)
COSINE = aspects(start=15, curve=30, end=30, least=25)
WARMUP = aspects(
    **{"ramp": 20, "top": 15, "cosine": 15, "fall's end": 15, "no ramp": 10, "least rate": 15, "errors": 10}
)
CLIP_NORM = aspects(too_long=25, several_arrays=20, short=15, all_zero=15, dtype=15, nothing_changed=10)
CLIP_VALUE = aspects(sides=40, within=15, arrays=15, dtype=20, nothing_changed=10)
BATCHES = aspects(sizes=20, short_batch=10, examples=20, form=15, order=15, chance=10, unchanged=10)
WEIGHTS = aspects(square=15, not_square=30, distribution=25, shape_and_dtype=15, rng=15)
TRAINING = aspects(accuracy=40, other_data=15, sorted=10, network=15, not_changed=10, chance_alone=10)
# fmt: on
