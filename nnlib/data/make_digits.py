"""Makes digits.npz from scikit-learn's copy of the data: `python -m nnlib.data.make_digits`."""

from pathlib import Path

import numpy as np

__all__ = ["make_digits"]


def make_digits(target: Path) -> None:
    """Write the images (1797, 8, 8), ink levels 0 to 16, and labels (1797,) to `target`, both as uint8."""
    from sklearn.datasets import load_digits  # only this script needs it

    source = load_digits()
    np.savez_compressed(target, images=source.images.astype(np.uint8), labels=source.target.astype(np.uint8))


if __name__ == "__main__":
    make_digits(Path(__file__).with_name("digits.npz"))
