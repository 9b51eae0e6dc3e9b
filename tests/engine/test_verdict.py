"""A verdict on a take: errors where they are, and what is measured in its sound."""

import numpy as np
import pytest

from engine.engine import Engine
from engine.errors import AudioError
from engine.events import Progress
from engine.hearing import Hearing
from engine.library import Library
from engine.registry import recognisers
from engine.speech import Speech
from engine.steps import finish
from engine.verdict import Verdict, judge, measured

TEXT = "It costs 20 dollars, and the kettle is on."


@pytest.fixture(scope="module")
def speech() -> Speech:
    return Engine(device="cpu").say(TEXT, system="kokoro", voice="af_clara", seed=1)


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Hearing:
    return Hearing(Library((), tmp_path_factory.mktemp("models"), recognisers=recognisers()))


def verdict(hearing: Hearing, text: str, samples: np.ndarray, rate: int) -> Verdict:
    return finish(judge(hearing, text, samples, rate, "en", guess=lambda _: None))


def test_a_good_take_has_no_errors_and_numbers_agree(hearing: Hearing, speech: Speech) -> None:
    steps: list[Progress] = []
    found = finish(judge(hearing, TEXT, speech.samples, speech.sample_rate, "en"), steps.append)
    assert (found.comparison.errors, found.comparison.total) == (0, 9)
    assert 2 < found.sound.rate < 7
    assert 1 < found.naturalness <= 5
    assert steps[-1].label == "measuring"
    assert found.describe()["comparison"]["marks"] == ({"kind": "same", "text": TEXT, "heard": ""},)


def test_half_a_take_misses_the_rest(hearing: Hearing, speech: Speech) -> None:
    found = verdict(hearing, TEXT, speech.samples[: len(speech.samples) // 2], speech.sample_rate)
    assert found.comparison.errors >= 3
    assert found.comparison.marks[-1].kind in ("missing", "other")
    assert found.naturalness is None


def test_level_clipping_and_silence_are_measured(speech: Speech) -> None:
    rate = speech.sample_rate
    plain = measured(speech.samples, rate, TEXT)
    silence = np.zeros(rate, np.float32)
    later = measured(np.concatenate([silence, speech.samples, silence / 2]), rate, TEXT)
    assert later.lead_s == pytest.approx(plain.lead_s + 1, abs=0.03)
    assert later.tail_s == pytest.approx(plain.tail_s + 1, abs=0.03)
    assert later.rate == pytest.approx(plain.rate, rel=0.03)
    half = measured(speech.samples / 2, rate, TEXT)
    assert half.level_db == pytest.approx(plain.level_db - 6.02, abs=0.1)
    assert half.peak_db == pytest.approx(plain.peak_db - 6.02, abs=0.01)
    assert plain.clipped == 0
    assert measured(np.clip(speech.samples * 8, -0.5, 0.5), rate, TEXT).clipped > 0.01


def test_silence_has_no_rate(hearing: Hearing) -> None:
    found = measured(np.zeros(24_000, np.float32), 24_000, TEXT)
    assert (found.rate, found.lead_s, found.tail_s) == (0, 0, 0)
    with pytest.raises(AudioError, match="no sound"):
        verdict(hearing, TEXT, np.zeros(0, np.float32), 24_000)


def test_closing_it_lets_the_recogniser_go(hearing: Hearing, speech: Speech) -> None:
    work = judge(hearing, TEXT, speech.samples, speech.sample_rate, "en")
    next(work)
    work.close()
    assert all(model.requests == 0 for model in hearing.loaded())
