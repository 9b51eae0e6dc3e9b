"""What programs ask for, the same through every door that has names for it: Gradio's endpoints and the tools of MCP.

A method acts for one visitor, within their rights and limits. What it is given is read by `server.body`, what it
returns is plain data.
"""

import base64
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from engine import voicing
from engine.engine import Engine
from engine.errors import WeightsMissing
from engine.events import Event, Progress
from engine.recognition.transcript import Transcript
from engine.request import SynthesisRequest
from engine.rewriting import rewriting, rewriting_options
from engine.roster import facts, find, roster
from engine.speech import Collector, Speech
from engine.system import SystemSpec
from server.allowance import Going
from server.cloning import Cloning, Recorded
from server.errors import RequestError
from server.guests import Engines, OwnVoices
from server.made_voices import MadeVoices
from server.requests import Asked, Speak, read_request
from server.rights import Need, Rights, Visitor
from server.takes import Take, Takes
from server.transcription_routes import MOST_S

# Behind the id of a system it begins that of a voice that was made for a visitor.
MADE = "/made:"
MOST_LISTED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichVoices:
    """Of which ``system`` and which ``language``, "" for all; at most ``limit`` are told."""

    system: str = ""
    language: str = ""
    limit: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """A ``recording`` (a file as base64) of which a voice is to be made, and the ``transcript`` of what is said in it.

    ``consent`` says in a few words what the speaker has agreed to; without it no voice is made. ``system`` "" is the
    first that clones and is ready. ``save`` keeps the voice under its ``name`` for good, where whoever asks may do so.
    """

    recording: str
    consent: str
    name: str = ""
    transcript: str = ""
    language: str = ""
    system: str = ""
    model: str = ""
    save: bool = False


# Says a request with the engine of whoever asks.
Say = Callable[[Engine, SynthesisRequest], Generator[Event, None, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A ``text`` to be rewritten by a ``system`` with its ``options``; "" is the first that can and is ready."""

    text: str
    system: str = ""
    language: str = ""
    model: str = ""
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """A ``recording`` (a file as base64) to be heard, in which ``language`` it is and by which ``recogniser``.

    "" leaves the language to the recogniser, and takes the best one that is here.
    """

    recording: str
    language: str = ""
    recogniser: str = ""


class Desk:
    """Serves programs. It shares engine, takes and made voices with the studio's own routes."""

    def __init__(self, engines: Engines, takes: Takes, voices: MadeVoices, rights: Rights) -> None:
        self._engines = engines
        self._takes = takes
        self._voices = voices
        self._rights = rights
        self._cloning = Cloning(engines, voices, rights)

    def systems(self, visitor: Visitor) -> list[dict[str, Any]]:
        """Every system with its options, as `engine.roster.facts` describes it."""
        engine = self._engines.of(visitor)
        return [facts(engine, spec) for spec in engine.systems()]

    def voices(self, visitor: Visitor, which: WhichVoices) -> dict[str, Any]:
        """{"voices": [`engine.roster.Offered`, ...], "total"}. Raises UnknownSystem."""
        offers = roster(self._engines.of(visitor), which.system, which.language)
        shown = offers[: min(MOST_LISTED, max(1, which.limit))]
        return {"voices": [each.describe() for each in shown], "total": len(offers)}

    def called(self, visitor: Visitor, voice: str, language: str) -> dict[str, str]:
        """The fields of a `Speak` for a voice by one name: an id that `voices` or `clone` tells, or a title.

        Raises VoiceError.
        """
        system, made, key = voice.partition(MADE)
        if made:
            return {"system": system, "made": key}
        offer = find(roster(self._engines.of(visitor)), voice, language)
        return {"system": offer.system, "model": offer.model, "voice": offer.voice}

    def speak(self, visitor: Visitor, speak: Speak, say: Say = Engine.synthesize) -> "Speaking":
        """Something to ``say``, which begins when its events are drawn.

        Raises what `read_request` raises, and Limited.
        """
        engine, own = self._engines.of(visitor), OwnVoices(self._voices, self._rights, visitor)
        asked = read_request(engine, speak, own)

        def keep(speech: Speech) -> Take | None:
            take = self._takes.keep(asked, speech)
            if take:
                self._rights.claim(visitor, take.id)
            return take

        going = self._rights.allowance.begin(visitor, asked.request.text)
        return Speaking(asked, say(engine, asked.request), going, keep)

    def sound(self, take: Take, ending: str) -> bytes:
        """The sound of a take as a file of one of the formats. Raises SaveError."""
        return self._takes.file(take, ending).read_bytes()

    def rewrite(self, visitor: Visitor, rewrite: Rewrite) -> Generator[Event, None, None]:
        """How a system writes a text before it speaks: the last event is a Rewritten. Closing it stops the work."""
        spec = self._chosen(visitor, rewrite.system, lambda spec: bool(spec.rewrites))
        speak = Speak(
            text=rewrite.text,
            system=spec.id,
            language=rewrite.language,
            model=rewrite.model,
            seed=rewrite.seed,
            options=rewriting_options(spec, rewrite.options),
        )
        with self.speak(visitor, speak) as speaking:
            yield from rewriting(speaking.events)

    def clone(self, visitor: Visitor, clone: Clone) -> dict[str, Any]:
        """A voice of a recording: {"voice": its id for `called`, "made", "name", "system", "saved", "traits"}.

        Raises RequestError without consent and for what is no base64, Refused for who may not save, VoiceError,
        AudioError, Busy and Limited.
        """
        if not clone.consent.strip():
            raise RequestError("say in consent what the speaker has agreed to; nobody is cloned without it")
        if clone.save:
            self._rights.check(visitor, Need.MANAGE)
        with self._rights.allowance.begin(visitor):
            spec = self._chosen(visitor, clone.system, lambda spec: spec.voicing.prompt_audio)
            recorded = Recorded(
                text=clone.transcript,
                name=clone.name,
                language=clone.language,
                model=clone.model,
                consent=clone.consent,
            )
            voice = self._cloning.voice(spec, bytes_of(clone.recording), recorded)
            kept = self._cloning.keep(visitor, voice, clone.name, clone.model)
            if clone.save:
                voicing.save(self._engines.owner, voice, kept["name"])
        known = f"{spec.id}/{kept['name']}" if clone.save else f"{spec.id}{MADE}{kept['made']}"
        return {"voice": known, "system": spec.id, "saved": clone.save, **kept}

    def transcribe(self, visitor: Visitor, listen: Listen) -> Generator[Progress, None, Transcript]:
        """What is said in a recording. Closing it stops the work. Raises as `Hearing.transcribe` does, and Limited."""
        with self._rights.allowance.begin(visitor):
            hearing = self._engines.of(visitor).hearing
            return (
                yield from hearing.transcribe(
                    bytes_of(listen.recording),
                    language=listen.language,
                    recogniser=listen.recogniser,
                    max_seconds=MOST_S,
                )
            )

    def _chosen(self, visitor: Visitor, system: str, is_able: Callable[[SystemSpec], bool]) -> SystemSpec:
        """The system that is named, or the first that is ready and able."""
        engine = self._engines.of(visitor)
        if system:
            return engine.system(system)
        able = (spec for spec in engine.systems() if is_able(spec) and engine.state(spec.id) == "ready")
        if (spec := next(able, None)) is None:
            raise WeightsMissing(
                "no system that is ready can do this; a model of one that can must be downloaded first"
            )
        return spec


class Speaking:
    """Something that is said for a visitor, event by event. As a context: when it is left, the work is over.

    ``keep`` makes a take of what was said.
    """

    def __init__(
        self, asked: Asked, said: Generator[Event, None, None], going: Going, keep: Callable[[Speech], Take | None]
    ) -> None:
        self._going = going
        self._keep = keep
        self._collector = Collector(asked.request)
        self.request = asked.request
        self.events = going.watch(self._collector.watch(said))

    def take(self) -> Take | None:
        """What has been said as a take of the visitor's; None when nothing was. Raises SaveError."""
        speech = self._collector.speech()
        return self._keep(speech) if speech else None

    def __enter__(self) -> "Speaking":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.events.close()
        self._going.end()


def bytes_of(written: str) -> bytes:
    """A file that was sent as base64, also within a ``data:`` address. Raises RequestError."""
    head, comma, body = written.partition(",")
    plain = body if comma and head.startswith("data:") else written
    try:
        return base64.b64decode("".join(plain.split()), validate=True)
    except ValueError as error:
        raise RequestError("the recording must be a file as base64; it is something else") from error
