"""Sounds: noise of the power asked for, lengths and pitches measured on sines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.augmentation import add_noise, phase_vocoder, pitch_shift, resample, time_stretch

RATE = 8000
CHANGES = {
    "add_noise": lambda x: add_noise(x, 10, rng=np.random.default_rng(0)),
    "time_stretch": lambda x: time_stretch(x, 1.3),
    "phase_vocoder": lambda x: phase_vocoder(x, 1.3),
    "pitch_shift": lambda x: pitch_shift(x, 3),
    "resample": lambda x: resample(x, 1.3, 50),
}
every = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
stretches = pytest.mark.parametrize("stretch", [time_stretch, phase_vocoder])


def sine(hertz, seconds=1.0, dtype="float64"):
    return np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE).astype(dtype)


def pitch(signal):
    """The frequency of the spectrum's peak, in hertz, between two lines by a parabola through three."""
    spectrum = np.log(np.abs(np.fft.rfft(signal * np.hanning(len(signal)))) + 1e-12)
    k = int(spectrum[1:-1].argmax()) + 1
    a, b, c = spectrum[k - 1 : k + 2]
    return (k + (a - c) / (2 * (a - 2 * b + c))) * RATE / len(signal)


def inside(signal):
    return signal[len(signal) // 8 : -len(signal) // 8]


def size(signal):
    return np.sqrt(2 * np.mean(np.square(inside(signal))))  # of a sine, its amplitude


@every
@pytest.mark.parametrize(
    ("dtype", "wanted"), [("float32", "float32"), ("float64", "float64"), ("int64", "float64")]
)
def test_float_dtypes_stay_and_nothing_is_changed_in_place(change, dtype, wanted):
    x = (100 * sine(300, 0.2)).astype(dtype)
    before = x.copy()
    x.flags.writeable = False
    assert change(x).dtype == wanted
    np.testing.assert_array_equal(x, before)


@every
def test_float32_is_as_right_as_its_digits(change):
    x = sine(300, 0.2)
    np.testing.assert_allclose(change(x.astype(np.float32)), change(x), atol=1e-5)


@every
@pytest.mark.parametrize(("wrong", "message"), [
    (np.zeros((2, 9)), r"signal must have shape \(T,\), got \(2, 9\)"), (np.zeros(0), r"with T > 0, got \(0,\)"),
])  # fmt: skip
def test_what_is_no_row_of_samples_is_refused(change, wrong, message):
    with pytest.raises(ValueError, match=message):
        change(wrong)


# noise -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("snr_db", [-6, 0, 10, 30])
def test_the_measured_ratio_is_the_one_asked_for(rng, snr_db):
    x = 0.3 * sine(440, 10)
    noise = add_noise(x, snr_db, rng=rng) - x
    power = np.mean(x**2) / 10 ** (snr_db / 10)
    assert abs(np.mean(noise**2) - power) < 5 * power * np.sqrt(2 / len(x))
    assert abs(noise.mean()) < 5 * np.sqrt(power / len(x))
    assert len(np.unique(noise)) > 0.99 * len(x)


def test_noise_is_drawn_from_rng_alone():
    x = sine(100)
    rng, same = np.random.default_rng(2), np.random.default_rng(2)
    one = add_noise(x, 10, rng=rng)
    np.testing.assert_array_equal(one, add_noise(x, 10, rng=same))
    assert (one != add_noise(x, 10, rng=rng)).all()


def test_silence_stays_silent_and_infinite_ratios_are_without_noise(rng):
    np.testing.assert_array_equal(add_noise(np.zeros(50), 0, rng=rng), np.zeros(50))
    np.testing.assert_array_equal(add_noise(sine(100), np.inf, rng=rng), sine(100))
    with pytest.raises(ValueError, match="snr_db must be a number of decibels, got nan"):
        add_noise(sine(100), np.nan, rng=rng)


# stretching ------------------------------------------------------------------------------------------------


@stretches
@pytest.mark.parametrize("rate", [0.5, 0.8, 1.0, 1.25, 2.0])
@pytest.mark.parametrize("hertz", [220.0, 625.0, 1500.0])
def test_stretching_changes_the_length_and_not_the_pitch(stretch, rate, hertz):
    out = stretch(sine(hertz), rate)
    assert len(out) == round(RATE / rate)
    # where frames do not fit together, the peak of plain overlap-add moves by up to one line of a frame's spectrum
    assert pitch(out) == pytest.approx(hertz, abs=1 if stretch is phase_vocoder else RATE / 256 + 1)


@pytest.mark.parametrize("rate", [0.5, 0.7, 0.8, 1.25, 1.6, 2.0])
def test_the_phase_vocoder_keeps_a_sine_as_loud_as_it_was(rate):
    assert size(phase_vocoder(sine(440), rate)) == pytest.approx(1, abs=0.02)


def test_overlap_add_keeps_a_sine_exactly_where_the_frames_fit_together():
    # at half speed a frame is shifted by 64 samples against the one before: two periods of 250 Hz
    out = time_stretch(sine(250), 0.5)
    np.testing.assert_allclose(inside(out), inside(sine(250, 2)), atol=1e-9)


@stretches
@given(length=st.integers(1, 3000), frame=st.sampled_from([4, 8, 64, 256]))
@settings(max_examples=30, deadline=None)
def test_a_rate_of_1_changes_nothing(stretch, length, frame):
    x = np.random.default_rng(0).normal(size=length)
    np.testing.assert_allclose(stretch(x, 1, frame), x, atol=1e-9)


@stretches
@given(length=st.integers(1, 2000), rate=st.floats(0.3, 3), frame=st.sampled_from([4, 8, 64, 256]))
@settings(max_examples=40, deadline=None)
def test_the_length_is_rounded(stretch, length, rate, frame):
    assert len(stretch(np.ones(length), rate, frame)) == round(length / rate)


def test_overlap_add_by_hand():
    # frame 4, window 0, 1/2, 1, 1/2; at double speed the frames are cut out around samples 0, 4 and 8
    out = time_stretch(np.arange(1.0, 9.0), 2, frame=4)
    np.testing.assert_allclose(out, [1, 0.5 * 2 + 0.5 * 4, 5, 0.5 * 6 + 0.5 * 8])


@stretches
@pytest.mark.parametrize("rate", [0, -1, np.inf, np.nan])
def test_a_rate_that_is_none_is_refused(stretch, rate):
    with pytest.raises(ValueError, match=f"rate must be above 0, got {rate}: 2 is twice as fast"):
        stretch(sine(100), rate)


def test_frames_that_do_not_overlap_as_they_should_are_refused():
    with pytest.raises(ValueError, match="frame must be even, since frames overlap by half, got 5"):
        time_stretch(sine(100), 1, 5)
    with pytest.raises(ValueError, match="frame must be a multiple of 4, since four frames overlap, got 6"):
        phase_vocoder(sine(100), 1, 6)


# pitch -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("semitones", [-12, -5, 0, 4, 7, 12])
def test_a_shift_moves_the_pitch_and_keeps_length_and_loudness(semitones):
    out = pitch_shift(sine(440), semitones)
    assert len(out) == RATE
    assert pitch(out) == pytest.approx(440 * 2 ** (semitones / 12), rel=0.003)
    assert size(out) == pytest.approx(1, abs=0.02)


def test_no_shift_changes_nothing():
    np.testing.assert_allclose(pitch_shift(sine(440), 0), sine(440), atol=1e-9)


def test_what_would_lie_above_half_the_sample_rate_is_left_out():
    out = pitch_shift(sine(440) + sine(3000), 12)  # 3000 Hz would come back as 2000 Hz
    spectrum = np.abs(np.fft.rfft(inside(out))) / len(inside(out)) * 2
    hertz = np.fft.rfftfreq(len(inside(out)), 1 / RATE)
    assert spectrum[np.abs(hertz - 880) < 5].max() > 0.9
    assert spectrum[np.abs(hertz - 2000) < 50].max() < 0.01


def test_four_octaves_are_the_most():
    with pytest.raises(ValueError, match=r"semitones must lie in \[-48, 48\], four octaves, got 50"):
        pitch_shift(sine(100), 50)


@pytest.mark.parametrize("step", [0.5, 0.9, 1.0, 1.5])
def test_values_between_samples_are_those_of_the_sine(step):
    out = resample(sine(440), step, 4000)
    np.testing.assert_allclose(out[100:], np.sin(2 * np.pi * 440 / RATE * step * np.arange(100, 4000)), atol=2e-3)
