"""What a listener asks for, as plain JSON, turned into a request for the engine or refused with one clear line."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.engine import Engine
from engine.options import parse
from engine.request import SynthesisRequest
from engine.system import SystemSpec
from ui.errors import RequestError
from ui.voices import MadeVoices

FIELDS: dict[str, type] = {
    "text": str,
    "system": str,
    "model": str,
    "voice": str,
    "made": str,
    "language": str,
    "seed": int,
    "options": dict,
}
REQUIRED = ("text", "system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request for the engine, and the names by which the listener gave its checkpoint and its made voice."""

    request: SynthesisRequest
    model: str = ""
    made: str = ""


def read_request(engine: Engine, body: Any, voices: MadeVoices) -> Asked:
    """What is asked for in ``body``: {"text", "system"}, and as wanted "model", "voice" or "made", "language", "seed",
    "options": {name: value}.

    ``model`` is the name of an installed checkpoint, never a path; "" is the first one. ``made`` is the id of a voice
    in ``voices``.

    Raises RequestError for a wrong shape, a model that is not installed or a voice that is no longer kept,
    UnknownSystem, and OptionError for options that the system does not take.
    """
    if not isinstance(body, Mapping):
        raise RequestError(f"the request must be a JSON object, not {type(body).__name__}")
    for name in body:
        if name not in FIELDS:
            raise RequestError(f"the request has no field {str(name)[:40]!r}; the fields are {', '.join(FIELDS)}")
    for name in REQUIRED:
        if name not in body:
            raise RequestError(f"the request needs the field {name!r}")
    values = {name: _typed(name, value) for name, value in body.items()}
    spec = engine.system(values["system"])
    options = parse(spec.options, values.pop("options", {}))
    model, made = values.pop("model", ""), values.pop("made", "")
    if made and values.get("voice"):
        raise RequestError("a voice and a made one were both given; choose one of them")
    if made:
        values["voice"] = voices.get(spec.id, made)
    checkpoint = checkpoint_of(engine, spec, model)
    return Asked(request=SynthesisRequest(**values, options=options, checkpoint=checkpoint), model=model, made=made)


def checkpoint_of(engine: Engine, spec: SystemSpec, model: str) -> Path | None:
    """The installed checkpoint of this name; None for "", the engine's choice. Raises RequestError."""
    if not model:
        return None
    installed = engine.checkpoints(spec.id)
    if model not in installed:
        names = ", ".join(installed) or "none"
        raise RequestError(f"{spec.name} has no model {model[:40]!r}; the models are {names}")
    return installed[model]


def _typed(name: str, value: Any) -> Any:
    wanted = FIELDS[name]
    if isinstance(value, float) and wanted is int and value.is_integer():
        return int(value)  # JavaScript has one kind of number
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise RequestError(f"the field {name!r} must be of type {wanted.__name__}, not {type(value).__name__}")
    return value
