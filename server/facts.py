"""What the page's script is told of systems and checkpoints, as plain data: nothing here reads a model."""

import contextlib
import dataclasses
from pathlib import Path
from typing import Any

from engine import previews
from engine.engine import Engine
from engine.errors import UserError
from engine.library import Library
from engine.library.card import Card
from engine.message import as_told
from engine.options import Declared, declared
from engine.request import Voice
from engine.system import Portrait, SystemSpec, Voicing


def systems(engine: Engine) -> list[dict[str, Any]]:
    """Every system with the checkpoints that are ready, the one that is used by default first."""
    cards: dict[str, list[Card]] = {}
    for card in engine.library.cards():
        cards.setdefault(card.system, []).append(card)
    return [_system(engine, spec, cards.get(spec.id, [])) for spec in engine.systems()]


def silent(library: Library) -> list[dict[str, Any]]:
    """What the Models page says of recognisers and of codecs, by kind: the same words as of a system.

    ``loads`` says whether one is kept in memory.
    """
    return [
        {
            "id": spec.id,
            "name": spec.name,
            "summary": spec.summary,
            "licences": {"code": spec.licences.code, "weights": spec.licences.weights},
            "own": spec.pick is not None,
            "loads": spec in library.recognisers,
        }
        for spec in library.silent
    ]


def _system(engine: Engine, spec: SystemSpec, cards: list[Card]) -> dict[str, Any]:
    return {
        "id": spec.id,
        "name": spec.name,
        "purpose": spec.purpose,
        "summary": spec.summary,
        "state": engine.state(spec.id),
        "models": [_model(engine, spec, card, card.checkpoint) for card in cards if card.checkpoint],
        "languages": list(spec.languages),
        "voicing": _voicing(spec, spec.voicing),
        "options": [_option(option) for option in declared(spec.options)],
        "defaults": {option.name: option.default for option in declared(spec.options)},
        "saved": list(engine.shelf.names(spec.id)),
        "tokens": dict(spec.tokens),
        "licences": {"code": spec.licences.code, "weights": spec.licences.weights},
        "own": spec.pick is not None,
        "sample_rate": spec.sample_rate,
        "max_chars": spec.max_chars,
        "samples": {language: list(texts) for language, texts in spec.samples.items()},
    }


def _model(engine: Engine, spec: SystemSpec, card: Card, checkpoint: Path) -> dict[str, Any]:
    voices, voicing, portraits = tuple[str, ...](), spec.voicing, dict[str, Portrait]()
    own = other = frozenset[str]()
    converts = False
    # A damaged checkpoint must not keep the page from opening; who chooses it is told what is wrong.
    with contextlib.suppress(UserError):
        voices = engine.voices(spec.id, checkpoint)
        portraits = dict(spec.portraits(checkpoint))
        voicing = spec.voicing_of(checkpoint) if spec.voicing_of else voicing
        own = engine.traits(spec.id, Voice(system=spec.id, name=""), checkpoint)
        other = engine.traits(spec.id, None, checkpoint)
    spoken = dict.fromkeys([*card.languages, *(each.language for each in portraits.values() if each.language)])
    with contextlib.suppress(UserError):
        engine.check_conversion(spec.id, checkpoint)
        converts = True
    return {
        "name": card.name,
        "title": card.title,
        "languages": list(card.languages),
        "voices": list(voices),
        "portraits": {
            name: {"language": each.language, "character": as_told(each.character)} for name, each in portraits.items()
        },
        "previews": previews.of(spec, spoken),
        "labels": {name: {"message": label, **label.describe()} for name, label in spec.labels(voices).items()},
        "voicing": _voicing(spec, voicing),
        "converts": converts,
        "traits": {"own": sorted(own), "other": sorted(other)},
        "defaults": engine.defaults(spec.id, checkpoint),
        "terms": {"name": card.terms.name, "summary": card.terms.summary, "restricted": card.terms.restricted},
        "source": card.source,
    }


def _voicing(spec: SystemSpec, voicing: Voicing) -> dict[str, Any]:
    """How a checkpoint of the system gets its voices, and what can be done with them."""
    return {
        **dataclasses.asdict(voicing),
        "blend": spec.blend is not None,
        "join": spec.join is not None,
        "string": spec.voice_string is not None,
        "file": spec.voice_file is not None,
    }


def _option(option: Declared) -> dict[str, Any]:
    """What the script must know of an option that Gradio draws: what to call it, and when it counts."""
    return {"name": option.name, "label": option.label, "group": option.group, "needs": list(option.needs)}


def memory(engine: Engine) -> list[dict[str, Any]]:
    """The models in memory, with the ids of their checkpoints where the library knows them."""
    known = {card.checkpoint.resolve(): card.id for card in engine.library.cards() if card.checkpoint}
    return [
        {
            "id": known.get(model.checkpoint),
            "system": model.system,
            "name": model.checkpoint.name,
            "device": model.device,
            "dtype": model.dtype,
            "bytes": model.bytes,
            "requests": model.requests,
            "idle_s": round(model.idle_s),
        }
        for model in engine.loaded()
    ]
