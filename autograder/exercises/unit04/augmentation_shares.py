"""What each trait of the augmentations counts: the aspects, and what percentage of the points each is worth."""

from __future__ import annotations

from autograder.exercises.aspects import dividing

TRAITS: dict[str, tuple[str, ...]] = {
    # images
    "mirror": ("probability 1", "not square", "one image", "one channel"),
    "probability": ("probability 0", "share of mirrored images"),
    "each by itself": ("each image by itself",),
    "places": ("images in their places",),
    "rng": ("the same rng, the same result", "another rng, another result"),
    "dtype": ("float32", "integers"),
    "nothing changed": ("read-only arrays", "inputs unchanged"),
    "windows": ("a window of the frame", "no padding", "one image", "one channel", "images in their places"),
    "zeros around": ("zeros around",),
    "not square": ("not square",),
    "axes": ("rows and columns apart",),
    "chance": ("first and last window", "every window as likely"),
    "directions": ("down", "up", "right", "left"),
    "both": ("both ways", "one image", "not square"),
    "nothing": ("not at all",),
    "far": ("out of sight",),
    "brightness": ("brightness alone",),
    "contrast": ("contrast alone",),
    "saturation": ("saturation alone",),
    "together": ("all three", "nothing", "one image", "one channel", "not square"),
    "factors": ("each image by itself", "three factors", "factors around 1"),
    "range": ("cut off at 0 and 1",),
    # text
    "replaced": ("one word", "three words", "nothing to do"),
    "few": ("fewer than n", "no word known", "empty sentence"),
    "twice": ("a word twice",),
    "drawn": ("every place as likely", "every synonym as likely"),
    "not changed": ("inputs unchanged",),
    "inserted": ("one word", "three words", "nothing to do", "a sentence of one word"),
    "none known": ("no word known", "empty sentence"),
    "gaps": ("every gap as likely",),
    "words": ("every word as likely", "every synonym as likely"),
    "kept": ("probability 0", "a part in its order"),
    "left": ("probability 1", "any word may be left", "a sentence of one word", "empty sentence"),
    "share": ("share of words left", "another probability"),
    "one by one": ("the same word many times", "another number each time"),
    # sounds
    "level": ("10 decibels", "0 decibels", "minus 6 decibels"),
    "loudness": ("a loud signal", "a quiet signal"),
    "power": ("a signal with an offset",),
    "silence": ("silence",),
    "noise": ("mean 0", "normal, not uniform", "each sample by itself"),
    "speeds": ("twice as fast", "half as fast"),
    "other rates": ("a little faster", "a little slower", "length rounded up", "length rounded down"),
    "as before": ("rate 1",),
    "tones": ("a tone", "a constant"),
    "frames": ("another frame", "shorter than a frame"),
}


aspects = dividing(TRAITS)

# fmt: off
FLIPS = aspects(
    mirror=25, probability=15, each_by_itself=20, places=10, rng=10, dtype=10, nothing_changed=10,
)
CROPS = aspects(
    windows=15, zeros_around=10, not_square=10, each_by_itself=15, axes=10, chance=10, rng=10, dtype=10,
    nothing_changed=10,
)
SHIFTS = aspects(directions=30, both=20, nothing=10, far=15, dtype=15, nothing_changed=10)
JITTERS = aspects(
    brightness=10, contrast=10, saturation=10, together=10, factors=20, range=10, rng=10, dtype=10, nothing_changed=10,
)
REPLACEMENTS = aspects(replaced=30, few=15, twice=15, drawn=15, rng=15, not_changed=10)
INSERTIONS = aspects(inserted=30, none_known=15, gaps=15, words=15, rng=15, not_changed=10)
DELETIONS = aspects(kept=15, left=25, share=20, one_by_one=15, rng=15, not_changed=10)
NOISES = aspects(level=20, loudness=10, power=10, silence=10, noise=20, rng=10, dtype=10, nothing_changed=10)
STRETCHES = aspects(as_before=15, speeds=20, other_rates=15, tones=15, frames=15, dtype=10, nothing_changed=10)
# fmt: on
