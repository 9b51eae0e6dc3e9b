"""What a system makes of a text before it speaks, without the sound: laughter, pauses and fillers written into it."""

from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Any

from engine.errors import OptionError, TextError
from engine.events import AudioChunk, Event, Rewritten
from engine.system import SystemSpec


def rewriting_options(spec: SystemSpec, options: Mapping[str, Any]) -> dict[str, Any]:
    """``options`` of a request with which the system rewrites its text. Raises OptionError where none does."""
    if not spec.rewrites:
        raise OptionError("{spec} speaks texts as they are and rewrites none; choose another system", spec=spec.name)
    return {**options, spec.rewrites: True}


def rewriting(events: Generator[Event, None, None]) -> Generator[Event, None, None]:
    """The events of a synthesis until the text is written: the last is a Rewritten. The sound is never made.

    Raises TextError when the text is spoken as it is, and what the events raise.
    """
    with closing(events):
        for event in events:
            if isinstance(event, AudioChunk):
                break
            yield event
            if isinstance(event, Rewritten):
                return
    raise TextError("there was nothing to rewrite in this text; write a sentence or more")
