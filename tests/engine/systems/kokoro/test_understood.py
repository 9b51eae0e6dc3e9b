"""What the real weights say is understood: English and Japanese, by Whisper models."""

import jiwer
import pyopenjtalk
import pytest

from benchmarks.ears import Ears, compared
from engine.engine import Engine
from engine.systems.kokoro import SPEC

# Spoken with a Japanese voice, as there are no others here: its accent costs a word now and then.
SENTENCES = (
    "The weather is nice today, and we will walk in the park.",
    "Please open the window before you leave the room.",
)
JAPANESE = (
    "駅前の小さな喫茶店では、毎朝同じ席に同じ人が座っています。",
    "明日の会議は午後三時から始まります。",
    "新しい靴を買って、友達と一緒に山へ行きました。",
)


@pytest.fixture(scope="module")
def ears():
    return Ears(threads=1)


def test_english_is_understood(real, ears):
    engine = Engine((SPEC,), device="cpu")
    text = " ".join(SENTENCES)
    speech = engine.say(text, system="kokoro", voice="jf_alpha", language="en", checkpoint=real, seed=1)
    heard = ears.heard(speech.samples, speech.sample_rate, small=True)
    assert compared([text], [heard]).wer <= 0.2, heard
    # The words are told where they are heard: all within the sound, and as many as were written.
    assert [word.text.lower() for word in speech.words] == "".join(c for c in text.lower() if c not in ",.").split()
    assert speech.words[-1].end_s <= speech.audio_s


def test_japanese_is_understood(real, ears):
    engine = Engine((SPEC,), device="cpu")
    said = [engine.say(text, system="kokoro", voice="jf_alpha", checkpoint=real, seed=1) for text in JAPANESE]
    heard = [ears.heard(each.samples, each.sample_rate, small=False, language="ja") for each in said]
    # Of the same sounds some are written otherwise: what counts is how they are read.
    read = [[pyopenjtalk.g2p(text, kana=True) for text in texts] for texts in (JAPANESE, heard)]
    assert jiwer.cer(*read) <= 0.15, heard
