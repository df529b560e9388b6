"""Losses: `NAME(prediction, target) -> (loss, gradient)`. The loss, and it alone, averages over the batch."""

import numpy as np

from nnlib.arrays import Array, as_float, check_shape

__all__ = ["softmax", "softmax_cross_entropy"]


def softmax(logits: Array) -> Array:
    """exp(logits) / Σ exp(logits) along the last axis; logits (N, M), or any shape (…, M).

    The row's largest logit is subtracted first: numerator and denominator shrink by the same factor, and exp
    cannot overflow.
    """
    logits = as_float("logits", logits)
    if logits.ndim == 0:
        raise ValueError("logits must have shape (…, M), got (): softmax needs an axis of classes")
    powers: Array = np.exp(logits - logits.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def softmax_cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """(loss, dlogits) for logits (N, M) and integer labels (N,) in [0, M).

    loss = −(1/N) Σₙ log softmax(logits)[n, labels[n]], and dlogits = (softmax(logits) − onehot(labels)) / N.
    Computed as log Σ exp(z) − z[label] with the row's maximum taken out: exact at logits of 1e4 too.

    Raises ValueError for shapes or labels that do not fit, TypeError for labels that are not integers.
    """
    logits = as_float("logits", logits)
    check_shape("logits", logits, {"N": None, "M": None}, "one row of M class scores per example")
    n, m = logits.shape
    labels = _checked_labels(labels, n, m)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_total = np.log(np.exp(shifted).sum(axis=1))
    loss = (log_total - shifted[np.arange(n), labels]).mean()
    dlogits = softmax(logits)
    dlogits[np.arange(n), labels] -= 1
    return float(loss), dlogits / n


def _checked_labels(labels: Array, n: int, m: int) -> Array:
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(
            f"labels must be integers (class numbers), got dtype {labels.dtype}: try labels.astype(int)"
        )
    check_shape("labels", labels, {"N": n}, f"one class number per row of the {n} × {m} logits, not one-hot rows")
    if n == 0:
        raise ValueError(
            "logits must hold at least one example, got N = 0: the mean over no examples is undefined"
        )
    if labels.min() < 0 or labels.max() >= m:
        raise ValueError(
            f"labels must lie in [0, M) with M = {m}, got values from {labels.min()} to {labels.max()}: "
            "the logits need one column per class, and class numbers begin at 0"
        )
    return labels
