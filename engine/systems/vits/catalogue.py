"""Piper's voices: what the list of `rhasspy/piper-voices` says of each, and what the card of one says of its licence.

docs/catalogues.md#pipers-list. Both come from a hub and are held to their form. Imports no torch.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from engine.catalogue import Catalogue, Entry
from engine.errors import Corrupt
from engine.hub.endpoints import is_safe_path
from engine.message import Message
from engine.release import Merits, RemoteFile, Terms

REPOSITORY = "rhasspy/piper-voices"
MOST_ENTRIES = 20_000
MOST_BYTES = 2 << 30  # of one file
MOST_SPEAKERS = 100_000
CARD = "MODEL_CARD"

_QUALITIES = "x_low|low|medium|high"
_KEY = re.compile(
    rf"(?P<code>(?P<family>[a-z]{{2,3}})_(?P<region>[A-Z]{{2}}))-(?P<name>\w{{1,60}})-(?P<quality>{_QUALITIES})"
)
_NAME = re.compile(rf"[a-z]{{2,3}}_[A-Z]{{2}}-\w{{1,60}}-({_QUALITIES})", re.ASCII)
_MD5 = re.compile(r"[0-9a-f]{32}")
_HEADING = re.compile(r"#+ *(.*)")
_LICENCE = re.compile(r"\* *licen[cs]e *:(.*)", re.IGNORECASE)
# Measured for medium; the rest by the sizes of their networks: docs/catalogues.md#classes.
_MERITS = {
    "x_low": Merits(naturalness=1, speed=4),
    "low": Merits(naturalness=2, speed=3),
    "medium": Merits(naturalness=3, speed=3),
    "high": Merits(naturalness=3, speed=2),
}

FREE = Message("Free for any use, selling included.")
NAMING = Message("Free for any use, selling included, as long as whoever made the recordings is named.")
ALIKE = Message(
    "Free for any use as long as whoever made the recordings is named; what is made from it must be under the same "
    "licence."
)
NOT_SOLD = Message(
    "Not for commercial use: nothing that it speaks may be sold or serve a business; name who made the recordings."
)
RESEARCH = Message(
    "For research alone: the recordings were given away under terms that allow nothing else. Ask their owner before "
    "you publish or sell what it speaks."
)
LESSAC = Message(
    "Its own recordings are free, but it began as the Lessac voice, whose recordings are for research alone: ask "
    "before you publish or sell what it speaks."
)
UNSTATED = Message(
    "Its card does not say what is allowed: look at where the recordings come from, and ask before you publish or sell "
    "what it speaks."
)


def read(data: bytes) -> tuple[Entry, ...]:
    """The voices in ``voices.json``. What is not in the form of one is left out; Corrupt where nothing else is there.

    The work grows with the size of the file, which whoever fetches it bounds.
    """
    try:
        listed = json.loads(data, object_pairs_hook=_once)
    except _Twice as error:
        raise Corrupt("the list of {repo} names {name!r} twice", repo=REPOSITORY, name=str(error)[:60]) from None
    except (ValueError, RecursionError) as error:
        raise Corrupt("the list of {repo} cannot be read; it is no JSON", repo=REPOSITORY) from error
    if not isinstance(listed, dict) or len(listed) > MOST_ENTRIES:
        raise Corrupt("the list of {repo} is no list of voices", repo=REPOSITORY)
    entries = {entry.name: entry for key, fields in listed.items() if (entry := _entry(key, fields))}
    if not entries:
        raise Corrupt("the list of {repo} holds no voice in a form that is known here", repo=REPOSITORY)
    return tuple(entries.values())


def terms(card: str) -> Terms:
    """The licence in a voice's card: that of the recordings, and of those that it was fine-tuned from."""
    stated = _stated(card)
    licence = _licence(stated)
    if not licence.restricted and re.search(r"fine-?tuned from\b[^\n]{0,200}\blessac", card, re.IGNORECASE):
        return Terms(name=f"{licence.name} + Lessac", summary=LESSAC, restricted=True)
    return licence


def _stated(card: str) -> str:
    """What stands behind ``* License:`` under the heading Dataset, at most a line of it."""
    section = ""
    for line in card.splitlines():
        if heading := _HEADING.match(line):
            section = heading[1].strip().lower()
        elif section == "dataset" and (found := _LICENCE.match(line.strip())):
            return " ".join("".join(filter(str.isprintable, found[1])).split())[:60]
    return ""


def _licence(stated: str) -> Terms:
    """What a licence means, by the words in its name or its address."""
    said = f" {re.sub(r'[^a-z0-9]+', ' ', stated.lower())} "
    commons = re.search(r" (cc|creative ?commons|creativecommons) ", said)
    if " nc " in said or re.search(r" non ?commercial", said):
        return Terms(name=stated, summary=NOT_SOLD, restricted=True, commercial=False)
    if re.search(r" (blizzard|research|academic|lessac) ", said):
        return Terms(name=stated, summary=RESEARCH, restricted=True, commercial=False)
    if re.search(r" (cc ?0|public ?domain|mit|apache|bsd|unlicense) ", said):
        return Terms(name=stated, summary=FREE, commercial=True)
    if " nd " not in said and re.search(r" (by sa|share ?alike) ", said) and commons:
        return Terms(name=stated, summary=ALIKE, commercial=True)
    if " nd " not in said and re.search(r" (by|attribution) ", said) and commons:
        return Terms(name=stated, summary=NAMING, commercial=True)
    return Terms(name="not stated", summary=UNSTATED, restricted=True)


def _entry(key: str, fields: Any) -> Entry | None:
    """What the list says of one voice; None where it does not say it as it should."""
    found = _KEY.fullmatch(key)
    if not found or not isinstance(fields, dict):
        return None
    # The name of a folder; a few keys have letters that not every disk takes.
    name = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode("ascii")
    folder = f"{found['family']}/{found['code']}/{found['name']}/{found['quality']}"
    files = _files(fields.get("files"), folder, key, name)
    language, speakers = fields.get("language"), fields.get("num_speakers", 1)
    counted = type(speakers) is int and 1 <= speakers <= MOST_SPEAKERS
    if not _NAME.fullmatch(name) or not files or not isinstance(language, dict) or not counted:
        return None
    aliases = fields.get("aliases")
    return Entry(
        name=name,
        title=found["name"].replace("_", " ").title(),
        language=found["family"],
        region=found["region"],
        spoken=tuple(_word(language.get(key)) for key in ("name_english", "name_native", "country_english")),
        aliases=(key, *(_word(alias) for alias in (aliases if isinstance(aliases, list) else [])[:20])),
        quality=found["quality"],
        speakers=speakers,
        repo=REPOSITORY,
        folder=folder,
        files=files,
        card=f"{folder}/{CARD}",
        merits=_MERITS[found["quality"]],
    )


def _files(listed: Any, folder: str, key: str, name: str) -> tuple[RemoteFile, ...]:
    """The files of a voice, the largest last; none where one is missing, or lies or weighs what it cannot."""
    places = {f"{key}.onnx.json": f"{name}.onnx.json", CARD: CARD, f"{key}.onnx": f"{name}.onnx"}
    if not isinstance(listed, dict):
        return ()
    files = []
    for file, place in places.items():
        path = f"{folder}/{file}"
        facts: Any = listed.get(path)
        if not isinstance(facts, dict):
            return ()
        size, md5 = facts.get("size_bytes"), facts.get("md5_digest")
        sized = type(size) is int and 0 < size <= MOST_BYTES
        if not sized or not isinstance(md5, str) or not _MD5.fullmatch(md5) or not is_safe_path(path):
            return ()
        files.append(RemoteFile(path=path, size=size, md5=md5, place=place))
    return tuple(files)


def _word(value: Any) -> str:
    return "".join(filter(str.isprintable, value))[:60] if isinstance(value, str) else ""


class _Twice(Exception):
    """An object names something twice: which of both is meant, nobody knows."""


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Twice(name)
        found[name] = value
    return found


PIPER = Catalogue(
    id="piper",
    title="Piper",
    names=_NAME,
    repo=REPOSITORY,
    index="voices.json",
    read=read,
    terms=terms,
)
