"""Dropout: statistics with their bounds, the two forms, what is refused."""

import numpy as np
import pytest

from nnlib.dropout import dropout_forward, scaled_dropout_forward

N = 200_000
FORMS = pytest.mark.parametrize("forward", [dropout_forward, scaled_dropout_forward])


@FORMS
@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.8])
def test_the_share_of_dropped_values_is_p(rng, forward, p):
    out, _ = forward(np.ones(N), p, True, rng=rng)
    assert abs(np.mean(out == 0) - p) <= 5 * np.sqrt(p * (1 - p) / N)  # five standard deviations


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_inverted_dropout_keeps_the_mean_and_does_nothing_in_evaluation(rng, p):
    x = np.full(N, 3.0)
    out, _ = dropout_forward(x, p, True, rng=rng)
    assert abs(out.mean() - 3) <= 5 * 3 * np.sqrt(p / (1 - p) / N)
    np.testing.assert_array_equal(dropout_forward(x, p, False, rng=rng)[0], x)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_the_scaled_form_has_in_evaluation_the_mean_that_it_had_in_training(rng, p):
    x = np.full(N, 3.0)
    trained = scaled_dropout_forward(x, p, True, rng=rng)[0]
    assert set(np.unique(trained)) == {0, 3}
    evaluated = scaled_dropout_forward(x, p, False, rng=rng)[0]
    np.testing.assert_allclose(evaluated, 3 * (1 - p))
    assert abs(trained.mean() - evaluated.mean()) <= 5 * 3 * np.sqrt(p * (1 - p) / N)


@FORMS
def test_every_value_is_dropped_on_its_own(rng, forward):
    masks = forward(np.ones((400, 50)), 0.5, True, rng=rng)[1] > 0
    assert len(np.unique(masks, axis=0)) == 400  # no row like another
    assert len(np.unique(masks, axis=1).T) == 50


@FORMS
def test_the_generator_decides(forward):
    x = np.ones(100)
    one, same, other = (forward(x, 0.5, True, rng=np.random.default_rng(s))[0] for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


@FORMS
@pytest.mark.parametrize("p", [-0.1, 1, 1.5])
def test_what_is_no_probability_of_dropping_is_refused(rng, forward, p):
    with pytest.raises(ValueError, match=r"p_drop must lie in \[0, 1\)"):
        forward(np.ones(3), p, True, rng=rng)
