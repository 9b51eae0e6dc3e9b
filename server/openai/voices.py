"""The voices: those of the models, those that are saved, and OpenAI's names, each of which is one of them here.

A name is looked for in the model that is asked for, or where none is (`models.ALIASES`), in every one that is ready.
SYSTEM/NAME says in which. A voice of one's own is asked for by its id, as a string or as {"id": "..."}.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from engine.engine import Engine
from engine.errors import UserError
from engine.request import Voice
from engine.system import SystemSpec
from server.answers import as_json
from server.guests import Engines, OwnVoices
from server.openai import models
from server.openai.errors import Mistake
from server.rights import visitor_of

# OpenAI's voices, women and men in turn, as they are in the checkpoints of ours that have two.
OPENAI = (
    "alloy", "ash", "coral", "ballad", "nova", "echo", "sage", "onyx", "shimmer", "verse", "marin", "cedar", "fable",
)  # fmt: skip
OWN = "voice_"  # how the id of a voice begins that was made on this server and is not saved


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Who is to speak: a voice of a checkpoint of a system; None is the engine's choice."""

    spec: SystemSpec
    checkpoint: Path | None
    voice: Voice | str


class Voices:
    """The handler of the list."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    async def listed(self, request: Request) -> Response:
        """Every voice that somebody may name; with ?model= those of one."""
        engine = self._engines.of(visitor_of(request))
        return as_json({"voices": await anyio.to_thread.run_sync(_all, engine, request.query_params.get("model", ""))})


def choose(engine: Engine, own: OwnVoices, *, model: str, voice: str, language: str) -> Chosen:
    """Who speaks for a request. Raises Mistake for a model or a voice that there is not, and RequestError."""
    asked = models.find(engine, model)
    if voice.startswith(OWN):
        made = own.find(voice.removeprefix(OWN))
        _check_same(asked, made.system, voice)
        return Chosen(spec=engine.system(made.system), checkpoint=asked and asked[1], voice=made)
    ready = models.ready(engine)
    system, _, name = voice.partition("/")
    if name and system in (spec.id for spec in ready):
        _check_same(asked, system, voice)
        asked, voice = asked or (engine.system(system), None), name
    if asked is None:
        if not ready:
            raise Mistake("no model is installed here that could speak", 503, param="model", code="model_not_found")
        has = (spec for spec in ready if voice and _knows(engine, spec, None, voice))
        asked = next(has, ready[0]), None
    spec, checkpoint = asked
    if voice in OPENAI and not _knows(engine, spec, checkpoint, voice):
        return Chosen(spec=spec, checkpoint=checkpoint, voice=_stand_in(engine, spec, checkpoint, voice))
    checkpoint = checkpoint or engine.fitting(spec.id, voice, language)
    return Chosen(spec=spec, checkpoint=checkpoint, voice=voice)


def _check_same(asked: tuple[SystemSpec, Path | None] | None, system: str, voice: str) -> None:
    if asked is not None and asked[0].id != system:
        raise Mistake(
            "the voice {voice} belongs to the model {system}, not to {asked}",
            param="voice",
            voice=voice[:80],
            system=system,
            asked=asked[0].id,
        )


def _knows(engine: Engine, spec: SystemSpec, checkpoint: Path | None, voice: str) -> bool:
    """Whether a voice of this very name is in the checkpoint (None: in any that is installed), or saved."""
    if engine.shelf.has(spec.id, voice):
        return True
    return any(voice in _names(engine, spec, each) for each in _looked_in(engine, spec, checkpoint))


def _stand_in(engine: Engine, spec: SystemSpec, checkpoint: Path | None, voice: str) -> str:
    """Which voice of a system is heard under one of OpenAI's names: always the same, and others under other names."""
    place = OPENAI.index(voice)
    names = next((_names(engine, spec, each) for each in _looked_in(engine, spec, checkpoint)), ())
    if names:
        # Some publishers have voices of OpenAI's names, with something before them.
        return next((name for name in names if name.rpartition("_")[2] == voice), names[place % len(names)])
    return f"seed:{place}" if spec.voicing.random else ""


def _looked_in(engine: Engine, spec: SystemSpec, checkpoint: Path | None) -> tuple[Path, ...]:
    return (checkpoint,) if checkpoint else tuple(engine.checkpoints(spec.id).values())


def _names(engine: Engine, spec: SystemSpec, checkpoint: Path) -> tuple[str, ...]:
    try:
        return engine.voices(spec.id, checkpoint)
    except UserError:  # a damaged one is told of where somebody speaks with it
        return ()


def _all(engine: Engine, model: str) -> list[dict[str, Any]]:
    """The voices of every model that is ready, or of one, each once, then OpenAI's names for some of them."""
    asked = models.find(engine, model)
    specs = models.ready(engine) if asked is None else [asked[0]]
    found: dict[str, dict[str, Any]] = {}
    for spec in specs:
        for entry in _of_system(engine, spec, asked and asked[1]):
            # The same name in another system is asked for with the system before it.
            name = f"{spec.id}/{entry['id']}" if entry["id"] in found else entry["id"]
            found.setdefault(name, {**entry, "id": name})
    return [*found.values(), *({"id": name, "name": name} for name in OPENAI if name not in found and specs)]


def _of_system(engine: Engine, spec: SystemSpec, checkpoint: Path | None) -> Iterator[dict[str, Any]]:
    names: dict[str, str] = {}
    for each in _looked_in(engine, spec, checkpoint):
        for name in _names(engine, spec, each):
            names.setdefault(name, spec.voice_language(name, each))
    labels = spec.labels(tuple(names))
    for name, language in names.items():
        yield {"id": name, "name": str(labels.get(name, name)), "model": spec.id, "language": language or None}
    for name in engine.shelf.names(spec.id):
        if name not in names:
            yield {"id": name, "name": name, "model": spec.id, "language": None}
