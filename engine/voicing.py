"""From what a user has (a file, a recording, a string, several voices) to one voice, the same from every door."""

import math
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine import voice_store
from engine.errors import AudioError, OptionError, VoiceError
from engine.events import Progress
from engine.language import spoken
from engine.request import SynthesisRequest, Voice, VoicePrompt
from engine.system import System, SystemSpec
from engine.voice_shelf import Saved

if TYPE_CHECKING:
    from engine.engine import Engine

MAX_TRANSCRIPT = 2000
MAX_BLENDED = 8
MAX_JOINED = 8


def from_recording(
    spec: SystemSpec,
    recording: Path | bytes,
    transcript: str = "",
    language: str = "",
    checkpoint: Path | None = None,
) -> VoicePrompt:
    """A recording of any kind that `engine.audio.decode` reads, as a prompt at the system's rate.

    ``language`` is that of the recording, "" where nobody says; ``checkpoint`` is what the voice is for, if not for
    the installed one. Raises VoiceError for a system that takes none, OptionError for a transcript that is too long
    or a language that is not spoken, and AudioError.
    """
    if not spec.voicing.prompt_audio:
        raise VoiceError("{spec} takes no voice from a recording; name a voice instead", spec=spec.name)
    if len(transcript) > MAX_TRANSCRIPT:
        raise OptionError(
            "the transcript has {count:,} characters; at most {max_transcript:,} are taken",
            count=len(transcript),
            max_transcript=MAX_TRANSCRIPT,
        )
    language = language and spoken(spec, language, checkpoint)
    try:
        from engine.audio import decode
    except ImportError as error:
        raise AudioError(
            "reading recordings needs the package {error}; install requirements.txt", error=error.name
        ) from error
    samples = decode.read(
        recording, sample_rate=spec.sample_rate, min_seconds=spec.voicing.shortest_s, sinc=spec.sinc_prompts
    )
    return VoicePrompt(samples=samples, sample_rate=spec.sample_rate, transcript=transcript.strip(), language=language)


def from_recordings(
    spec: SystemSpec,
    recordings: Sequence[VoicePrompt | Path | bytes],
    transcripts: Sequence[str] = (),
    language: str = "",
    checkpoint: Path | None = None,
) -> VoicePrompt | tuple[VoicePrompt, ...]:
    """One recording as `from_recording` reads it, or several of one speaker for a system that joins them.

    What has been read already stays as it is.
    ``transcripts`` are what is said in each, in the same order; none at all where nobody knows. Raises what
    `from_recording` does, VoiceError for a system that takes one alone, and OptionError for other numbers of them.
    """
    said = list(transcripts) or [""] * len(recordings)
    if len(said) != len(recordings):
        raise OptionError(
            "{transcripts} transcripts were given for {recordings} recordings; give one for each, in the same order",
            transcripts=len(said),
            recordings=len(recordings),
        )
    if len(recordings) > 1:
        check_joined(spec, len(recordings))
    read = [
        replace(recording, transcript=text or recording.transcript)
        if isinstance(recording, VoicePrompt)
        else from_recording(spec, recording, text, language, checkpoint)
        for recording, text in zip(recordings, said, strict=True)
    ]
    return read[0] if len(read) == 1 else tuple(read)


def from_file(spec: SystemSpec, path: Path) -> Voice:
    """The voice in a file: ours, or of the other kind that the system reads. Raises VoiceError."""
    if spec.voice_file is not None and path.suffix != voice_store.ENDING:
        return spec.voice_file(path)
    voice = voice_store.load(path)
    if voice.system != spec.id:
        raise VoiceError(
            "{path} is a voice of {system}, not of {id}", path=path.name, system=voice.system[:40], id=spec.id
        )
    if spec.check_voice is not None:
        spec.check_voice(voice)
    return voice


def named(spec: SystemSpec, voice: Voice | str | Path) -> Voice | str:
    """A voice as somebody names it: read where that is a file, else as it stands. Raises VoiceError."""
    if isinstance(voice, Voice):
        return voice
    if isinstance(voice, Path):
        return from_file(spec, voice)
    try:
        is_file = Path(voice).is_file()
    except (OSError, ValueError):
        # Too long for a file name, or with characters that none has: a string that a system understands.
        is_file = False
    return from_file(spec, Path(voice)) if is_file or voice.endswith(voice_store.ENDING) else voice


def blend(
    engine: "Engine", system: str, parts: Sequence[tuple[Voice | str, float]], checkpoint: Path | None = None
) -> Generator[Progress, None, Voice]:
    """A new voice out of several, each with a weight; only the weights' ratio matters. Raises VoiceError."""
    spec = engine.system(system)
    if spec.blend is None:
        raise VoiceError("the voices of {spec} cannot be blended", spec=spec.name)
    if not 2 <= len(parts) <= MAX_BLENDED:
        raise VoiceError(
            "{count} voices were given; 2 to {max_blended} make a blend", count=len(parts), max_blended=MAX_BLENDED
        )
    total = sum(weight for _, weight in parts)
    if not all(math.isfinite(weight) and weight >= 0 for _, weight in parts) or not 0 < total < math.inf:
        raise VoiceError("the weights of a blend are numbers from 0 up, and not all 0")
    weighted = []
    for source, weight in parts:
        voice = (yield from engine.make_voice(system, source, checkpoint)) if isinstance(source, str) else source
        weighted.append((voice, weight / total))
    return spec.blend(weighted)


def check_joined(spec: SystemSpec, count: int) -> None:
    """Raises VoiceError unless a system makes one voice of so many."""
    if spec.join is None:
        raise VoiceError("{spec} makes a voice of one recording; several cannot be joined", spec=spec.name)
    if not 2 <= count <= MAX_JOINED:
        raise VoiceError("{count} voices were given; 2 to {most} can be joined", count=count, most=MAX_JOINED)


def joined(spec: SystemSpec, voices: Sequence[Voice]) -> Voice:
    """One voice of several recordings of a speaker, in their order. Raises VoiceError."""
    check_joined(spec, len(voices))
    for voice in voices:
        if voice.system != spec.id:
            raise VoiceError(
                "{path} is a voice of {system}, not of {id}", path=voice.name[:60], system=voice.system[:40], id=spec.id
            )
        if spec.check_voice is not None:
            spec.check_voice(voice)
    made = spec.join(voices) if spec.join else voices[0]
    agreed = dict.fromkeys(voice.meta.get("consent", "") for voice in voices)
    meta = {name: value for name, value in made.meta.items() if name != "consent"}
    return replace(made, meta=meta if "" in agreed else {**meta, "consent": "; ".join(agreed)})


def of_request(spec: SystemSpec, system: System, request: SynthesisRequest) -> Voice:
    """The voice that a request asks a loaded system for. Raises VoiceError."""
    if request.prompt is not None:
        if request.voice:
            raise VoiceError("a voice and a recording were both given; choose one of them")
        return made(spec, system, request.prompt)
    if isinstance(request.voice, str):
        return made(spec, system, request.voice)
    if request.voice.system != request.system:
        raise VoiceError(
            "voice {voice!r} belongs to {system}, not to {asked}",
            voice=request.voice.name,
            system=request.voice.system,
            asked=request.system,
        )
    return request.voice


def made(spec: SystemSpec, system: System, source: str | VoicePrompt | tuple[VoicePrompt, ...]) -> Voice:
    """The voice that a loaded system makes of a name, a recording, or several. Raises VoiceError."""
    if isinstance(source, str):
        return system.voice(source)
    if isinstance(source, VoicePrompt):
        return system.encode_voice(source)
    return joined(spec, [system.encode_voice(each) for each in source])


def join(
    engine: "Engine", system: str, parts: Sequence[Voice | str], checkpoint: Path | None = None
) -> Generator[Progress, None, Voice]:
    """`joined` of voices that are named or at hand. Raises VoiceError."""
    spec = engine.system(system)
    check_joined(spec, len(parts))
    voices = []
    for source in parts:
        voice = (yield from engine.make_voice(system, source, checkpoint)) if isinstance(source, str) else source
        voices.append(voice)
    return joined(spec, voices)


def save(engine: "Engine", voice: Voice, name: str) -> Saved:
    """Put a voice on the shelf. Raises what the shelf does, and VoiceError for the name of a checkpoint's own voice."""
    for checkpoint in engine.checkpoints(voice.system).values():
        if name.strip() in engine.voices(voice.system, checkpoint):
            raise VoiceError("{name} is a voice of the model itself; choose another name", name=name.strip())
    return engine.shelf.save(voice, name)


def string(spec: SystemSpec, voice: Voice) -> str:
    """A voice as a string that can be handed on. Raises VoiceError where the system or the voice has no such thing."""
    if spec.voice_string is None:
        raise VoiceError("the voices of {spec} have no string; save the voice and hand on its file", spec=spec.name)
    shown = spec.voice_string(voice)
    if not shown:
        raise VoiceError("this voice is the model's own and has no string; it is there wherever the model is")
    return shown
