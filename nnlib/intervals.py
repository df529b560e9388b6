"""How sure a measured share is."""

from math import sqrt

__all__ = ["accuracy_interval"]


def accuracy_interval(correct: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """(low, high): the shares p for which `correct` of `total` is no more than z standard deviations off.

    The Wilson interval (E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22, 1927): the solutions of |q − p| ≤ z √(p (1 − p) / n), with
    q = correct / total and n = total. z = 1.96 gives 95 %. Within [0, 1] whatever the numbers, and never of width
    0, as q ± z √(q (1 − q) / n) is where all are right.

    Raises ValueError unless 0 ≤ correct ≤ total, total ≥ 1 and z > 0.
    """
    if total < 1 or not 0 <= correct <= total or not z > 0:
        raise ValueError(
            f"expected 0 ≤ correct ≤ total, total ≥ 1 and z > 0, got correct={correct}, total={total}, z={z}"
        )
    share, square = correct / total, z * z / total
    middle = (share + square / 2) / (1 + square)
    half = z * sqrt(share * (1 - share) / total + square / (4 * total)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)
