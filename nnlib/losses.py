"""Losses: `NAME(prediction, target) -> (loss, gradient)`. The loss, and it alone, averages over the batch."""

import numpy as np

from nnlib.activations import sigmoid_forward, softmax
from nnlib.arrays import Array, as_float, as_gradient, check_same_shape, check_shape

__all__ = ["mse_loss", "sigmoid_cross_entropy", "softmax_cross_entropy"]


def mse_loss(y_hat: Array, y: Array) -> tuple[float, Array]:
    """(loss, dy_hat) for predictions and targets of one shape (N, M), or (N, …).

    loss = 1/(2N) Σₙ ‖y_hat[n] − y[n]‖², and dy_hat = (y_hat − y) / N: half the squared distance, averaged over the
    batch and summed over each example. Raises ValueError where the shapes differ or the batch is empty.
    """
    y_hat, y = as_float("y_hat", y_hat), as_float("y", y)
    check_same_shape("y_hat", y_hat, "y", y)
    n = _batch("y_hat", y_hat)
    difference = y_hat - y
    return float(np.square(difference).sum() / (2 * n)), as_gradient(difference / n, of=y_hat)


def softmax_cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """(loss, dlogits) for logits (N, M) and integer labels (N,) in [0, M).

    loss = −(1/N) Σₙ log softmax(logits)[n, labels[n]], and dlogits = (softmax(logits) − onehot(labels)) / N.
    Computed as log Σ exp(z) − z[label] with the row's maximum taken out: exact at logits of 1e4 too.

    Raises ValueError for shapes or labels that do not fit, TypeError for labels that are not integers.
    """
    logits = as_float("logits", logits)
    check_shape("logits", logits, {"N": None, "M": None}, "one row of M class scores per example")
    n, m = _batch("logits", logits), logits.shape[1]
    labels = _checked_labels(labels, n, m)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_total = np.log(np.exp(shifted).sum(axis=1))
    loss = (log_total - shifted[np.arange(n), labels]).mean()
    dlogits = softmax(logits)
    dlogits[np.arange(n), labels] -= 1
    return float(loss), dlogits / n


def sigmoid_cross_entropy(logits: Array, targets: Array) -> tuple[float, Array]:
    """(loss, dlogits) for logits and targets of one shape (N, M) or (N,), targets in [0, 1].

    With a = sigmoid(logits): loss = −(1/N) Σ (t log a + (1 − t) log(1 − a)), and dlogits = (a − targets) / N.
    Computed as max(z, 0) − z t + log(1 + exp(−|z|)): exact at logits of ±1e4 too.

    Raises ValueError where the shapes differ, the batch is empty, or a target lies outside of [0, 1].
    """
    logits, targets = as_float("logits", logits), as_float("targets", targets)
    check_same_shape("logits", logits, "targets", targets)
    n = _batch("logits", logits)
    if not ((targets >= 0) & (targets <= 1)).all():
        raise ValueError(f"targets must lie in [0, 1], got values from {targets.min()} to {targets.max()}")
    costs = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    return float(costs.sum() / n), as_gradient((sigmoid_forward(logits)[0] - targets) / n, of=logits)


def _batch(name: str, array: Array) -> int:
    """N, which a mean is taken over."""
    if array.ndim == 0 or len(array) == 0:
        raise ValueError(
            f"{name} must hold at least one example, got shape {array.shape}: the mean over none is undefined"
        )
    return len(array)


def _checked_labels(labels: Array, n: int, m: int) -> Array:
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(
            f"labels must be integers (class numbers), got dtype {labels.dtype}: try labels.astype(int)"
        )
    check_shape("labels", labels, {"N": n}, f"one class number per row of the {n} × {m} logits, not one-hot rows")
    if labels.min() < 0 or labels.max() >= m:
        raise ValueError(
            f"labels must lie in [0, M) with M = {m}, got values from {labels.min()} to {labels.max()}: "
            "the logits need one column per class, and class numbers begin at 0"
        )
    return labels
