"""Voices that are made for visitors: of their recordings, and whatever else is kept for them under an id."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine import voicing
from engine.request import Voice
from engine.steps import finish
from engine.system import SystemSpec
from engine.voice_shelf import MAX_NAME
from server.guests import Engines
from server.made_voices import MadeVoices
from server.requests import checkpoint_of
from server.rights import Rights, Visitor

MAX_CONSENT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Of a recording: the ``text`` said in it and its ``language``; the ``name`` of the voice, and for which model.

    ``consent`` is what the speaker has agreed to, in the words that were affirmed; it stays with the voice.
    """

    text: str = ""
    name: str = ""
    language: str = ""
    model: str = ""
    consent: str = ""


class Cloning:
    """Makes voices with the engine, and keeps those of each visitor apart."""

    def __init__(self, engines: Engines, made: MadeVoices, rights: Rights) -> None:
        self._engine = engines.owner
        self._made = made
        self._rights = rights

    def voice(self, spec: SystemSpec, data: bytes, recorded: Recorded) -> Voice:
        """The voice in the bytes of a recording. Raises what `voicing.from_recording` and `Engine.make_voice` raise."""
        checkpoint = checkpoint_of(self._engine, spec, recorded.model)
        prompt = voicing.from_recording(spec, data, recorded.text, recorded.language, checkpoint)
        return agreed(finish(self._engine.make_voice(spec.id, prompt, checkpoint)), recorded.consent)

    def keep(self, visitor: Visitor, voice: Voice, name: str, model: str = "") -> dict[str, Any]:
        """Keep a voice for a visitor for a while: its id, its name, and its traits, as `server.voice_routes` has it."""
        named = replace(voice, name=" ".join(name.split())[:MAX_NAME] or voice.name)
        checkpoint = checkpoint_of(self._engine, self._engine.system(voice.system), model)
        return {
            "made": self._rights.claim(visitor, self._made.keep(named)),
            "name": named.name,
            "traits": sorted(self._engine.traits(voice.system, voice, checkpoint)),
        }


def agreed(voice: Voice, consent: str) -> Voice:
    """The voice with what was agreed to, and on which day."""
    said = " ".join(consent.split())[:MAX_CONSENT]
    return replace(voice, meta={**voice.meta, "consent": f"{date.today()}: {said}"}) if said else voice
