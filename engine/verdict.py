"""What a machine makes of a take: what was heard of its text, and what is to be seen in its sound."""

from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import soxr

from engine.audio.activity import HOP_S, activity
from engine.audio.prompt_check import clipped_share
from engine.audio.transcript_check import syllables
from engine.errors import AudioError
from engine.events import Progress, Rewritten
from engine.hearing import Hearing
from engine.recognition.compared import Comparison, compare, spoken
from engine.recognition.naturalness import naturalness
from engine.recognition.recogniser import SAMPLE_RATE
from engine.recognition.transcript import Transcript
from engine.request import SynthesisRequest, VoicePrompt
from engine.system import SystemSpec

# Of a longer take the table of errors, and the wait, would grow too large.
MOST_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFacts:
    """What is to be measured: ``rate`` in syllables for each second of speech, 0 without any.

    Levels are in dB of full scale: that of the speech and the highest sample. ``clipped`` is the share of samples that
    are cut off at the top. ``lead_s`` and ``tail_s`` are the silence before and after the speech in seconds.
    """

    rate: float
    level_db: float
    peak_db: float
    clipped: float
    lead_s: float
    tail_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``transcript`` is what was heard, ``comparison`` that beside the text, ``sound`` what was measured.

    ``naturalness`` is a model's guess from 1 to 5, None where that model is not here.
    """

    transcript: Transcript
    comparison: Comparison
    sound: SoundFacts
    naturalness: float | None

    def describe(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "transcript": self.transcript.describe(),
            "comparison": self.comparison.describe(),
            "sound": asdict(self.sound),
            "naturalness": self.naturalness,
        }


def expected(spec: SystemSpec, request: SynthesisRequest, rewritten: Rewritten | None) -> str:
    """The text that should be heard: as it was rewritten, without what may stand in it besides words."""
    text = rewritten.text if rewritten else request.text
    for token in spec.tokens:
        text = text if "…" in token else text.replace(token, " ")
    return text


def judge(
    hearing: Hearing,
    text: str,
    samples: np.ndarray,
    sample_rate: int,
    language: str,
    *,
    guess: Callable[[np.ndarray], float | None] = naturalness,
) -> Generator[Progress, None, Verdict]:
    """A verdict on mono ``samples`` (n,) that are to say ``text`` in ``language`` (its code).

    ``guess`` says how natural they sound. Yields Progress in seconds of sound; closing it stops the work. Raises what
    `Hearing.transcribe` raises, TextError for a text of too many words, and AudioError for no sound.
    """
    if not len(samples):
        raise AudioError("there is no sound in this take")
    recording = VoicePrompt(samples=samples, sample_rate=sample_rate)
    transcript = yield from hearing.transcribe(recording, language=language, max_seconds=MOST_S)
    comparison = compare(text, transcript.text, transcript.language)
    seconds = len(samples) / sample_rate
    yield Progress(done=seconds, total=seconds, label="measuring")
    at_rate = np.ascontiguousarray(soxr.resample(samples, sample_rate, SAMPLE_RATE), np.float32)
    sound = measured(samples, sample_rate, " ".join(spoken(text, transcript.language)))
    return Verdict(transcript=transcript, comparison=comparison, sound=sound, naturalness=guess(at_rate))


def measured(samples: np.ndarray, sample_rate: int, said: str) -> SoundFacts:
    """What is to be measured in mono ``samples`` (n,), in which ``said`` is spoken, numbers in words."""
    heard = activity(samples, sample_rate)
    first, last = heard.span()
    seconds = len(samples) / sample_rate
    begin, end = min(first * HOP_S, seconds), min(last * HOP_S, seconds)
    return SoundFacts(
        rate=syllables(said) / (end - begin) if end > begin else 0.0,
        level_db=heard.speech_db,
        peak_db=20 * float(np.log10(max(float(np.abs(samples).max()), 1e-5))),
        clipped=clipped_share(samples),
        lead_s=begin,
        tail_s=seconds - end if end > begin else 0.0,
    )
