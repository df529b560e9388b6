"""The interval of a measured share."""

import numpy as np
import pytest

from nnlib.intervals import accuracy_interval


@pytest.mark.parametrize("z", [1.0, 1.96, 2.576])
@pytest.mark.parametrize(("correct", "total"), [(0, 10), (1, 1), (7, 9), (90, 100), (571, 597), (60, 60)])
def test_both_ends_are_z_deviations_from_the_measured_share(correct, total, z):
    for end in accuracy_interval(correct, total, z):
        assert abs(correct / total - end) == pytest.approx(z * np.sqrt(end * (1 - end) / total), abs=1e-7)


def test_it_agrees_with_the_published_worked_numbers():
    """The 8-of-10 example as R's prop.test(8, 10, correct=FALSE) prints it: 0.4901625 to 0.9433178."""
    assert accuracy_interval(8, 10, 1.959964) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)


def test_it_holds_the_true_share_about_as_often_as_it_says():
    """Exactly, from the binomial distribution of 80 images, by its recursion: no draws."""
    n, covered = 80, []
    for p in (0.6, 0.75, 0.9, 0.95):
        weights = np.zeros(n + 1)
        weights[0] = (1 - p) ** n
        for k in range(n):
            weights[k + 1] = weights[k] * (n - k) / (k + 1) * p / (1 - p)
        inside = [low <= p <= high for low, high in (accuracy_interval(k, n) for k in range(n + 1))]
        covered.append(float(weights @ inside))
    assert all(0.92 < share < 0.98 for share in covered), covered


@pytest.mark.parametrize("total", [1, 30, 10_000])
def test_it_stays_between_0_and_1_and_is_never_a_point(total):
    for correct in (0, total):
        low, high = accuracy_interval(correct, total)
        assert 0 <= low < high <= 1


@pytest.mark.parametrize(
    ("correct", "total", "z"), [(3, 2, 1.96), (-1, 5, 1.96), (0, 0, 1.96), (1, 2, 0), (1, 2, -1)]
)
def test_counts_that_cannot_be_are_refused(correct, total, z):
    with pytest.raises(ValueError, match=rf"got correct={correct}, total={total}, z={z}"):
        accuracy_interval(correct, total, z)
