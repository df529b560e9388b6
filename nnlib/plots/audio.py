"""Sounds: to see, as waveform and spectrogram, and to hear, in a player that carries them inside."""

import io
import wave
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import numpy as np
from matplotlib.figure import Figure

from nnlib.plots.style import BLUE, ORANGE, Array, Picture, styled

__all__ = ["Player", "overlap_add", "player", "sounds"]

MOST_SECONDS = 6.0  # of all sounds of one player together
FRAME, HOP = 256, 64
DECIBELS = 60.0  # from the loudest to what counts as silence


@dataclass(frozen=True, slots=True)
class Player:
    """Sounds with buttons to play them; shows itself as the last line of a cell."""

    sounds: Mapping[str, bytes]  # WAV files
    alt: str

    def __repr__(self) -> str:
        return f"[sounds: {', '.join(self.sounds)}] {self.alt}"

    def _repr_html_(self) -> str:
        rows = "".join(_row(name, data) for name, data in self.sounds.items())
        return f'<div role="group" aria-label="{escape(self.alt)}">{rows}</div>'


def _row(name: str, data: bytes) -> str:
    source = f"data:audio/wav;base64,{b64encode(data).decode('ascii')}"
    sound = (
        f'<audio controls aria-label="{escape(name)}" src="{source}" style="height:2.2em;vertical-align:middle">'
    )
    title = f'<span style="display:inline-block;min-width:12.5em">{escape(name)}</span>'
    return f'<div style="margin:0.3em 0">{title}{sound}</audio></div>'


def player(signals: Mapping[str, Array], sample_rate: int, *, alt: str) -> Player:
    """A player for sounds {name: samples (T,)}, as loud as they are to each other, the loudest at full level.

    Raises ValueError without alt text, or for more than MOST_SECONDS of sound, which would swell the notebook.
    """
    if not alt.strip():
        raise ValueError("a player needs alt text: say in words what is to be heard")
    seconds = sum(len(signal) for signal in signals.values()) / sample_rate
    if seconds > MOST_SECONDS:
        raise ValueError(f"{seconds:.1f} seconds of sound are too many for one player, at most {MOST_SECONDS:g}")
    peak = max(float(np.abs(signal).max()) for signal in signals.values()) or 1.0
    return Player({name: _wav(signal / peak, sample_rate) for name, signal in signals.items()}, alt)


def _wav(signal: Array, sample_rate: int) -> bytes:
    """A WAV file of 16-bit samples; signal lies in [-1, 1]."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(np.round(32767 * np.clip(signal, -1, 1)).astype("<i2").tobytes())
    return buffer.getvalue()


@styled
def sounds(signals: Mapping[str, Array], sample_rate: int, *, alt: str, highest: float | None = None) -> Picture:
    """Sounds {name: samples (T,)} side by side: the waveform, and below it the spectrogram, in decibels.

    0 dB is the loudest place of all. `highest`: the highest frequency shown, in Hz.
    """
    count = len(signals)
    figure = Figure(figsize=(3.0 * max(2, count) + 0.9, 4.1), layout="constrained")
    upper, lower = figure.subplots(2, count, squeeze=False, sharey="row", height_ratios=[1, 1.5])
    levels = {name: _levels(signal) for name, signal in signals.items()}
    loudest = max(float(level.max()) for level in levels.values())
    longest = max(len(signal) for signal in signals.values()) / sample_rate
    for wave_ax, ax, (name, signal) in zip(upper, lower, signals.items(), strict=True):
        wave_ax.plot(np.arange(len(signal)) / sample_rate, signal, color=BLUE, linewidth=0.6)
        wave_ax.set(title=name, xlabel="time (s)", xlim=(0, longest))
        drawn = ax.imshow(
            levels[name] - loudest,
            extent=(0, len(signal) / sample_rate, 0, sample_rate / 2),
            origin="lower", aspect="auto", cmap="viridis", vmin=-DECIBELS, vmax=0,
        )  # fmt: skip
        ax.set(xlabel="time (s)", xlim=(0, longest), ylim=(0, highest or sample_rate / 2))
    upper[0].set_ylabel("amplitude (no unit)")
    lower[0].set_ylabel("frequency (Hz)")
    figure.colorbar(drawn, ax=list(lower), label="level (dB)", aspect=14, pad=0.02)
    return Picture(figure, alt, 128)


def _levels(signal: Array) -> Array:
    """The spectrogram (frequencies, frames) in decibels, frames centred at every HOP-th sample."""
    padded = np.pad(np.asarray(signal, np.float64), FRAME // 2)
    window = np.hanning(FRAME)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP] * window
    return np.asarray(20 * np.log10(np.abs(np.fft.rfft(frames)).T + 1e-9))


@styled
def overlap_add(rate: float, *, alt: str, frames: int = 5) -> Picture:
    """Where frames are cut out of a sound played `rate` times as fast, and where they are added up again."""
    figure = Figure(figsize=(7.6, 3.2), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    ramp = np.linspace(-1, 1, 101)
    bump = 0.5 + 0.5 * np.cos(np.pi * ramp)
    for ax, step, title in (
        (upper, rate, f"cut out: one frame every {rate:g} h"),
        (lower, 1.0, "multiplied by the window, and added up: one frame every h"),
    ):
        for k in range(frames):
            ax.fill_between(k * step + ramp, bump, alpha=0.25, color=(BLUE, ORANGE)[k % 2], linewidth=0)
            ax.plot(
                k * step + ramp, bump, color=(BLUE, ORANGE)[k % 2], linewidth=1.5, linestyle=("-", "--")[k % 2]
            )
            ax.text(k * step, 0.35, str(k), ha="center")
        ax.set(yticks=[0, 1], ylim=(0, 1.15), ylabel="window")
        ax.set_title(title, loc="left")
    total = np.arange(0, frames - 1 + 1e-9, 0.01)
    lower.plot(total, np.ones_like(total), color="#222222", linewidth=1.2, linestyle=":")
    lower.text(frames - 0.62, 1.0, "sum = 1", fontsize=9, va="center")
    lower.set_xlabel("time (hops of half a frame, h)")
    return Picture(figure, alt)
