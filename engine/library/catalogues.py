"""The catalogues of the systems: searched here, and what they have made into releases."""

import hashlib
import re
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.catalogue import Catalogue, Entry
from engine.errors import Corrupt, DownloadError, NotFound
from engine.library.documents import Documents
from engine.message import Message, as_told
from engine.publisher import Publisher
from engine.release import Release, Terms

MOST_CARD, MOST_SAMPLE = 64 << 10, 4 << 20
MOST_QUERY, MOST_WORDS = 200, 12
# Parsed lists in memory.
KEPT = 8
NO_CARD = Terms(
    name="not stated",
    summary="Nobody says what holds for it: ask whoever made it before you publish or sell what it speaks.",
    restricted=True,
)
# What samples may be, by their first bytes: nothing else is handed on as sound.
_SOUNDS = (
    (re.compile(rb"ID3|\xff[\xe2-\xff]"), "audio/mpeg"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"OggS"), "audio/ogg"),
    (re.compile(rb"fLaC"), "audio/flac"),
)
_SAMPLE = re.compile(r"(.+/)?samples/[^/]+\.(mp3|wav|ogg|opus|flac)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for: each word of the ``query`` in the names of an entry or of its language, and the rest exactly.

    ``most_bytes`` is what there is to download at most, ``speakers`` how many voices it has at least; 0 leaves it open.
    """

    query: str = ""
    language: str = ""
    quality: str = ""
    most_bytes: int = 0
    speakers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An entry of a system's catalogue."""

    spec: Publisher
    catalogue: Catalogue
    entry: Entry

    @property
    def id(self) -> str:
        """``<system id>/<name>``."""
        return f"{self.spec.id}/{self.entry.name}"

    def describe(self) -> dict[str, Any]:
        """The entry as plain data."""
        entry = self.entry
        return {
            "id": self.id,
            "system": self.spec.id,
            "catalogue": self.catalogue.title,
            "title": entry.title,
            "language": entry.language,
            "region": entry.region,
            "spoken": list(filter(None, entry.spoken)),
            "quality": entry.quality,
            "speakers": entry.speakers,
            "size": entry.size,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The first of what was found, of ``total``; ``languages`` are the English names of those of all entries, by code.

    ``notes`` say which catalogues are older than they should be, or are not here, and why.
    """

    entries: tuple[Listed, ...]
    total: int
    languages: dict[str, str]
    notes: tuple[Message, ...] = ()

    def describe(self) -> dict[str, Any]:
        """What was found as plain data."""
        return {
            "entries": [each.describe() for each in self.entries],
            "total": self.total,
            "languages": self.languages,
            "notes": [as_told(note) for note in self.notes],
        }


@dataclass(frozen=True, slots=True)
class _Read:
    """A list as it was read: its entries, and the words that each is found by."""

    entries: tuple[Entry, ...]
    words: tuple[str, ...]


class Catalogues:
    """The catalogues of ``specs``, read through ``documents``; any number of threads may ask."""

    def __init__(self, specs: Sequence[Publisher], documents: Documents) -> None:
        self._specs = specs
        self._documents = documents
        self._read: OrderedDict[bytes, _Read] = OrderedDict()
        self._lock = threading.Lock()

    def search(self, wanted: Wanted, most: int, system: str = "") -> Found:
        """The best fitting entries of all catalogues, or of a system's. Raises DownloadError where there is none."""
        words = _split(wanted.query[:MOST_QUERY])[:MOST_WORDS]
        scored: list[tuple[tuple[object, ...], Listed]] = []
        notes: list[Message] = []
        failures: list[DownloadError] = []
        languages: dict[str, str] = {}
        listed = [(spec, each) for spec in self._specs for each in spec.catalogues if system in ("", spec.id)]
        for spec, catalogue in listed:
            try:
                read = self._of(catalogue, notes)
            except DownloadError as error:
                failures.append(error)
                continue
            for entry, text in zip(read.entries, read.words, strict=True):
                languages.setdefault(entry.language, next(iter(entry.spoken), "") or entry.language)
                if _fits(entry, wanted) and all(f" {word}" in text for word in words):
                    exact = entry.language not in words, not set(words) & set(_split(" ".join(entry.spoken)))
                    rank = (*exact, *_order(entry))
                    scored.append((rank, Listed(spec=spec, catalogue=catalogue, entry=entry)))
        if failures and len(failures) == len(listed):
            raise failures[0]
        scored.sort(key=lambda pair: pair[0])
        notes += [error.message for error in failures]
        return Found(
            entries=tuple(each for _, each in scored[:most]), total=len(scored), languages=languages, notes=tuple(notes)
        )

    def find(self, spec: Publisher, name: str) -> Listed | None:
        """The entry of a system by its name or key; None where no catalogue of it can have such a name, or has none.

        Raises DownloadError.
        """
        for catalogue in spec.catalogues:
            if catalogue.names.fullmatch(name):
                for entry in self._of(catalogue, []).entries:
                    if entry.name == name:
                        return Listed(spec=spec, catalogue=catalogue, entry=entry)
        return None

    def card(self, listed: Listed) -> str:
        """What the card of an entry says; "" where it has none. Raises DownloadError."""
        entry = listed.entry
        if not entry.card:
            return ""
        try:
            kept = self._documents.read(entry.repo, listed.catalogue.revision, entry.card, MOST_CARD)
        except NotFound:
            return ""
        return kept.data.decode("utf-8", "replace")

    def release(self, listed: Listed) -> Release:
        """The release that an entry is, under the licence that its card says. Raises DownloadError."""
        entry, catalogue = listed.entry, listed.catalogue
        terms = entry.terms
        if terms is None:
            card = self.card(listed) if catalogue.terms else ""
            terms = catalogue.terms(card) if catalogue.terms and card else NO_CARD
        return entry.release(terms, catalogue.revision)

    def samples(self, listed: Listed) -> tuple[str, ...]:
        """The paths of the recordings beside an entry by which it may be heard; none where nobody tells."""
        entry, catalogue = listed.entry, listed.catalogue
        if not entry.folder:
            return ()
        try:
            files = self._documents.files(entry.repo, catalogue.revision, entry.folder)
        except DownloadError:
            return ()
        inside = [file for file in files if file.path.startswith(f"{entry.folder}/") and _SAMPLE.fullmatch(file.path)]
        return tuple(sorted(file.path for file in inside if file.size is None or file.size <= MOST_SAMPLE))

    def sample(self, listed: Listed) -> tuple[bytes, str]:
        """The first recording of an entry, and its media type. Raises DownloadError."""
        for path in self.samples(listed):
            data = self._documents.read(listed.entry.repo, listed.catalogue.revision, path, MOST_SAMPLE).data
            if kind := next((kind for start, kind in _SOUNDS if start.match(data)), ""):
                return data, kind
            raise Corrupt("{path} of {repo} is no sound", path=path, repo=listed.entry.repo)
        raise NotFound("there is no sample of {id}", id=listed.id)

    # -- what is kept --

    def _of(self, catalogue: Catalogue, notes: list[Message]) -> _Read:
        if not catalogue.index:
            return self._parsed(catalogue, b"")
        kept = self._documents.read(
            catalogue.repo,
            catalogue.revision,
            catalogue.index,
            catalogue.most_bytes,
            check=lambda data: self._parsed(catalogue, data),
        )
        notes += [kept.note] if kept.note else []
        return self._parsed(catalogue, kept.data)

    def _parsed(self, catalogue: Catalogue, data: bytes) -> _Read:
        """The entries of a list, which is read once. Raises Corrupt."""
        key = hashlib.sha256(f"{catalogue.id} ".encode() + data).digest()
        with self._lock:
            if known := self._read.get(key):
                self._read.move_to_end(key)
                return known
        entries = catalogue.read(data)
        read = _Read(entries, tuple(" " + " ".join(_words(entry)) for entry in entries))
        with self._lock:
            self._read[key] = read
            while len(self._read) > KEPT:
                self._read.popitem(last=False)
        return read


def _fits(entry: Entry, wanted: Wanted) -> bool:
    return (
        wanted.language in ("", entry.language)
        and wanted.quality in ("", entry.quality)
        and (not wanted.most_bytes or 0 < entry.size <= wanted.most_bytes)
        and entry.speakers >= wanted.speakers
    )


def _order(entry: Entry) -> tuple[object, ...]:
    """By language; in one the most natural first, and then the smaller."""
    natural = entry.merits.naturalness if entry.merits else 0
    return entry.language, entry.region, -natural, entry.size, entry.name


def _words(entry: Entry) -> list[str]:
    """All that an entry is found by."""
    said = (entry.name, entry.title, *entry.spoken, *entry.aliases, entry.language, entry.region, entry.quality)
    return list(dict.fromkeys(_split(" ".join(said))))


def _split(text: str) -> list[str]:
    """The words of a text without case and accents; what the alphabets that have neither write stays whole."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))
    return re.findall(r"[^\W_]+", plain)
