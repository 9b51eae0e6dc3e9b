"""What is said of transcripts that do not go with their recording."""

import numpy as np
import pytest

from engine.audio.prompt_check import FAIR, GOOD, POOR
from engine.audio.transcript_check import check_transcript, syllables
from tests.engine.audio.prompts import RATE, voice

FIVE_S = voice(5.0)
EN = "The evening train crossed the river slowly, and everybody looked at the water."
ZH = "傍晚的火车慢慢地过了河，大家都看着水。"


def grades(text: str, language: str, samples: np.ndarray = FIVE_S) -> dict[str, str]:
    return {each.name: each.grade for each in check_transcript(text, language, samples, RATE)}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (EN, "en", {"transcript": GOOD}),
        (EN, "", {"transcript": GOOD}),
        (ZH, "zh", {"transcript": GOOD}),
        ("   ", "en", {"transcript": FAIR}),
        ("Hello.", "en", {"transcript": POOR}),
        (EN * 4, "en", {"transcript": POOR}),
        (ZH * 4, "zh", {"transcript": POOR}),
        (EN, "zh", {"transcript": GOOD, "language": POOR}),
        (ZH, "en", {"transcript": GOOD, "language": POOR}),
        ("我们今天一起看 PyTorch 的源代码，很有意思。", "zh", {"transcript": GOOD}),
    ],
)
def test_a_transcript_is_there_as_long_and_in_the_language(text: str, language: str, expected: dict[str, str]) -> None:
    assert grades(text, language) == expected


def test_silence_around_the_voice_is_no_speech() -> None:
    silence = np.zeros(10 * RATE, np.float32)
    assert grades(EN, "en", np.concatenate([silence, FIVE_S, silence])) == {"transcript": GOOD}


def test_a_steady_sound_counts_as_long_as_it_is() -> None:
    hum = 0.3 * np.sin(np.arange(30 * RATE) / 20).astype(np.float32)
    assert grades(EN, "en", hum) == {"transcript": POOR}
    assert grades(EN, "en", np.zeros(5 * RATE, np.float32)) == {"transcript": GOOD}


def test_syllables() -> None:
    assert syllables("你好") == 2
    assert syllables("2024") == 6
    assert syllables("The evening train") == pytest.approx(5.4, abs=0.1)
    assert syllables("") == 0
