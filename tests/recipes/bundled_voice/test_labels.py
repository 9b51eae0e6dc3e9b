"""The teacher's phone times on the front-end's symbols, without the teacher itself."""

import numpy as np
import pytest

from recipes.bundled_voice.features import HOP, SAMPLE_RATE
from recipes.bundled_voice.labels import align

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
