"""Recordings that are to be said in another voice: bounded, read at their own rate, brought to the model's."""

import dataclasses
import io

import numpy as np
import pytest
import soundfile

from engine.conversion import MAX_SECONDS, at_rate, check, from_recording
from engine.errors import AudioError


def file(seconds: float, rate: int, channels: int = 1) -> bytes:
    made = io.BytesIO()
    tone = 0.2 * np.sin(2 * np.pi * 300 * np.arange(int(seconds * rate)) / rate)
    soundfile.write(made, np.stack([tone] * channels, axis=1), rate, format="FLAC")
    return made.getvalue()


def test_a_recording_keeps_its_rate_until_that_of_the_model_is_known() -> None:
    request = from_recording("vits", file(2.0, 44_100, channels=2), "a", "b", seed=4)
    assert (request.samples.shape, request.sample_rate, request.seed) == ((88_200,), 44_100, 4)
    check(request)
    assert at_rate(request, 16_000).shape == (32_000,)
    assert at_rate(request, 16_000).dtype == np.float32


@pytest.mark.parametrize(("seconds", "said"), [(0.1, "0.10 s"), (MAX_SECONDS + 1, "longer than|at most")])
def test_what_is_too_short_or_too_long_is_refused(seconds: float, said: str) -> None:
    with pytest.raises(AudioError, match=said):
        from_recording("vits", file(seconds, 8_000), "a", "b")


def test_samples_of_a_callers_own_are_checked_too() -> None:
    good = from_recording("vits", file(1.0, 8_000), "a", "b")
    bad = (
        good.samples.astype(np.float64), np.stack([good.samples] * 2), good.samples[:100],
        np.full(8_000, np.nan, np.float32), np.zeros(int(8_000 * MAX_SECONDS) + 1, np.float32),
    )  # fmt: skip
    for samples in bad:
        with pytest.raises(AudioError, match="the recording"):
            check(dataclasses.replace(good, samples=samples))
