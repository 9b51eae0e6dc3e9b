"""What every saved file says about itself: that a machine made it, and with what."""

import hashlib
import json
from typing import Any

from engine.options import values
from engine.request import ConversionRequest, SynthesisRequest, Voice

VERSION = "0.1.0"
STATEMENT = "AI-generated speech"


def label(request: SynthesisRequest) -> dict[str, str]:
    """Metadata tags of the result of ``request``: a comment with `STATEMENT` and the facts as JSON, and the software.

    The facts are enough to make the same sound again by whoever has the text: its SHA-256, the system, checkpoint
    name, voice, language, seed, options and version. The text itself is not in them.
    """
    voice = request.voice.name if isinstance(request.voice, Voice) else request.voice
    facts: dict[str, Any] = {
        "ai_generated": True,
        "text_sha256": hashlib.sha256(request.text.encode("utf-8", "replace")).hexdigest(),
        "system": request.system,
        "voice": "from a recording" if request.prompt is not None else voice[:200],
        "language": request.language,
        "seed": request.seed,
        "options": values(request.options),
        "version": VERSION,
    }
    if request.checkpoint is not None:
        facts["checkpoint"] = request.checkpoint.name
    return _tags(facts)


def converted(request: ConversionRequest) -> dict[str, str]:
    """The same of a recording that was said in another voice; neither it nor a hash of it is in the facts."""
    facts: dict[str, Any] = {
        "ai_generated": True,
        "system": request.system,
        "from": request.source[:200],
        "voice": request.target[:200],
        "seed": request.seed,
        "version": VERSION,
    }
    if request.checkpoint is not None:
        facts["checkpoint"] = request.checkpoint.name
    return _tags(facts)


def _tags(facts: dict[str, Any]) -> dict[str, str]:
    # ASCII only: an MP3's comment survives nothing else in every reader.
    comment = f"{STATEMENT}. {json.dumps(facts, separators=(',', ':'))}"
    return {"comment": comment, "software": f"Polyphone {VERSION}", "title": STATEMENT}


def facts(comment: str) -> dict[str, Any]:
    """The facts in a comment that `label` wrote; empty for any other comment."""
    prefix = f"{STATEMENT}. "
    if not comment.startswith(prefix):
        return {}
    try:
        found = json.loads(comment[len(prefix) :])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
