"""New examples out of old ones: changes of images, texts and sounds that leave the label right.

Every function returns a new array (or list) and leaves its input as it is. Images are (N, C, H, W), a text is a
list of words, a sound is a row of samples (T,); frames are counted in samples, so no function needs the sample
rate. Where something is drawn, each image draws for itself, from the required keyword `rng`, and all examples stay
at their places, so their labels fit. Float dtypes stay, integers become float64.

`compose` makes of several changes the one that `nnlib.training.fit` takes as `augment`.
"""

from nnlib.augmentation.audio import add_noise, time_stretch
from nnlib.augmentation.composing import compose
from nnlib.augmentation.images import color_jitter, flip_horizontal, random_crop, translate
from nnlib.augmentation.pitch import phase_vocoder, pitch_shift, resample
from nnlib.augmentation.text import random_deletion, random_insertion, synonym_replacement
from nnlib.augmentation.thesaurus import SYNONYMS
from nnlib.augmentation.translation import back_translation, to_english, to_german
from nnlib.augmentation.warping import rotate, scale

__all__ = [
    "SYNONYMS",
    "add_noise",
    "back_translation",
    "color_jitter",
    "compose",
    "flip_horizontal",
    "phase_vocoder",
    "pitch_shift",
    "random_crop",
    "random_deletion",
    "random_insertion",
    "resample",
    "rotate",
    "scale",
    "synonym_replacement",
    "time_stretch",
    "to_english",
    "to_german",
    "translate",
]
