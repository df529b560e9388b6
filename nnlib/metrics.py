"""What a classifier is judged by, from its outputs and the right labels."""

import numpy as np

from nnlib.arrays import Array, as_float, check_shape

__all__ = ["accuracy", "confusion_matrix"]


def accuracy(outputs: Array, labels: Array) -> float:
    """The share of rows of outputs (N, M) whose largest value stands at the label; labels (N,) of integers.

    Of tied values the first counts. Raises ValueError where the shapes do not fit together or N = 0.
    """
    outputs, labels = _checked(outputs, labels)
    if not len(labels):
        raise ValueError(f"accuracy of no examples is not defined: outputs has shape {outputs.shape}")
    return float((outputs.argmax(axis=1) == labels).mean())


def confusion_matrix(outputs: Array, labels: Array) -> Array:
    """counts (M, M) of int64: how often class i (row) was taken for class j (column).

    Raises ValueError where the shapes do not fit together, or a label is not one of the M classes.
    """
    outputs, labels = _checked(outputs, labels)
    classes = outputs.shape[1]
    if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"labels must lie in [0, {classes}), got {labels.min()} to {labels.max()}")
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, outputs.argmax(axis=1)), 1)
    return counts


def _checked(outputs: Array, labels: Array) -> tuple[Array, Array]:
    outputs, labels = as_float("outputs", outputs), np.asarray(labels)
    check_shape("outputs", outputs, {"N": None, "M": None}, "one row an example, one column a class")
    check_shape(
        "labels", labels, {"N": len(outputs)}, "one label a row of outputs; of one-hot rows take .argmax(axis=1)"
    )
    if labels.dtype.kind not in "iu":
        raise ValueError(
            f"labels must be integers, got dtype {labels.dtype}: of one-hot rows take .argmax(axis=1)"
        )
    return outputs, labels
