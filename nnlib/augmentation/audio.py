"""Sounds, as rows of samples (T,), with noise and at another speed."""

import numpy as np

from nnlib.arrays import Array
from nnlib.augmentation.checks import as_signal, check_whole

__all__ = ["add_noise", "check_rate", "time_stretch"]


def add_noise(signal: Array, snr_db: float, *, rng: np.random.Generator) -> Array:
    """signal (T,) and normal noise at a signal-to-noise ratio of snr_db decibels.

    The ratio is one of powers, SNR = 10 log₁₀(P_signal / P_noise), where P is the mean square. So the noise has
    the standard deviation √(P_signal / 10^(snr_db / 10)), and a silent signal stays silent.
    Draws rng.standard_normal(T). Raises ValueError where signal is not a row or snr_db is nan.
    """
    signal = as_signal(signal)
    if np.isnan(snr_db):
        raise ValueError("snr_db must be a number of decibels, got nan")
    power = float(np.mean(np.square(signal, dtype=np.float64)))
    deviation = np.sqrt(power / 10 ** (snr_db / 10))
    noise = deviation * rng.standard_normal(len(signal))
    return np.asarray(signal + noise.astype(signal.dtype))


def time_stretch(signal: Array, rate: float, frame: int = 256) -> Array:
    """signal (T,) played `rate` times as fast, with its pitch about as it was: (round(T / rate),).

    Overlap and add. Half a frame is the hop h. Frame k, for k = 0, 1, …, ⌈length / h⌉, is cut out around sample
    round(k h rate) of the signal, which is silent before its start and behind its end; it is multiplied by a Hann
    window, ½ − ½ cos(2πi / frame), and added around sample k h of the result. The windows add up to 1, so a rate
    of 1 changes nothing. Where overlapping frames do not fit together, a tone becomes rough: `phase_vocoder`
    makes them fit. Python's round is meant.

    Raises ValueError where signal is not a row, rate is not above 0, or frame is odd or below 2.
    Allen and Rabiner, "A unified approach to short-time Fourier analysis and synthesis" (Proc. IEEE 65, 1977).
    """
    signal, rate = as_signal(signal), check_rate(rate)
    if check_whole("frame", frame, 2) % 2:
        raise ValueError(f"frame must be even, since frames overlap by half, got {frame}")
    hop, length = frame // 2, round(len(signal) / rate)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(frame) / frame)).astype(signal.dtype)
    count = -(-length // hop) + 1
    starts = [round(k * hop * rate) for k in range(count)]
    padded = np.pad(signal, (hop, max(frame, starts[-1] + hop - len(signal))))
    out = np.zeros((count + 1) * hop, signal.dtype)
    for k, start in enumerate(starts):
        out[k * hop : k * hop + frame] += window * padded[start : start + frame]
    return out[hop : hop + length]


def check_rate(rate: float) -> float:
    """rate, if it is finite and above 0; else ValueError."""
    if not 0 < rate < np.inf:
        raise ValueError(f"rate must be above 0, got {rate}: 2 is twice as fast, 0.5 half as fast")
    return rate
