"""What a visitor has of what all share: the engine without the owner's saved voices, and of made voices their own."""

import copy
from dataclasses import dataclass
from typing import Protocol

from engine.engine import Engine
from engine.request import Voice
from engine.voice_shelf import VoiceShelf
from server.made_voices import MadeVoices
from server.rights import Rights, Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """The engine as the ``owner`` has it, and as ``guests`` do. `over` makes both."""

    owner: Engine
    guests: Engine

    @classmethod
    def over(cls, engine: Engine, *, shared: bool) -> "Engines":
        """The same models for both, and the same saved voices only if they are ``shared``."""
        if shared:
            return cls(owner=engine, guests=engine)
        guests = copy.copy(engine)
        guests.shelf = VoiceShelf(None)
        return cls(owner=engine, guests=guests)

    def of(self, visitor: Visitor) -> Engine:
        """The engine for ``visitor``."""
        return self.owner if visitor.owner else self.guests


class Voices(Protocol):
    """Where made voices are found by their ids."""

    def get(self, system: str, id: str) -> Voice:  # noqa: A002
        """The voice of this id. Raises RequestError when there is none, or it is another system's."""
        ...


class OwnVoices:
    """Those of the made voices that are a visitor's own; any other is not there."""

    def __init__(self, made: MadeVoices, rights: Rights, visitor: Visitor) -> None:
        self._made = made
        self._rights = rights
        self._visitor = visitor

    def get(self, system: str, id: str) -> Voice:  # noqa: A002
        """The voice of this id. Raises RequestError when the visitor has none of it, or it is another system's."""
        return self._made.get(system, id if self._rights.owns(self._visitor, id) else "")

    def find(self, id: str) -> Voice:  # noqa: A002
        """The voice of this id, of whatever system. Raises RequestError when the visitor has none of it."""
        return self._made.find(id if self._rights.owns(self._visitor, id) else "")
