"""Pictures made by arithmetic, so that nothing has to be downloaded and nobody's rights are touched."""

import numpy as np

from nnlib.plots.style import Array

__all__ = ["seaside"]


def seaside(height: int = 84, width: int = 112, *, rng: np.random.Generator) -> Array:
    """A lighthouse by the sea, as photo-like as arithmetic gets it: (3, H, W), float64 from 0 to 1."""
    y, x = np.meshgrid(np.linspace(0, 1, height), np.linspace(0, 1, width), indexing="ij")
    scene = _blend(_sky(y, _clouds(height, width, rng)), _sea(y, x, rng), y > 0.62)
    scene = _blend(scene, _flat(0.30, 0.36, 0.20) + 0.10 * _clouds(height, width, rng), _cliff(y, x))
    scene = _tower(scene, y, x)
    return np.clip(scene + 0.012 * rng.standard_normal(scene.shape), 0, 1)


def _sky(y: Array, clouds: Array) -> Array:
    blue = np.stack([0.45 + 0.35 * y, 0.62 + 0.25 * y, 0.86 + 0.05 * y])
    sky: Array = blue + (0.96 - blue) * np.clip(2.4 * clouds - 1.1, 0, 0.85)
    return sky


def _sea(y: Array, x: Array, rng: np.random.Generator) -> Array:
    phase = rng.uniform(0, 2 * np.pi)
    waves = np.sin(90 * y + 5 * np.sin(9 * x + phase) + phase)
    sea: Array = _flat(0.12, 0.34, 0.46) + 0.06 * waves * np.clip(3 * (y - 0.62), 0.15, 1)
    return sea


def _cliff(y: Array, x: Array) -> Array:
    edge: Array = 0.86 - 0.34 * np.clip((x - 0.42) / 0.25, 0, 1) + 0.02 * np.sin(40 * x)
    return y > edge


def _tower(scene: Array, y: Array, x: Array) -> Array:
    """White and red rings, a dark gallery, a lit lamp, a dark roof."""
    centre, half = 0.76, 0.035 + 0.045 * np.clip((y - 0.2) / 0.4, 0, 1)
    body = (np.abs(x - centre) < half) & (y > 0.24) & (y < 0.60)
    light = 1.0 - 0.35 * np.clip((x - centre) / 0.08 + 0.4, 0, 1)  # the sun stands on the left
    ring = np.where(np.floor((y - 0.24) / 0.09) % 2 == 0, 1.0, 0.0)
    paint = np.stack([0.93 - 0.13 * (1 - ring), 0.92 * ring + 0.16 * (1 - ring), 0.90 * ring + 0.14 * (1 - ring)])
    scene = _blend(scene, paint * light, body)
    scene = _blend(scene, _flat(0.15, 0.15, 0.18), (np.abs(x - centre) < 0.055) & (np.abs(y - 0.23) < 0.014))
    scene = _blend(scene, _flat(1.0, 0.92, 0.55), (np.abs(x - centre) < 0.026) & (y > 0.13) & (y < 0.218))
    return _blend(
        scene, _flat(0.45, 0.10, 0.10), (np.abs(x - centre) < 0.5 * (y - 0.05)) & (y > 0.05) & (y < 0.132)
    )


def _clouds(height: int, width: int, rng: np.random.Generator) -> Array:
    """Smooth noise from 0 to 1: coarse random grids, enlarged by linear interpolation and added up."""
    total = np.zeros((height, width))
    for cells, weight in ((3, 0.5), (6, 0.3), (12, 0.2)):
        coarse = rng.random((cells, 2 * cells))
        down = np.apply_along_axis(lambda c: _stretch(c, height), 0, coarse)
        total += weight * np.apply_along_axis(lambda r: _stretch(r, width), 1, down)
    noise: Array = (total - total.min()) / np.ptp(total)
    return noise


def _stretch(values: Array, length: int) -> Array:
    return np.interp(np.linspace(0, len(values) - 1, length), np.arange(len(values)), values)


def _flat(red: float, green: float, blue: float) -> Array:
    return np.array([red, green, blue])[:, None, None]


def _blend(scene: Array, over: Array, where: Array) -> Array:
    return np.where(where, over, scene)
