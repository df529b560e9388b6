"""Classifiers that are wrong as people make them wrong: each is a right one with one thing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.competing import Array, Entry
from autograder.exercise import Misconception
from autograder.exercises.unit07.classifiers import (
    REFERENCE,
    WAVES,
    Rng,
    described,
    fitted,
    moved,
    predict,
    slopes,
    train,
)
from nnlib.batches import minibatches
from nnlib.losses import softmax_cross_entropy


def answering(change: Callable[[Any], Any]) -> Entry:
    """The reference, with something done to its scores."""
    return replace(REFERENCE, predict=lambda parameters, images: change(described(images) @ parameters["w"]))


def seeing(change: Callable[[Array], Array]) -> Entry:
    """The reference, which predicts from images that it did not learn from like this."""
    return replace(REFERENCE, predict=lambda parameters, images: predict(parameters, change(images)))


def learning(change: Callable[[Array, Array, Rng], tuple[Array, Array]], **settings: Any) -> Entry:
    """The reference, which learns from other examples."""

    def trained(images: Array, labels: Array, *, rng: Rng, cpu_seconds: float) -> Any:
        return train(*change(images, labels, rng), rng=rng, cpu_seconds=cpu_seconds)

    return replace(REFERENCE, train=trained, **settings)


# statistics ------------------------------------------------------------------------------------------------


def standardised_features(statistics: Callable[[Array, Any], tuple[Array, Array]]) -> Entry:
    """A linear layer on standardised slopes; ``statistics(features, stored)`` are those used to predict."""

    def trained(images: Array, labels: Array, *, rng: Rng, cpu_seconds: float) -> Any:
        found = slopes(moved(images))
        mean, deviation = found.mean(axis=0), found.std(axis=0) + 1e-3
        features = np.concatenate([(found - mean) / deviation, np.ones((len(found), 1))], axis=1)
        return fitted(features, np.tile(labels, 5), 3.0), mean, deviation

    def predicted(parameters: Any, images: Array) -> Array:
        found = slopes(images)
        mean, deviation = statistics(found, parameters)
        features = np.concatenate([(found - mean) / deviation, np.ones((len(found), 1))], axis=1)
        answers: Array = (features @ parameters[0]).argmax(axis=1)
        return answers

    return Entry(trained, predicted)


def of_the_batch(found: Array, _: Any) -> tuple[Array, Array]:
    """Mean and deviation of what came in."""
    return found.mean(axis=0), found.std(axis=0) + 1e-3


def of_a_part(found: Array, _: Any) -> tuple[Array, Array]:
    """Mean and deviation of every ten that came in, as of small batches in training mode."""
    parts = [found[i : i + 10] for i in range(0, len(found), 10)]
    mean = np.concatenate([np.broadcast_to(part.mean(axis=0), part.shape) for part in parts])
    return mean, np.concatenate([np.broadcast_to(part.std(axis=0) + 1e-3, part.shape) for part in parts])


def standardised(images: Array, labels: Array, rng: Rng) -> tuple[Array, Array]:
    """For training alone."""
    return (images - images.mean()) / images.std(), labels


# both functions --------------------------------------------------------------------------------------------

kept: dict[str, Any] = {}


def keep(images: Array, labels: Array, *, rng: Rng, cpu_seconds: float) -> Any:
    """Leaves the classifier in a global variable."""
    kept.update(train(images, labels, rng=rng, cpu_seconds=cpu_seconds))
    return dict(kept)


def look_up(parameters: Any, images: Array) -> Array:
    """Uses the one that was trained last."""
    return predict(kept, images)


def remember(images: Array, labels: Array, *, rng: Rng, cpu_seconds: float) -> Any:
    """All training images, each moved about, to find the nearest."""
    return slopes(moved(images)), np.tile(labels, 5)


def nearest(parameters: Any, images: Array) -> Array:
    """The label of the nearest training image."""
    known, labels = parameters
    found = slopes(images)
    answers: Array = labels[(found @ known.T).argmax(axis=1)]
    return answers


def four(images: Array, labels: Array, *, rng: Rng, cpu_seconds: float) -> Any:
    """An ensemble."""
    return [train(images, labels, rng=rng, cpu_seconds=cpu_seconds) for _ in range(4)]


def by_vote(parameters: Any, images: Array) -> Array:
    """The sum of their scores."""
    return predict({"w": sum(one["w"] for one in parameters)}, images)


def noisily(parameters: Any, images: Array) -> Array:
    """Dropout goes on while predicting."""
    features = described(images)
    mask = np.random.default_rng().random(features.shape) >= 0.3
    answers: Array = (features * mask / 0.7 @ parameters["w"]).argmax(axis=1)
    return answers


def sorted_by_ink(parameters: Any, images: Array) -> Array:
    """Images are put into another order, and their labels stay in it."""
    return predict(parameters, images[np.argsort(images.sum(axis=(1, 2)))])


def never_trained(images: Array, labels: Array, *, rng: Rng, cpu_seconds: float) -> Any:
    """The weights it began with."""
    return {"w": np.zeros((WAVES + 1, int(labels.max()) + 1))}


def centred_in_place(images: Array, labels: Array, rng: Rng) -> tuple[Array, Array]:
    """The caller's images change."""
    images -= images.mean()
    return images, labels


def torn(images: Array, labels: Array, rng: Rng) -> tuple[Array, Array]:
    """Images and labels each in an order of their own."""
    return images[rng.permutation(len(images))], labels


def a_part_by_chance(images: Array, labels: Array, rng: Rng) -> tuple[Array, Array]:
    """Four fifths, drawn from elsewhere."""
    chosen = np.random.default_rng().permutation(len(images))[: len(images) * 4 // 5]
    return images[chosen], labels[chosen]


def first_part(images: Array, labels: Array, rng: Rng) -> tuple[Array, Array]:
    """Four fifths, as they came; the rest is for validation."""
    return images[: len(images) * 4 // 5], labels[: len(images) * 4 // 5]


def weighted(images: Array, labels: Array, *, rng: Rng, cpu_seconds: float) -> Any:
    """Each class counts the same: divided by how often each of the ten occurs."""
    shares = np.bincount(labels, minlength=10) / len(labels)
    features, repeated = described(moved(images)), np.tile(labels, 5)
    targets = np.eye(10)[repeated] / (10 * shares)
    square = features.T @ features + 0.3 * np.eye(features.shape[1])
    return {"w": np.linalg.solve(square, features.T @ (2 * targets - targets.mean(axis=0)))}


def square_images(images: Array, labels: Array, rng: Rng) -> tuple[Array, Array]:
    """Of 16×16 pixels."""
    return images.reshape(len(images), 256).reshape(-1, 16, 16), labels


def few_rounds(images: Array, labels: Array, *, rng: Rng, cpu_seconds: float) -> Any:
    """A linear layer on the slopes, by few and small steps."""
    x = slopes(images)
    w = np.zeros((x.shape[1], int(labels.max()) + 1))
    for _round in range(3):
        for batch, targets in minibatches(x, labels, 50, rng=rng):
            w -= 0.6 * batch.T @ softmax_cross_entropy(batch @ w, targets)[1]
    return w


def read_slopes(parameters: Any, images: Array) -> Array:
    """The largest score."""
    answers: Array = (slopes(images) @ parameters).argmax(axis=1)
    return answers


def by_pixels(images: Array) -> Array:
    """All pixels in a row, and a 1 for the bias."""
    pixels = images.reshape(len(images), -1)
    return np.concatenate([pixels, np.ones((len(pixels), 1))], axis=1)


def weigh_pixels(images: Array, labels: Array, *, rng: Rng, cpu_seconds: float) -> Any:
    """A weight for each pixel, as the baseline has."""
    return fitted(by_pixels(images), labels, 20.0)


def read_pixels(parameters: Any, images: Array) -> Array:
    """The largest score."""
    answers: Array = (by_pixels(images) @ parameters).argmax(axis=1)
    return answers


MISCONCEPTIONS = (
    Misconception(
        "returns scores in place of labels",
        answering(lambda scores: scores),
        "Your function gives a score for each class. Asked for is the class itself: where is a row's largest score?",
    ),
    Misconception(
        "takes the argmax over the wrong axis",
        answering(lambda scores: scores.argmax(axis=0)),
        "There are as many answers as classes, not as images. Along which axis do the classes stand in your scores?",
    ),
    Misconception(
        "counts the classes from 1",
        answering(lambda scores: scores.argmax(axis=1) + 1),
        "Every answer is one off: the first class is number 0.",
    ),
    Misconception(
        "returns labels as a column",
        answering(lambda scores: scores.argmax(axis=1)[:, None]),
        "The labels stand in a column, (N, 1). The shape that is asked for is (N,).",
    ),
    Misconception(
        "returns labels as floats",
        answering(lambda scores: scores.argmax(axis=1).astype(float)),
        "A label is a whole number: 3, not 3.0. Look at the dtype of what you return.",
    ),
    Misconception(
        "standardises with the batch it predicts",
        standardised_features(of_the_batch),
        "An image's label depends on the images beside it: mean and deviation are taken from the batch. Take them from "
        "the training images, once, and put them among the parameters.",
    ),
    Misconception(
        "has batch norm in training mode while it predicts",
        standardised_features(of_a_part),
        "An image's label depends on which images share its small batch. While predicting, batch norm (or your own "
        "normalisation) uses the statistics that were kept in training.",
    ),
    Misconception(
        "normalises the training images only",
        learning(standardised),
        "Your classifier works on images that are standardised first, and predict_labels does not do it. What happens to "
        "an image before training must happen before predicting, with the same numbers.",
    ),
    Misconception(
        "flattens the images in another order than in training",
        seeing(lambda images: images.swapaxes(1, 2)),
        "Your classifier reads transposed images better than upright ones: rows and columns are exchanged between "
        "training and predicting. Look at reshape, transpose and order=.",
    ),
    Misconception(
        "keeps the classifier in a global variable",
        Entry(keep, look_up, repeats=False),
        "predict_labels does not use the parameters it gets: with older ones it answers like the classifier that was "
        "trained last. All that it needs must come in as an argument.",
    ),
    Misconception(
        "remembers the training images",
        Entry(remember, nearest),
        "Keeping the training images themselves takes far more numbers than the budget has. A network keeps what they "
        "have in common.",
    ),
    Misconception(
        "is an ensemble of four",
        Entry(four, by_vote),
        "Each member of an ensemble brings parameters of its own, and together they are over the budget. Make the "
        "members smaller, or choose one.",
    ),
    Misconception(
        "trains far too long",
        replace(REFERENCE, seconds=90.0),
        "The training takes several times the processor time that there is. Fewer epochs, a smaller network, or a look "
        "at time.process_time() now and then.",
    ),
    Misconception(
        "leaves dropout on while it predicts",
        replace(REFERENCE, predict=noisily),
        "The same images get other labels a second time. Nothing may be drawn while predicting: dropout is for training.",
    ),
    Misconception(
        "loses the order of the images",
        replace(REFERENCE, predict=sorted_by_ink),
        "The labels belong to other images: within predict_labels the images are put into a new order, and their labels "
        "never brought back into the old one.",
    ),
    Misconception(
        "returns the weights it began with",
        replace(REFERENCE, train=never_trained),
        "All images get the same label, as with weights that are all 0. Do the new weights get into what is returned?",
    ),
    Misconception(
        "learns no more than the baseline",
        Entry(weigh_pixels, read_pixels),
        "All rules are kept, and it learns, but not much more than a baseline does. Does it read its own training images well? "
        "If not, train it longer. If so, it knows pixels and not strokes: section 7 has a table of ideas.",
    ),
    Misconception(
        "trains too few steps",
        Entry(few_rounds, read_slopes),
        "It learns, but it stops before it has learned enough, most of all where there are few images, and so few batches in an "
        "epoch. More epochs, or a larger rate; there are 20 CPU seconds.",
    ),
    Misconception(
        "tears images and labels apart",
        learning(torn),
        "It has learned, but it guesses, even on its own training images: perhaps the labels belong to other images. "
        "Shuffle both with one order.",
    ),
    Misconception(
        "changes the images in place",
        learning(centred_in_place),
        "Your function changes the images that belong to its caller. Look for -=, /= and x[…] = …; make new arrays.",
    ),
    Misconception(
        "ignores rng",
        learning(a_part_by_chance, repeats=False),
        "With the same rng the classifier should be the same. Something is drawn from elsewhere, such as np.random.",
    ),
    Misconception(
        "takes its validation images from the end",
        learning(first_part),
        "When images come sorted by class, your classifier never sees the last classes. Shuffle before you set images "
        "aside.",
    ),
    Misconception(
        "has ten classes built in",
        replace(REFERENCE, train=weighted),
        "With four classes something is divided by the number of images of a class that has none. Take the number of "
        "classes from the labels.",
    ),
    Misconception(
        "has 16×16 pixels built in",
        learning(square_images),
        "Your function fits sheets of 16×16 pixels only. Take height and width from images.shape.",
    ),
)
