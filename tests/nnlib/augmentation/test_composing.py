"""Several changes one after another, and training with them."""

from functools import partial

import numpy as np

from nnlib.augmentation import add_noise, compose, flip_horizontal, random_crop, rotate, time_stretch, translate
from nnlib.layers import Dense, Flatten, Sequential
from nnlib.losses import softmax_cross_entropy
from nnlib.optimizers import SGD
from nnlib.training import fit


def test_changes_come_in_their_order_and_share_rng():
    x = np.random.default_rng(0).normal(size=(8, 1, 4, 4))
    change = compose(partial(random_crop, padding=1), partial(flip_horizontal, p=0.5))
    rng = np.random.default_rng(1)
    expected = flip_horizontal(random_crop(x, 1, rng=rng), 0.5, rng=rng)
    np.testing.assert_array_equal(change(x, rng=np.random.default_rng(1)), expected)
    np.testing.assert_array_equal(compose()(x, rng=rng), x)


def test_sounds_and_what_draws_nothing_compose_too(rng):
    change = compose(lambda x, rng: time_stretch(x, 2), partial(add_noise, snr_db=np.inf))
    assert change(np.ones(100), rng=rng).shape == (50,)


def test_fit_trains_on_what_augment_makes():
    x, y = np.zeros((12, 1, 4, 4), np.float32), np.arange(12) % 3
    x[:, 0, 1, 1] = y
    seen = []
    change = compose(
        partial(random_crop, padding=1),
        lambda images, rng: rotate(images, rng.uniform(-9, 9, len(images))),
        lambda images, rng: translate(images, 1, 0),
        lambda images, rng: seen.append(images) or images,
    )
    model = Sequential(Flatten(), Dense(3))
    fit(model, (x, y), softmax_cross_entropy, SGD(0.1), epochs=2, batch_size=5,
        rng=np.random.default_rng(0), augment=change, progress=False)  # fmt: skip
    assert [len(batch) for batch in seen] == [5, 5, 2] * 2
    assert {batch.dtype.name for batch in seen} == {"float32"}
    assert (seen[0][:, 0, 0] == 0).all()
