"""The systems, a line each. Another is a folder under ``engine/systems`` and a name here.

So are the recognisers, each a module of ``engine/recognition``, and the codecs that are kept as models are.
"""

from importlib import import_module
from typing import Protocol, TypeVar, cast, overload

from engine.codecs import published
from engine.errors import UnknownSystem
from engine.publisher import Publisher
from engine.recognition.recogniser import RecogniserSpec
from engine.system import SystemSpec

NAMES = ("kokoro", "vits", "chattts", "styletts2", "vallex", "valle", "minimind")
RECOGNISERS = ("whisper",)


class Named(Protocol):
    """What has an id."""

    @property
    def id(self) -> str: ...


Spec = TypeVar("Spec", bound=Named)


def systems() -> tuple[SystemSpec, ...]:
    """Every system's facts, in the order of the page. Imports no torch."""
    return tuple(import_module(f"engine.systems.{name}").SPEC for name in NAMES)


def recognisers() -> tuple[RecogniserSpec, ...]:
    """Every recogniser's facts. Loads none."""
    return tuple(cast(RecogniserSpec, import_module(f"engine.recognition.{name}").SPEC) for name in RECOGNISERS)


def codecs() -> tuple[Publisher, ...]:
    """The facts of every kind of codec that is kept as models are. Imports no torch."""
    return (published.SPEC,)


@overload
def find(system: str) -> SystemSpec: ...
@overload
def find(system: str, specs: tuple[Spec, ...]) -> Spec: ...
def find(system: str, specs: tuple[Named, ...] | None = None) -> Named:
    """The facts of one system among ``specs`` (default: the registered ones). Raises UnknownSystem."""
    known: dict[str, Named] = {spec.id: spec for spec in (systems() if specs is None else specs)}
    if system not in known:
        raise UnknownSystem(
            "there is no system {system!r}; the systems are {known}", system=system, known=", ".join(known)
        )
    return known[system]
