"""The voices that ship: small, English, understood, natural, and silent at the end."""

import numpy as np
import pytest

from benchmarks.ears import Ears, compared
from engine.engine import Engine
from engine.errors import OptionError
from engine.systems.kokoro import BUNDLED, PORTRAITS, SPEC

TEXTS = (
    "Could you tell me when the next bus to the harbour leaves?",
    "My neighbour found 14 old letters under the kitchen floor.",
    "We'll meet Elizabeth at half past six, in front of the library.",
)


@pytest.fixture(scope="module")
def engine():
    return Engine((SPEC,), device="cpu")


@pytest.fixture(scope="module")
def ears():
    return Ears(threads=1)


def test_they_are_small_and_known_by_name(engine):
    assert sum(file.stat().st_size for file in BUNDLED.rglob("*.pt*") if ".polyphone" not in file.parts) <= 20e6
    assert engine.voices("kokoro") == tuple(PORTRAITS)
    assert engine.languages("kokoro") == ("en",)
    assert {portrait.language for portrait in SPEC.portraits(BUNDLED).values()} == {"en"}


@pytest.mark.parametrize("voice", PORTRAITS)
def test_they_are_understood_and_natural(engine, ears, voice):
    said = [engine.say(text, system="kokoro", voice=voice, seed=1) for text in TEXTS]
    heard = [ears.heard(speech.samples, speech.sample_rate, small=False) for speech in said]
    assert compared(TEXTS, heard).wer <= 0.1, heard
    assert np.mean([ears.naturalness(speech.samples, speech.sample_rate) for speech in said]) >= 3
    for speech in said:
        assert 20 * np.log10(np.sqrt(np.mean(speech.samples[-1200:] ** 2)) + 1e-9) < -60


def test_the_same_seed_is_the_same_sound_and_a_mix_is_a_voice(engine):
    mixed = [engine.say("Both of us.", system="kokoro", voice="af_clara=1,am_hugo=1", seed=seed) for seed in (1, 1, 2)]
    assert np.array_equal(mixed[0].samples, mixed[1].samples)
    assert not np.array_equal(mixed[0].samples, mixed[2].samples)


def test_another_language_is_refused_with_what_it_speaks(engine):
    with pytest.raises(OptionError, match="does not speak Japanese; it speaks en"):
        engine.say("Good morning.", system="kokoro", language="ja")
