"""Polyphone's engine: text in, speech out.

    from engine import Engine

    Engine().say("The kettle is on.").save("kettle.flac")

Importing it costs nothing: what stands here comes from its module when it is first asked for.
"""

# That of typing, which is itself not worth its import here: checkers and editors know the name.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from engine.engine import Engine as Engine
    from engine.errors import EngineError as EngineError
    from engine.errors import UserError as UserError
    from engine.events import AudioChunk as AudioChunk
    from engine.events import Event as Event
    from engine.events import Notice as Notice
    from engine.events import Progress as Progress
    from engine.events import Rewritten as Rewritten
    from engine.events import SpokenWord as SpokenWord
    from engine.events import Started as Started
    from engine.events import Tried as Tried
    from engine.events import Try as Try
    from engine.events import Words as Words
    from engine.options import parse as parse
    from engine.reading import Read as Read
    from engine.reading import ReadSegment as ReadSegment
    from engine.reading import gather as gather
    from engine.recognition.transcript import HeardWord as HeardWord
    from engine.recognition.transcript import Transcript as Transcript
    from engine.request import ConversionRequest as ConversionRequest
    from engine.request import SynthesisRequest as SynthesisRequest
    from engine.request import Voice as Voice
    from engine.request import VoicePrompt as VoicePrompt
    from engine.speech import Collector as Collector
    from engine.speech import Speech as Speech
    from engine.speech import collect as collect

# The public names, each with its module.
_HOMES = {
    "AudioChunk": "engine.events",
    "Collector": "engine.speech",
    "ConversionRequest": "engine.request",
    "Engine": "engine.engine",
    "EngineError": "engine.errors",
    "Event": "engine.events",
    "HeardWord": "engine.recognition.transcript",
    "Notice": "engine.events",
    "Progress": "engine.events",
    "Read": "engine.reading",
    "ReadSegment": "engine.reading",
    "Rewritten": "engine.events",
    "Speech": "engine.speech",
    "SpokenWord": "engine.events",
    "Started": "engine.events",
    "SynthesisRequest": "engine.request",
    "Transcript": "engine.recognition.transcript",
    "Tried": "engine.events",
    "Try": "engine.events",
    "UserError": "engine.errors",
    "Voice": "engine.request",
    "VoicePrompt": "engine.request",
    "Words": "engine.events",
    "collect": "engine.speech",
    "gather": "engine.reading",
    "parse": "engine.options",
}
__all__ = tuple(_HOMES)


def __getattr__(name: str) -> "Any":
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
