"""The models: the systems that can speak, their checkpoints, the recognisers, and OpenAI's names for what is here."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from engine.engine import Engine
from engine.system import SystemSpec
from server.answers import as_json
from server.openai.errors import Mistake

ALIASES = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")
LISTENERS = ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe")
# With the date of a version, too.
_ALIAS = re.compile(r"(?:tts-1(?:-hd)?|gpt-4o(?:-mini)?-tts)(?:-[\d-]{4,10})?")
_LISTENER = re.compile(r"whisper-1|(?:gpt-4o(?:-mini)?|gpt)-transcribe(?:-[\d-]{4,10})?")
OWNER = "polyphone"


class Models:
    """The handlers. A model is called SYSTEM, or SYSTEM/CHECKPOINT where it must be that one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def listed(self, request: Request) -> Response:  # noqa: ARG002
        """All of them."""
        return as_json({"object": "list", "data": await anyio.to_thread.run_sync(self._all)})

    async def one(self, request: Request) -> Response:
        """One of them."""
        name = request.path_params["model"]
        for model in await anyio.to_thread.run_sync(self._all):
            if model["id"] == name:
                return as_json(model)
        raise unknown(self._engine, name)

    async def named(self, request: Request) -> Response:  # noqa: ARG002
        """Their names, in the shape that Open WebUI reads."""
        models = [model for model in await anyio.to_thread.run_sync(self._all) if self._speaks(model["id"])]
        return as_json({"models": [{"id": model["id"], "name": model["id"]} for model in models]})

    def _speaks(self, name: str) -> bool:
        return name in ALIASES or name.partition("/")[0] in (spec.id for spec in self._engine.systems())

    def _all(self) -> list[dict[str, Any]]:
        speaking, listening = list(_models(self._engine)), list(_recognisers(self._engine))
        found = [*speaking, *listening]
        newest = max((made for _, made in found), default=0)
        found += [(alias, newest) for alias in ALIASES if speaking]
        found += [(alias, newest) for alias in LISTENERS if listening]
        return [{"id": name, "object": "model", "created": made, "owned_by": OWNER} for name, made in found]


def find(engine: Engine, name: str) -> tuple[SystemSpec, Path | None] | None:
    """The system that ``name`` means, and the checkpoint if it says which; None where it leaves that to us.

    Raises Mistake for a model that there is not.
    """
    if not name or _ALIAS.fullmatch(name):
        return None
    system, _, checkpoint = name.partition("/")
    for spec in ready(engine):
        if spec.id == system:
            if not checkpoint:
                return spec, None
            if checkpoint in (installed := engine.checkpoints(spec.id)):
                return spec, installed[checkpoint]
    raise unknown(engine, name)


def recogniser(engine: Engine, name: str) -> str:
    """The id of the recogniser that ``name`` means; "" where it leaves that to us. Raises Mistake for none of ours."""
    if not name or name in LISTENERS or _LISTENER.fullmatch(name):
        return ""
    known = [each for each, _ in _recognisers(engine)]
    if name in known:
        return name
    raise Mistake(
        "there is no model {name!r} that listens; the models are {known}",
        404,
        param="model",
        code="model_not_found",
        name=name[:80],
        known=", ".join((*known, *LISTENERS)),
    )


def ready(engine: Engine) -> list[SystemSpec]:
    """The systems that can speak with what is installed, the one that is taken by default first."""
    return [spec for spec in engine.systems() if engine.checkpoints(spec.id)]


def unknown(engine: Engine, name: str) -> Mistake:
    """What to say of a model that there is not."""
    return Mistake(
        "there is no model {name!r}; the models are {known}",
        404,
        param="model",
        code="model_not_found",
        name=name[:80],
        known=", ".join((*(model for model, _ in _models(engine)), *ALIASES)),
    )


def _models(engine: Engine) -> Iterator[tuple[str, int]]:
    """The name of each model, and since when it is there in seconds of the epoch."""
    for spec in ready(engine):
        installed = engine.checkpoints(spec.id)
        made = {name: int(path.stat().st_mtime) if path.exists() else 0 for name, path in installed.items()}
        yield spec.id, max(made.values())
        if len(installed) > 1:
            yield from ((f"{spec.id}/{name}", when) for name, when in made.items())


def _recognisers(engine: Engine) -> Iterator[tuple[str, int]]:
    """The id of each recogniser, and since when it is there."""
    for each in engine.hearing.available():
        yield each.id, int(each.checkpoint.stat().st_mtime) if each.checkpoint.exists() else 0
