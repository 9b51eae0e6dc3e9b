"""What the page's script is told of systems and checkpoints, as plain data: nothing here reads a model."""

import dataclasses
from typing import Any

from engine.engine import Engine
from engine.errors import UserError
from engine.library.card import Card
from engine.options import declared
from engine.system import SystemSpec


def systems(engine: Engine) -> list[dict[str, Any]]:
    """Every system with the checkpoints that are ready, the one that is used by default first."""
    cards: dict[str, list[Card]] = {}
    for card in engine.library.cards():
        cards.setdefault(card.system, []).append(card)
    return [_system(engine, spec, cards.get(spec.id, [])) for spec in engine.systems()]


def _system(engine: Engine, spec: SystemSpec, cards: list[Card]) -> dict[str, Any]:
    ready = [card for card in cards if card.checkpoint is not None]
    return {
        "id": spec.id,
        "name": spec.name,
        "summary": spec.summary,
        "state": engine.state(spec.id),
        "models": [_model(engine, spec, card) for card in ready],
        "languages": list(spec.languages),
        "voicing": {
            **dataclasses.asdict(spec.voicing),
            "blend": spec.blend is not None,
            "string": spec.voice_string is not None,
            "file": spec.voice_file is not None,
        },
        "defaults": {option.name: option.default for option in declared(spec.options)},
        "saved": list(engine.shelf.names(spec.id)),
        "tokens": dict(spec.tokens),
        "licences": {"code": spec.licences.code, "weights": spec.licences.weights},
        "own": spec.pick is not None,
        "sample_rate": spec.sample_rate,
        "max_chars": spec.max_chars,
        "samples": {language: list(texts) for language, texts in spec.samples.items()},
    }


def _model(engine: Engine, spec: SystemSpec, card: Card) -> dict[str, Any]:
    try:
        voices = engine.voices(spec.id, card.checkpoint)
    except UserError:
        voices = ()  # a damaged checkpoint must not keep the page from opening; who chooses it is told what is wrong
    terms = {"name": card.terms.name, "summary": card.terms.summary, "restricted": card.terms.restricted}
    return {"name": card.name, "title": card.title, "voices": list(voices), "terms": terms}


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
