"""The latents of a sound whose pitch and voicing are known."""

import numpy as np

from recipes.bundled_voice.features import CHANNELS, HOP, SAMPLE_RATE, latents
from recipes.bundled_voice.teacher import FRAME_S, Utterance

FRAME = HOP / SAMPLE_RATE


def test_latents_hold_pitch_voicing_and_an_envelope_that_ignores_pitch() -> None:
    frames = 40
    seconds = np.arange(frames * HOP) / SAMPLE_RATE
    clock = np.arange(round(frames * FRAME / FRAME_S) + 2)
    rows = []
    for pitch in (110.0, 220.0):
        pulses = np.diff(np.floor(seconds * pitch), prepend=0.0).astype(np.float32) * 0.3
        f0 = np.where(clock < len(clock) // 2, pitch, 0.0).astype(np.float32)
        utterance = Utterance(
            samples=(pulses * 32767).astype(np.int16), sample_rate=SAMPLE_RATE, f0=f0,
            strengths=np.full((len(clock), 5), 0.5, np.float32), phones=(), states=(),
        )  # fmt: skip
        rows.append(latents(pulses, utterance, 0.0))
    low, high = rows
    assert low.shape == (CHANNELS, frames)
    np.testing.assert_allclose(high[52:56] - low[52:56], np.log(2), atol=1e-5)
    np.testing.assert_allclose(low[56:60, :15], 1.0)
    np.testing.assert_allclose(low[56:60, 25:], 0.0)
    # Beyond its level the envelope of the same pulses hardly depends on how often they come.
    difference = np.abs(high[1:26, 5:-5] - low[1:26, 5:-5]).mean()
    assert difference < 0.25 * np.abs(low[1:26, 5:-5]).max()
