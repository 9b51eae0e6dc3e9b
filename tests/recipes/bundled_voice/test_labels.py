"""The teacher's phone times on the front-end's symbols, and the latents, without the teacher itself."""

import numpy as np
import pytest

from recipes.bundled_voice.features import CHANNELS, HOP, SAMPLE_RATE, latents
from recipes.bundled_voice.labels import align
from recipes.bundled_voice.teacher import FRAME_S, Utterance

FRAME = HOP / SAMPLE_RATE
# "I would like tea, please." as the teacher times it: phone and end in seconds.
PHONES = tuple(
    zip(
        ["pau", "ay", "w", "uh", "d", "l", "ay", "k", "t", "iy", "pau", "p", "l", "iy", "z", "pau"],
        np.cumsum(
            [0.2, 0.12, 0.08, 0.05, 0.05, 0.08, 0.12, 0.08, 0.1, 0.16, 0.12, 0.1, 0.08, 0.2, 0.14, 0.15]
        ).tolist(),
        strict=True,
    )
)
TEXT = "ˈaɪ wʊd lˈaɪk tˈiː, plˈiːz."


def ends(labels) -> dict[int, float]:
    """Where each code point ends, in seconds of the teacher's sound."""
    return dict(enumerate(labels.start_s + np.cumsum(labels.durations) * FRAME))


def test_every_symbol_gets_a_frame_and_nothing_is_lost_or_moved() -> None:
    labels = align(TEXT, PHONES, frame_s=FRAME)
    assert labels.phonemes == TEXT
    assert len(labels.durations) == len(TEXT)
    assert labels.durations.min() >= 1
    assert labels.edits == 0


def test_phones_end_where_the_teacher_ends_them() -> None:
    labels = align(TEXT, PHONES, frame_s=FRAME)
    at = ends(labels)
    for symbol, phone in ((TEXT.index("w"), 2), (TEXT.index("k"), 7), (TEXT.index("z"), 14)):
        assert at[symbol] == pytest.approx(PHONES[phone][1], abs=1.6 * FRAME), TEXT[symbol]


def test_silence_around_is_cut_and_silence_within_goes_to_the_comma() -> None:
    labels = align(TEXT, PHONES, frame_s=FRAME, lead=3, tail=10)
    assert labels.start_s == pytest.approx(0.2 - 3 * FRAME)
    comma = TEXT.index(",")
    assert labels.durations[comma : comma + 2].sum() * FRAME == pytest.approx(0.12, abs=2 * FRAME)
    assert labels.durations[-1] == pytest.approx(10, abs=2)


def test_phones_that_only_one_side_has_are_counted_and_do_not_shift_the_rest() -> None:
    extra = (*PHONES[:5], ("s", PHONES[4][1] + 0.06), *((name, end + 0.06) for name, end in PHONES[5:]))
    labels = align(TEXT, extra, frame_s=FRAME)
    assert labels.edits == 1
    assert ends(labels)[TEXT.index("z")] == pytest.approx(PHONES[14][1] + 0.06, abs=1.6 * FRAME)
    fewer = align("ˈaɪ wʊdɪd lˈaɪk tˈiː, plˈiːz.", PHONES, frame_s=FRAME)
    assert fewer.edits == 2
    assert fewer.durations.min() >= 1


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
    # Beyond its level the envelope of the same pulses hardly knows how often they come.
    difference = np.abs(high[1:26, 5:-5] - low[1:26, 5:-5]).mean()
    assert difference < 0.25 * np.abs(low[1:26, 5:-5]).max()
