"""Every picture of the course in one style: labels and units, colours for any colour vision, alt text.

A plotting function gets numbers (never a model), draws them, and returns a `Picture` or a `Film` that shows
itself as the last line of a cell. `alt`, the words for those who cannot see the picture, is required.

A function's module, and matplotlib with it, loads when the function is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnlib.plots.audio import Player as Player
    from nnlib.plots.audio import overlap_add as overlap_add
    from nnlib.plots.audio import player as player
    from nnlib.plots.audio import sounds as sounds
    from nnlib.plots.augmented import crop_window as crop_window
    from nnlib.plots.augmented import image_rows as image_rows
    from nnlib.plots.blocks import inception_module as inception_module
    from nnlib.plots.blocks import residual_block as residual_block
    from nnlib.plots.blocks import separable_convolution as separable_convolution
    from nnlib.plots.boundaries import boundary_film as boundary_film
    from nnlib.plots.boundaries import decision_boundaries as decision_boundaries
    from nnlib.plots.chains import backprop_film as backprop_film
    from nnlib.plots.chains import backprop_picture as backprop_picture
    from nnlib.plots.chains import checkpoint_picture as checkpoint_picture
    from nnlib.plots.charts import bars as bars
    from nnlib.plots.charts import lines as lines
    from nnlib.plots.comparisons import confusion as confusion
    from nnlib.plots.comparisons import tradeoffs as tradeoffs
    from nnlib.plots.computations import batchnorm_graph as batchnorm_graph
    from nnlib.plots.computations import computation as computation
    from nnlib.plots.diagrams import connectivity as connectivity
    from nnlib.plots.diagrams import receptive_field as receptive_field
    from nnlib.plots.diagrams import windows_along as windows_along
    from nnlib.plots.distributions import histograms as histograms
    from nnlib.plots.distributions import layer_histograms as layer_histograms
    from nnlib.plots.evaluation import intervals as intervals
    from nnlib.plots.explorer import Explorer as Explorer
    from nnlib.plots.film import Film as Film
    from nnlib.plots.fitted_curves import fits as fits
    from nnlib.plots.graphs import with_slopes as with_slopes
    from nnlib.plots.grids import number_grids as number_grids
    from nnlib.plots.grids import pooling_picture as pooling_picture
    from nnlib.plots.images import gallery as gallery
    from nnlib.plots.images import two_paths as two_paths
    from nnlib.plots.landscapes import Landscape as Landscape
    from nnlib.plots.landscapes import descent_film as descent_film
    from nnlib.plots.landscapes import descents as descents
    from nnlib.plots.matrices import im2col_picture as im2col_picture
    from nnlib.plots.matrices import weight_gradient as weight_gradient
    from nnlib.plots.measurements import curves as curves
    from nnlib.plots.measurements import graph as graph
    from nnlib.plots.networks import network_diagram as network_diagram
    from nnlib.plots.networks import neuron as neuron
    from nnlib.plots.repeats import spreads as spreads
    from nnlib.plots.scenes import seaside as seaside
    from nnlib.plots.searches import tries as tries
    from nnlib.plots.sliding import sliding_film as sliding_film
    from nnlib.plots.sliding import sliding_step as sliding_step
    from nnlib.plots.stages import volumes as volumes
    from nnlib.plots.style import PALETTE as PALETTE
    from nnlib.plots.style import Picture as Picture
    from nnlib.plots.tangents import slopes as slopes

_MODULES = {
    "augmented": ("crop_window", "image_rows"),
    "blocks": ("inception_module", "residual_block", "separable_convolution"),
    "boundaries": ("boundary_film", "decision_boundaries"),
    "chains": ("backprop_film", "backprop_picture", "checkpoint_picture"),
    "charts": ("bars", "lines"),
    "computations": ("batchnorm_graph", "computation"),
    "fitted_curves": ("fits",),
    "repeats": ("spreads",),
    "graphs": ("with_slopes",),
    "diagrams": ("connectivity", "receptive_field", "windows_along"),
    "distributions": ("histograms", "layer_histograms"),
    "evaluation": ("intervals",),
    "explorer": ("Explorer",),
    "film": ("Film",),
    "grids": ("number_grids", "pooling_picture"),
    "images": ("gallery", "two_paths"),
    "landscapes": ("Landscape", "descent_film", "descents"),
    "matrices": ("im2col_picture", "weight_gradient"),
    "networks": ("network_diagram", "neuron"),
    "measurements": ("curves", "graph"),
    "scenes": ("seaside",),
    "searches": ("tries",),
    "sliding": ("sliding_film", "sliding_step"),
    "audio": ("Player", "overlap_add", "player", "sounds"),
    "style": ("PALETTE", "Picture"),
    "tangents": ("slopes",),
    "comparisons": ("confusion", "tradeoffs"),
    "stages": ("volumes",),
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [name for name in _PLACES]  # noqa: C416 - ruff reads no other form


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
