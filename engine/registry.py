"""The systems, a line each. Another is a folder under ``engine/systems`` and a name here."""

from importlib import import_module

from engine.errors import UnknownSystem
from engine.system import SystemSpec

NAMES = ("kokoro", "vits", "chattts", "styletts2", "vallex", "valle", "minimind")


def systems() -> tuple[SystemSpec, ...]:
    """Every system's facts, in the order of the page. Imports no torch."""
    return tuple(import_module(f"engine.systems.{name}").SPEC for name in NAMES)


def find(system: str, specs: tuple[SystemSpec, ...] | None = None) -> SystemSpec:
    """The facts of one system. Raises UnknownSystem."""
    known = {spec.id: spec for spec in (systems() if specs is None else specs)}
    if system not in known:
        raise UnknownSystem(
            "there is no system {system!r}; the systems are {known}", system=system, known=", ".join(known)
        )
    return known[system]
