"""The texts with which every system is asked whether it says what it shows, and what it shows of them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from engine.engine import Engine
from engine.errors import TextError
from engine.events import Notice
from engine.reading import Read, gather
from engine.request import SynthesisRequest
from engine.system import SystemSpec

CASES = Path(__file__).parents[1] / "cases" / "text.jsonl"
TEXTS = (
    *(
        "Hello there.",
        "A ☃ and 🙂, then a ☃ < that, naïve, 5 € – “so” don’t…",
        "snow\u202eman ☃ fℓ你好",
        "[laugh] 你好 [uv_break]",
    ),
    *(
        "First.\n\nSecond paragraph; it has a clause, and it has another one.\nThird\n---\nFourth",
        "x" * 700,
        "!?",
        "🙂",
    ),
    *(
        "饕餮是龟的邻居，㐀字不认识。",
        "word, " * 120,
        '"Quoted," she said. "And (again)."',
        "§ ʰ ɑ",
        "Ärger, Привет, مرحبا",
    ),
)


def texts() -> list[str]:
    """These, and the inputs of every case that is known."""
    return [*TEXTS, *(json.loads(line)["input"] for line in CASES.read_text(encoding="utf-8").splitlines())]


def shown(engine: Engine, request: SynthesisRequest) -> Read | str:
    """How a text will be read, or the error."""
    try:
        return gather(engine.reading(request))
    except TextError as error:
        return str(error)


def notices_of_speaking(engine: Engine, request: SynthesisRequest) -> tuple[str, ...] | str:
    """What is told when the text is spoken, or the error."""
    try:
        return tuple(event.message for event in engine.synthesize(request) if isinstance(event, Notice))
    except TextError as error:
        return str(error)


def compare(
    spec: SystemSpec, checkpoint: Path, given: list[Any], asked: Iterable[str], language: str = "en", **options: Any
) -> list[tuple[str, Read, list[Any]]]:
    """Each of the texts with what is shown of it and what the network was ``given``, emptied before each.

    Asserts that notices and errors of reading are those of speaking.
    """
    engine = Engine((spec,), device="cpu", dtype="float32")
    # Models speak a word when they are loaded.
    list(engine.prepare(spec.id, checkpoint))
    found = []
    for text in asked:
        request = SynthesisRequest(
            system=spec.id,
            text=text,
            options=spec.options(**options),
            language=language,
            checkpoint=checkpoint,
            raw=True,
        )
        read = shown(engine, request)
        given.clear()
        told = notices_of_speaking(engine, request)
        assert told == (read if isinstance(read, str) else read.notices), text
        if not isinstance(read, str):
            found.append((text, read, list(given)))
    assert found
    return found
