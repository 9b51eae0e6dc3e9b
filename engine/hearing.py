"""From a recording to what is said in it: which recogniser, in memory, lent to one recording at a time."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.door import Recording
from engine.errors import AudioError, OptionError, WeightsMissing
from engine.events import Progress
from engine.fingerprint import Fingerprint, fingerprint
from engine.library import Library
from engine.library.shelf import not_yet
from engine.models import LoadedModel
from engine.recognition.recogniser import MAX_SECONDS, SAMPLE_RATE, Recogniser, RecogniserSpec
from engine.recognition.transcript import Transcript
from engine.registry import find
from engine.request import VoicePrompt
from engine.residency import Residency

# Shorter ones hold no word.
MIN_SECONDS = 0.1
# Recordings that are listened to at once.
PLACES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Available:
    """A recogniser that is here: its ``id`` among the models, and the codes of the ``languages`` that it knows."""

    id: str
    spec: RecogniserSpec
    checkpoint: Path
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """What makes two loaded recognisers the same one."""

    id: str
    checkpoint: Path
    files: Fingerprint

    def __str__(self) -> str:
        return self.id


class Hearing:
    """The recognisers of one engine. Up to ``queue`` recordings wait for their turn; one model stays in memory.

    It goes when nobody has used it for ``idle_s`` seconds (None: never).
    """

    def __init__(self, library: Library, *, queue: int = 8, idle_s: float | None = None) -> None:
        self._library = library
        self._residency: Residency[_Key, Recogniser] = Residency(models=1, queue=queue, idle_s=idle_s)

    def available(self) -> tuple[Available, ...]:
        """The recognisers that are here, the one that hears worst first."""
        return tuple(
            Available(id=f"{spec.id}/{name}", spec=spec, checkpoint=path.resolve(), languages=spec.languages_of(path))
            for spec in self._library.recognisers
            for name, path in self._library.installed(spec.id).items()
        )

    def choose(self, language: str = "", recogniser: str = "") -> Available:
        """The recogniser of this id, or else of those that know the language (its code) the one that hears best.

        Where nobody says the language, one that knows many goes first. Raises WeightsMissing when there is none, and
        OptionError for one that does not know the language.
        """
        here = self.available()
        if recogniser:
            found = next((each for each in here if each.id == recogniser), None)
            if found is None:
                self._library.expect(recogniser)
                raise not_yet(recogniser)
            if language and language not in found.languages:
                raise OptionError(
                    "{id} does not know {language!r}; it knows {languages}",
                    id=found.id,
                    language=language[:20],
                    languages=", ".join(found.languages),
                )
            return found
        if not here:
            raise WeightsMissing(
                "no recogniser is here; install requirements.txt again (make run does), or download one (Models on the "
                "page, or python -m engine models list)"
            )
        knowing = [each for each in here if not language or language in each.languages]
        if not knowing:
            raise WeightsMissing(
                "no recogniser that is here knows {language!r}; download one that does (Models on the page, or "
                "python -m engine models download {id})",
                language=language[:20],
                id=self._multilingual(language),
            )
        return max(reversed(knowing), key=lambda each: not language and len(each.languages) > 1)

    def transcribe(
        self, recording: Recording, *, language: str = "", recogniser: str = "", max_seconds: float = MAX_SECONDS
    ) -> Generator[Progress, None, Transcript]:
        """What is said in a recording: a file, its bytes, or samples at any rate; of at most ``max_seconds``.

        ``language`` is a code such as en or zh-CN, of which the region does not count; "" is whichever it is, as far as
        a recogniser is here that tells. ``recogniser`` is the id of a model, ``whisper/small``; "" is as in `choose`.
        Yields Progress; closing it stops the work. Raises AudioError, OptionError, WeightsMissing, WeightsMismatch,
        ConfigError, Busy.
        """
        code = language.strip().lower().replace("_", "-").partition("-")[0]
        chosen = self.choose(code, recogniser)
        samples = _samples(recording, max_seconds)
        lease = yield from self._residency.lease(
            _Key(id=chosen.id, checkpoint=chosen.checkpoint, files=fingerprint(chosen.checkpoint)),
            lambda: chosen.spec.load(chosen.checkpoint),
            places=PLACES,
        )
        try:
            self._library.note_use(chosen.spec.id, chosen.checkpoint)
            # The only language of one that knows a single one need not be found out.
            heard = yield from lease.system.hear(samples, code or _only(chosen.languages))
        finally:
            lease.release()
        return Transcript(
            text=heard.text,
            language=heard.language,
            words=heard.words,
            audio_s=len(samples) / SAMPLE_RATE,
            recogniser=chosen.id,
            repeats=heard.repeats,
        )

    def prepare(self, recogniser: str, checkpoint: Path) -> Generator[Progress, None, None]:
        """Bring a recogniser of this kind into memory, so that the first recording does not wait for it."""
        spec = find(recogniser, self._library.recognisers)
        name = next((name for name, path in self._library.installed(spec.id).items() if path == checkpoint), "")
        key = _Key(id=f"{spec.id}/{name}", checkpoint=checkpoint.resolve(), files=fingerprint(checkpoint))
        lease = yield from self._residency.lease(key, lambda: spec.load(checkpoint), places=PLACES)
        lease.release()

    def loaded(self) -> tuple[LoadedModel, ...]:
        """What is in memory."""
        return tuple(
            LoadedModel(
                system=model.key.id.partition("/")[0],
                checkpoint=model.key.checkpoint,
                device="cpu",
                dtype="int8",
                bytes=model.system.bytes,
                requests=model.leases,
                idle_s=model.idle_s,
            )
            for model in self._residency.loaded()
        )

    def unload(self, which: Callable[[str, Path], bool]) -> int:
        """Drop what nobody uses and ``which`` is true of, by its kind and checkpoint; returns how many."""
        return self._residency.unload(lambda key: which(key.id.partition("/")[0], key.checkpoint))

    def close(self) -> None:
        """Drop what nobody is using; nothing goes by itself any more."""
        self._residency.close()

    def _multilingual(self, language: str) -> str:
        """What to download for a language: the smallest that knows it."""
        releases = [(spec, each) for spec in self._library.recognisers for each in spec.releases]
        fitting = [f"{spec.id}/{each.name}" for spec, each in releases if language in each.languages]
        return fitting[0] if fitting else "…"


def _only(languages: tuple[str, ...]) -> str:
    return languages[0] if len(languages) == 1 else ""


def _samples(recording: Recording, max_seconds: float) -> np.ndarray:
    """A recording as mono float32 samples (n,) at `SAMPLE_RATE`. Raises AudioError."""
    try:
        import soxr

        from engine.audio import decode
    except ImportError as error:
        raise AudioError(
            "reading recordings needs the package {error}; install requirements.txt", error=error.name
        ) from error
    if not isinstance(recording, VoicePrompt):
        source = Path(recording) if isinstance(recording, str) else recording
        return decode.read(source, sample_rate=SAMPLE_RATE, max_seconds=max_seconds, min_seconds=MIN_SECONDS)
    seconds = len(recording.samples) / recording.sample_rate
    if not MIN_SECONDS <= seconds <= max_seconds:
        raise AudioError(
            "the recording is {seconds:.2f} s long; {least:g} to {most:g} s are listened to",
            seconds=seconds,
            least=MIN_SECONDS,
            most=max_seconds,
        )
    made = soxr.resample(recording.samples, recording.sample_rate, SAMPLE_RATE, quality="HQ")
    return np.ascontiguousarray(made, np.float32)
