"""What the checks of augmentations share: draws on copies, and looks at what became of each image or word."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from autograder.calling import Opaque, describe, plain
from autograder.exercise import Function, Misconception
from autograder.sampling import Finding, Look, Sampler, found

UNIT = "04_overfitting"
Rng: TypeAlias = np.random.Generator
Fates: TypeAlias = Callable[[Sampler, Any], list[Any]]  # what became of each image: text where it is wrong


def an_array(wanted: str) -> Callable[[Any], Any]:
    """Reads an array of real numbers; ``wanted`` describes it."""

    def read(result: Any) -> Any:
        value = plain(result)
        return value if isinstance(value, np.ndarray) else Opaque(describe(value), wanted=wanted)

    return read


def words(result: Any) -> Any:
    """Reads a list of words."""
    if type(result) not in (list, tuple) or not all(isinstance(word, str) for word in result):
        return Opaque(describe(plain(result)), wanted="a list of words")
    return [str(word) for word in result]


def drawn(sampler: Sampler, seed: int) -> Any:
    """What comes out, from arguments of its own: a dict is one, too."""
    return sampler(seed, *(copy.deepcopy(value) for value in sampler.given))


def shaped(sampler: Sampler, out: Any) -> Finding | None:
    """The shape is that of what came in."""
    wanted = sampler.given[0].shape
    if out.shape == wanted:
        return None
    more = [np.sign(a - b) for a, b in zip(out.shape, wanted, strict=False)]
    return found(f"shape {out.ndim} {more}", f"expected shape {wanted}, got {out.shape}")


def became(fates: Fates, wrong: Callable[[Sampler, list[Any]], Finding | None]) -> Look:
    """Looks at the fates of all images, if they can be told."""

    def look(sampler: Sampler, seed: int) -> Finding | None:
        out = drawn(sampler, seed)
        return shaped(sampler, out) or wrong(sampler, fates(sampler, out))

    return look


def known(sampler: Sampler, fates: list[Any]) -> Finding | None:
    """Every image became something that is allowed."""
    bad = [(n, fate) for n, fate in enumerate(fates) if isinstance(fate, str)]
    if not bad:
        return None
    n, fate = bad[0]
    return found(
        fate, f"image {n} of {len(fates)} {fate}", f"{len(bad)} of {len(fates)} images are not as they should be"
    )


def alike(sampler: Sampler, fates: list[Any]) -> Finding | None:
    """Not all images became the same."""
    if any(fate != fates[0] for fate in fates):
        return None
    return found("all alike", f"all {len(fates)} images were treated alike: each draws for itself")


def repeatable(sampler: Sampler, seed: int) -> Finding | None:
    """The same rng, the same result; tried again and again, since two draws of few words may agree by chance."""
    if all(same(drawn(sampler, seed + k), drawn(sampler, seed + k)) for k in range(6)):
        return None
    return found("not repeatable", "with an rng of the same seed the result is another: something else draws, too")


def another(sampler: Sampler, seed: int) -> Finding | None:
    """Other states of rng, other results."""
    first = drawn(sampler, seed)
    if any(not same(first, drawn(sampler, seed + k)) for k in range(1, 6)):
        return None
    return found("always the same", "six calls gave the same result, though rng had moved on")


def unchanged(sampler: Sampler, seed: int) -> Finding | None:
    """What came in is as it was."""
    drawn(sampler, seed)
    if all(same(a, b) for a, b in zip(sampler.given, sampler.arguments, strict=True)):
        return None
    return found(
        "changed in place",
        "your function changed what came in from outside",
        hint="Work on a copy, or make a new one.",
    )


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal."""
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else bool(a == b)


def typed(name: str, look: Look) -> Look:
    """The dtype is ``name``, and then ``look``."""

    def typed_look(sampler: Sampler, seed: int) -> Finding | None:
        out = drawn(sampler, seed)
        problem = (
            found(f"dtype {out.dtype}", f"expected dtype {name}, got {out.dtype}") if out.dtype != name else None
        )
        return problem or look(sampler, seed)

    return typed_look


def floats(array: Any) -> Any:
    """In a float dtype."""
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def frozen(array: Any) -> Any:
    """The array, not to be written to."""
    array.flags.writeable = False
    return array


def pixels(rng: Rng, n: int, c: int, h: int, w: int, low: float = 0.05, high: float = 0.95) -> Any:
    """Images in which no two values are as good as equal, and none is 0."""
    return rng.permutation(np.linspace(low, high, n * c * h * w)).reshape(n, c, h, w)


def whole(rng: Rng, n: int, c: int, h: int, w: int) -> Any:
    """Images of integers, no two equal, and none 0."""
    return (1 + rng.permutation(n * c * h * w)).reshape(n, c, h, w)


def own_rng(right: Function) -> Misconception:
    """A generator of its own."""
    return Misconception(
        "has an rng of its own",
        lambda *given, rng: right(*given, rng=np.random.default_rng(0)),
        "Every call draws the same: your function makes its own generator, or draws nothing. Use the rng that came in: it "
        "moves on from call to call.",
    )


def no_rng(right: Function) -> Misconception:
    """Draws from elsewhere."""
    return Misconception(
        "ignores rng",
        lambda *given, rng: right(*given, rng=np.random.default_rng()),
        "With the same rng the result should be the same. You draw from something else, such as np.random: then nobody "
        "can repeat your experiment.",
    )


def in_place(function: Function, sentence: str) -> Misconception:
    """Changes its first argument."""
    return Misconception("changes its input in place", function, sentence)


def written_back(right: Function) -> Function:
    """Writes the right result into the array that came in."""

    def wrong(images: Any, *given: Any, rng: Rng) -> Any:
        images[...] = right(images, *given, rng=rng)
        return images

    return wrong


def as_float64(right: Function) -> Function:
    """np.zeros for the result."""
    return lambda *given, rng: right(*given, rng=rng).astype(np.float64)


def as_text(right: Function) -> Misconception:
    """One string."""
    return Misconception(
        "returns one text",
        lambda *given, rng: " ".join(right(*given, rng=rng)),
        "One str came out. A list of words is asked for, as it came in: leave the join out.",
    )
