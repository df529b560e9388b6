"""build_and_train and predict_labels: the best classifier within a budget."""

from __future__ import annotations

from autograder.competing import Competing
from autograder.exercise import Aspect, Exercise
from autograder.exercises.unit07.classifiers import ALTERNATIVES, REFERENCE
from autograder.exercises.unit07.convolutional import CONVOLUTIONAL
from autograder.exercises.unit07.looks import LOOKS
from autograder.exercises.unit07.mistakes import MISCONCEPTIONS

UNIT = "07_capstone"
KIND = Competing(LOOKS)

ASPECTS = tuple(
    Aspect(name, percent, frozenset(traits))
    for name, percent, traits in (
        ("accuracy", 40, ["held-out images"]),
        ("time", 10, ["CPU seconds"]),
        ("size", 10, ["parameters"]),
        ("each image for itself", 10, ["one image alone", "another order"]),
        ("arguments alone", 10, ["its parameters alone", "the same rng, the same classifier"]),
        ("nothing changed", 10, ["inputs unchanged", "read-only arrays"]),
        ("other data", 10, ["images sorted by class", "four classes", "sheets of 20×12"]),
    )
)

EXERCISE = Exercise(
    name="build_and_train",
    unit=UNIT,
    signature="build_and_train(images, labels, *, rng, cpu_seconds)",
    reference=REFERENCE,
    kind=KIND,
    cases=KIND.cases,
    points=20,
    misconceptions=MISCONCEPTIONS,
    alternatives=(*ALTERNATIVES, CONVOLUTIONAL),
    aspects=ASPECTS,
    reread="section 2, the rules: what each of the two functions gets and gives, and what the budget counts.",
)
