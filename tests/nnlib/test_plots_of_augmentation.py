"""Sounds to see and to hear: what is drawn is what was given, and the player carries its sound inside."""

import base64
import io
import re
import wave

import numpy as np
import pytest

from nnlib import plots

RATE = 8000
TONE = 0.5 * np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE)


def test_a_spectrogram_shows_a_tone_at_its_frequency_and_at_0_decibels():
    axes = plots.sounds({"tone": TONE, "half": TONE[:4000] / 2}, RATE, alt="two tones").figure.axes
    upper, lower = axes[:2], axes[2:4]
    image = lower[0].images[0]
    left, right, bottom, top = image.get_extent()
    values = image.get_array()
    row = values[:, 40].argmax() * (top - bottom) / (len(values) - 1)
    assert row == pytest.approx(500, abs=RATE / 256)
    assert (left, right, top) == (0, 1, RATE / 2)
    assert values.max() == pytest.approx(0)
    assert lower[1].images[0].get_array().max() == pytest.approx(-20 * np.log10(2), abs=0.1)
    np.testing.assert_array_equal(upper[0].lines[0].get_ydata(), TONE)


def test_sounds_have_labels_with_units_and_one_scale_of_time():
    axes = plots.sounds({"tone": TONE, "half": TONE[:4000]}, RATE, alt="two tones").figure.axes
    labels = {ax.get_xlabel() for ax in axes[:4]} | {ax.get_ylabel() for ax in axes}
    assert labels == {"time (s)", "amplitude (no unit)", "frequency (Hz)", "level (dB)", ""}
    assert {ax.get_xlim() for ax in axes[:4]} == {(0, 1)}


def played(html):
    """Name, sample rate and samples of each sound."""
    for name, data in re.findall(r'aria-label="([^"]+)" src="data:audio/wav;base64,([^"]+)"', html):
        with wave.open(io.BytesIO(base64.b64decode(data))) as file:
            yield name, file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767


def test_a_player_carries_its_sounds_as_loud_as_they_are_to_each_other():
    html = plots.player({"a & b": TONE, "half": TONE[:4000] / 2}, RATE, alt="two <tones>")._repr_html_()
    assert not re.search(r"https?:|<link|<script", html)
    assert 'aria-label="two &lt;tones&gt;"' in html
    (one, rate, first), (other, _, second) = played(html)
    assert (one, other, rate) == ("a &amp; b", "half", RATE)
    np.testing.assert_allclose(first, TONE / np.abs(TONE).max(), atol=1e-4)
    np.testing.assert_allclose(second, TONE[:4000] / 2 / np.abs(TONE).max(), atol=1e-4)


def test_silence_can_be_played():
    ((_, _, samples),) = played(plots.player({"silence": np.zeros(8)}, RATE, alt="nothing")._repr_html_())
    assert samples.tolist() == [0] * 8


def test_a_player_says_in_words_what_is_to_be_heard():
    assert repr(plots.player({"tone": TONE}, RATE, alt="a tone")) == "[sounds: tone] a tone"
    with pytest.raises(ValueError, match="alt text"):
        plots.player({"tone": TONE}, RATE, alt=" ")


def test_long_sounds_are_refused():
    with pytest.raises(ValueError, match="7.0 seconds of sound are too many for one player, at most 6"):
        plots.player({"long": np.zeros(7 * RATE)}, RATE, alt="a long one")


def test_a_second_of_sound_is_small():
    assert len(plots.player({"tone": TONE}, RATE, alt="a tone")._repr_html_()) < 25_000


def test_rows_of_images_have_their_labels_and_names_and_mark_what_is_changed():
    rows = {"before": np.zeros((3, 1, 4, 4)), "after": np.ones((3, 3, 4, 4))}
    (ax,) = plots.image_rows(rows, [6, 9, "x"], changed={"after": [1]}, alt="images").figure.axes
    assert [t.get_text() for t in ax.texts] == ["before", "after", "6", "9", "x"]
    assert len(ax.images) == 6
    assert [frame.get_linewidth() for frame in ax.patches] == [0.8] * 4 + [2.5, 0.8]
    first, other = ax.images[0].get_extent(), ax.images[4].get_extent()
    assert first[1] <= other[0]
    assert first[2] <= other[3]


def test_the_windows_of_a_crop_are_those_of_the_frame():
    image = np.arange(1.0, 13).reshape(3, 4)
    axes = plots.crop_window(image, 1, (0, 2), alt="a crop").figure.axes
    numbers = [[t.get_text() for t in ax.texts] for ax in axes]
    assert numbers[0] == [f"{k}" for k in range(1, 13)]
    assert numbers[1] == [f"{k:g}" for k in np.pad(image, 1).ravel()]
    assert numbers[2] == [f"{k:g}" for k in np.pad(image, 1)[0:3, 2:6].ravel()]
