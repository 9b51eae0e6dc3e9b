"""What a listener asks for, as it comes in, turned into a request for the engine or refused with one clear line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from engine import retakes
from engine.engine import Engine
from engine.lexicon import MOST_OWN
from engine.message import Message
from engine.request import LexiconEntry, SynthesisRequest, Voice
from engine.system import SystemSpec
from server.body import Items
from server.errors import RequestError
from server.guests import Voices


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichVoice:
    """A voice in a request: ``voice`` is a name or a string that stands for one, ``made`` the id of one that was made
    on this server; "" for both is the system's default.

    ``model`` is the name of an installed checkpoint, never a path; "" is the first one.
    """

    voice: str = ""
    made: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speak(WhichVoice):
    """What to say, with which system and its ``options`` {name: value}; ``language`` "" is the system's first.

    Of up to ``tries`` takes the best is kept. ``lexicon`` says how words are to be read in this request alone.
    """

    text: str
    system: str
    language: str = ""
    seed: int = 0
    tries: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    lexicon: Annotated[tuple[LexiconEntry, ...], Items(most=MOST_OWN)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request for the engine, and the names by which the listener gave its checkpoint and its made voice."""

    request: SynthesisRequest
    model: str = ""
    made: str = ""


def read_request(engine: Engine, speak: Speak, voices: Voices) -> Asked:
    """What is asked for in ``speak``, as a request for the engine; a made voice is one of ``voices``.

    Raises RequestError for a model that is not installed or a voice that is
    no longer kept, UnknownSystem, and OptionError for options that the system does not take.
    """
    spec = engine.system(speak.system)
    checkpoint = checkpoint_of(engine, spec, speak.model)
    request = SynthesisRequest(
        system=spec.id,
        text=speak.text,
        options=engine.options(spec.id, speak.options, checkpoint),
        voice=made_voice(voices, spec.id, speak) or speak.voice,
        language=speak.language,
        seed=speak.seed,
        checkpoint=checkpoint,
        tries=speak.tries,
        lexicon=speak.lexicon,
    )
    retakes.check(request.tries)
    return Asked(request=request, model=speak.model, made=speak.made)


def made_voice(voices: Voices, system: str, which: WhichVoice) -> Voice | None:
    """The voice of a system that was made on this server, if one is asked for by its id.

    Raises RequestError when it is no longer kept, or another one is named, too.
    """
    if which.made and which.voice:
        raise RequestError("a voice and a made one were both given; choose one of them")
    return voices.get(system, which.made) if which.made else None


def checkpoint_of(engine: Engine, spec: SystemSpec, model: str) -> Path | None:
    """The installed checkpoint of this name; None for "", the engine's choice. Raises RequestError."""
    if not model:
        return None
    installed = engine.checkpoints(spec.id)
    if model not in installed:
        names = ", ".join(installed) or Message("none")
        raise RequestError(
            "{spec} has no model {model!r}; the models are {names}", spec=spec.name, model=model[:40], names=names
        )
    return installed[model]
