"""The Python door: what a person writes in one line, turned into what the engine takes."""

import secrets
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import voicing
from engine.errors import OptionError, VoiceError, WeightsMissing
from engine.events import Progress
from engine.message import Message, chained
from engine.models import how_to_get
from engine.request import SynthesisRequest, Voice, VoicePrompt
from engine.system import SystemSpec

if TYPE_CHECKING:
    from engine.engine import Engine

# A file with a recording, its bytes, or what has been read of one.
Recording = VoicePrompt | Path | str | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How something is to be said, or what a voice is to be made of, as loosely as `Engine.say` takes it."""

    system: str
    voice: Voice | str | Path
    recording: Recording | Sequence[Recording] | None
    transcript: str | Sequence[str]
    language: str
    checkpoint: Path | str | None
    seed: int | None = None
    tries: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)


def request(engine: "Engine", text: str, wish: Wish) -> SynthesisRequest:
    """The request that somebody wishes for.

    Raises UnknownSystem, OptionError, VoiceError, AudioError, and WeightsMissing.
    """
    spec, checkpoint = _model(engine, wish)
    # Python has keywords among the names: break_ is the option break.
    options = {name.removesuffix("_"): value for name, value in wish.options.items()}
    voice = _source(spec, wish, checkpoint)
    prompt = None if isinstance(voice, Voice | str) else voice
    return SynthesisRequest(
        system=spec.id,
        text=text,
        options=engine.options(spec.id, options, checkpoint),
        voice=voice if isinstance(voice, Voice | str) else "",
        prompt=prompt,
        language=wish.language,
        # As on the command line: whoever gives no number does not want the same sound again and again.
        seed=secrets.randbelow(2**32) if wish.seed is None else wish.seed,
        checkpoint=checkpoint,
        tries=wish.tries,
    )


def voice(engine: "Engine", wish: Wish) -> Generator[Progress, None, Voice]:
    """The voice that somebody wishes for. Raises what `request` and `Engine.make_voice` raise."""
    spec, checkpoint = _model(engine, wish)
    source = _source(spec, wish, checkpoint)
    return source if isinstance(source, Voice) else (yield from engine.make_voice(spec.id, source, checkpoint))


def _model(engine: "Engine", wish: Wish) -> tuple[SystemSpec, Path | None]:
    """The system, and the checkpoint if one is named or another than the first is needed."""
    spec = _system(engine, wish)
    if wish.checkpoint is not None:
        return spec, engine.library.checkpoint(spec.id, wish.checkpoint)
    return spec, engine.fitting(spec.id, wish.voice if isinstance(wish.voice, str) else "", wish.language)


def _system(engine: "Engine", wish: Wish) -> SystemSpec:
    """The one that is named, that of the voice, or the first that can speak."""
    if wish.system:
        return engine.system(wish.system)
    if isinstance(wish.voice, Voice):
        return engine.system(wish.voice.system)
    for spec in engine.systems():
        if engine.state(spec.id) == "ready":
            return spec
    ways = chained([Message("{system}: {way}", system=spec.id, way=how_to_get(spec)) for spec in engine.systems()])
    raise WeightsMissing("no system is ready to speak, since none has a checkpoint. {ways}", ways=ways)


def _source(
    spec: SystemSpec, wish: Wish, checkpoint: Path | None
) -> Voice | str | VoicePrompt | tuple[VoicePrompt, ...]:
    recording = wish.recording
    if recording is None and wish.transcript:
        raise OptionError("a transcript says what is said in a recording, and there is none; give it as well")
    if recording is None:
        return voicing.named(spec, wish.voice)
    if wish.voice:
        raise VoiceError("a voice and a recording were both given; choose one of them")
    recordings = [recording] if isinstance(recording, VoicePrompt | Path | str | bytes) else list(recording)
    transcripts = [wish.transcript] if isinstance(wish.transcript, str) else list(wish.transcript)
    read = [Path(each) if isinstance(each, str) else each for each in recordings]
    return voicing.from_recordings(spec, read, transcripts if any(transcripts) else (), wish.language, checkpoint)
