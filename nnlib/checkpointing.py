"""Gradient checkpointing, under its own name: `Checkpointed` is a layer like the others, one of nnlib.layers."""

from nnlib.layers.checkpointed import Checkpointed

__all__ = ["Checkpointed"]
