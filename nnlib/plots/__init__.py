"""Every picture of the course in one style: labels and units, colours for any colour vision, alt text.

A plotting function gets numbers (never a model), draws them, and returns a `Picture` or a `Film` that shows
itself as the last line of a cell. `alt`, the words for those who cannot see the picture, is required.
"""

from nnlib.plots.charts import bars, lines
from nnlib.plots.diagrams import connectivity, receptive_field, windows_along
from nnlib.plots.film import Film
from nnlib.plots.grids import number_grids, pooling_picture
from nnlib.plots.images import gallery, two_paths
from nnlib.plots.matrices import im2col_picture, weight_gradient
from nnlib.plots.scenes import seaside
from nnlib.plots.sliding import sliding_film, sliding_step
from nnlib.plots.style import PALETTE, Picture

__all__ = [
    "PALETTE",
    "Film",
    "Picture",
    "bars",
    "connectivity",
    "gallery",
    "im2col_picture",
    "lines",
    "number_grids",
    "pooling_picture",
    "receptive_field",
    "seaside",
    "sliding_film",
    "sliding_step",
    "two_paths",
    "weight_gradient",
    "windows_along",
]
