"""Sounds at another speed or at another pitch, without touching the other of the two."""

import numpy as np

from nnlib.arrays import Array
from nnlib.augmentation.audio import check_rate
from nnlib.augmentation.checks import as_signal, check_whole

__all__ = ["phase_vocoder", "pitch_shift", "resample"]

TAPS = 32  # neighbours on each side that a value between samples is made of
BLOCK = 1 << 14


def phase_vocoder(signal: Array, rate: float, frame: int = 1024) -> Array:
    """signal (T,) played `rate` times as fast, with its pitch as it was: (round(T / rate),).

    As in `nnlib.augmentation.time_stretch` frames are cut out and added up again, four of them over each sample.
    But before that the phases of each one are turned so that every peak of its spectrum goes on where the frame
    before left it. How far it turned meanwhile is read from the signal, over the same number of samples. The
    frequencies around a peak are turned with it.

    Raises ValueError where signal is not a row, rate is not above 0, or frame is no multiple of 4.
    Flanagan and Golden, "Phase vocoder" (Bell System Technical Journal 45, 1966); with the identity phase locking
    of Laroche and Dolson, "Improved phase vocoder time-scale modification of audio" (IEEE Transactions on Speech
    and Audio Processing 7, 1999).
    """
    signal, rate = as_signal(signal), check_rate(rate)
    if check_whole("frame", frame, 4) % 4:
        raise ValueError(f"frame must be a multiple of 4, since four frames overlap, got {frame}")
    hop, length = frame // 4, round(len(signal) / rate)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(frame) / frame)
    count = -(-length // hop) + 4
    starts = np.round((np.arange(count) - 1) * hop * rate).astype(int) + frame
    padded = np.pad(signal.astype(np.float64), (frame + frame // 2 + hop, frame + int(starts[-1])))
    now, before = (_spectra(padded, starts + shift, window) for shift in (hop, 0))
    frames = np.fft.irfft(_turned(now, before), frame) * window
    out, weights = np.zeros((2, (count + 4) * hop))
    for k, samples in enumerate(frames):
        out[k * hop : k * hop + frame] += samples
        weights[k * hop : k * hop + frame] += window**2
    first = frame // 2 + hop
    return (out / np.maximum(weights, 1e-9))[first : first + length].astype(signal.dtype)


def _spectra(padded: Array, starts: Array, window: Array) -> Array:
    """The spectra (frames, frequencies) of the windowed frames that begin there."""
    frames = np.lib.stride_tricks.sliding_window_view(padded, len(window))[starts]
    return np.asarray(np.fft.rfft(frames * window))


def _turned(now: Array, before: Array) -> Array:
    """The spectra `now` (frames, frequencies), each with its phases turned to go on from the one above it."""
    out = now.copy()
    for k in range(1, len(now)):
        turn = np.angle(out[k - 1]) - np.angle(before[k])
        out[k] = now[k] * np.exp(1j * turn[_nearest_peaks(np.abs(now[k]))])
    return out


def _nearest_peaks(sizes: Array) -> Array:
    """For each frequency the number of the peak that is nearest; a spectrum without one is its own."""
    inner = sizes[1:-1]
    peaks = 1 + np.flatnonzero((inner > sizes[:-2]) & (inner >= sizes[2:]))
    numbers = np.arange(len(sizes))
    return peaks[np.searchsorted((peaks[1:] + peaks[:-1]) / 2, numbers)] if len(peaks) else numbers


def pitch_shift(signal: Array, semitones: float, frame: int = 1024) -> Array:
    """signal (T,) higher by `semitones` (lower where negative), as long as it was: (T,).

    Twelve semitones double all frequencies, so one of them is a factor of 2^(1/12). The sound is made that much
    longer by the phase vocoder, and then read that much faster. Raises as `phase_vocoder` does.
    """
    signal = as_signal(signal)
    if not abs(semitones) <= 48:
        raise ValueError(f"semitones must lie in [-48, 48], four octaves, got {semitones}")
    ratio = 2 ** (semitones / 12)
    return resample(phase_vocoder(signal, 1 / ratio, frame), ratio, len(signal))


def resample(signal: Array, step: float, length: int) -> Array:
    """The values of signal (T,) at the places 0, step, 2 step, …, also between samples: (length,).

    A value is a sum of its neighbours, weighted by a sinc under a Hann window. For a step above 1 it lets through
    only what the result can hold, frequencies up to 1 / (2 step) of a sample. Beyond its ends signal is silent.

    J. O. Smith, "Digital audio resampling" (CCRMA, Stanford). Raises ValueError where step is not above 0.
    """
    signal, step = as_signal(signal), check_rate(step)
    cut = min(1.0, 1 / step)
    reach = int(np.ceil(TAPS / cut))
    offsets = np.arange(-reach + 1, reach + 1)
    padded = np.pad(signal.astype(np.float64), (reach, max(reach, int(length * step) + 2 * reach - len(signal))))
    out = np.empty(length)
    for start in range(0, length, BLOCK):
        places = np.arange(start, min(length, start + BLOCK)) * step
        whole = places.astype(int)
        away = offsets - (places - whole)[:, None]
        weights = cut * np.sinc(cut * away) * np.cos(np.pi / 2 * np.clip(away / reach, -1, 1)) ** 2
        out[start : start + len(places)] = (padded[whole[:, None] + offsets + reach] * weights).sum(axis=1)
    return out.astype(signal.dtype)
