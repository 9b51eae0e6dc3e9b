"""What a listener asks for, as plain JSON, turned into a request for the engine or refused with one clear line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.engine import Engine
from engine.options import parse
from engine.request import SynthesisRequest
from engine.system import SystemSpec
from ui.errors import RequestError

FIELDS: dict[str, type] = {
    "text": str,
    "system": str,
    "model": str,
    "voice": str,
    "language": str,
    "seed": int,
    "options": dict,
}
REQUIRED = ("text", "system")


def read_request(engine: Engine, body: Any) -> SynthesisRequest:
    """The request in ``body``: {"text", "system", "model"?, "voice"?, "language"?, "seed"?, "options"?: {name: value}}.

    ``model`` is the name of an installed checkpoint, never a path; "" is the first one.

    Raises RequestError for a wrong shape or a model that is not installed, UnknownSystem, and OptionError for options
    that the system does not take.
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
    language = values.get("language", "")
    if language and language not in spec.languages:
        raise RequestError(f"{spec.name} does not speak {language[:20]!r}; it speaks {', '.join(spec.languages)}")
    options = parse(spec.options, values.pop("options", {}))
    checkpoint = _checkpoint(engine, spec, values.pop("model", ""))
    return SynthesisRequest(**values, options=options, checkpoint=checkpoint)


def _checkpoint(engine: Engine, spec: SystemSpec, model: str) -> Path | None:
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
