"""What there is to know of one checkpoint, as the page and the command line show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.release import Merits, Terms

State = Literal["ready", "partly here", "downloadable", "needs your file", "not published"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One checkpoint of one system, on disk or not.

    ``id`` is ``<system id>/<name>``. ``size`` is all that there is to download and ``on_disk`` what is here, in bytes;
    ``size`` is 0 where nobody knows, and not ``exact`` where it is published roughly. ``missing`` are the files that
    are not here. ``binding`` terms are accepted before a download. ``last_used`` is in seconds of the epoch, 0 for
    never. ``checkpoint`` is what the engine takes; None unless it is ready. What is ``own`` (brought by the user) or
    was downloaded may be deleted: ``removable``. ``merits`` are what to expect of it, by language as in `Release`.
    """

    id: str
    system: str
    system_name: str
    name: str
    title: str
    state: State
    languages: tuple[str, ...]
    code_licence: str
    terms: Terms
    binding: bool
    accepted: bool
    size: int
    exact: bool
    on_disk: int
    missing: tuple[str, ...]
    folder: Path
    checkpoint: Path | None
    own: bool
    removable: bool
    last_used: float
    repo: str
    revision: str
    source: str
    note: str
    merits: Mapping[str, Merits]

    def describe(self) -> dict[str, Any]:
        """The card as plain data."""
        return {
            "id": self.id,
            "system": self.system,
            "system_name": self.system_name,
            "name": self.name,
            "title": self.title,
            "state": self.state,
            "languages": list(self.languages),
            "licence": {
                "code": self.code_licence,
                "weights": self.terms.name,
                "summary": self.terms.summary,
                "restricted": self.terms.restricted,
                "commercial": self.terms.commercial,
                "binding": self.binding,
                "accepted": self.accepted,
            },
            "size": self.size,
            "exact": self.exact,
            "on_disk": self.on_disk,
            "missing": list(self.missing),
            "folder": str(self.folder),
            "own": self.own,
            "removable": self.removable,
            "last_used": self.last_used,
            "repo": self.repo,
            "revision": self.revision,
            "source": self.source,
            "note": self.note,
        }


def in_bytes(count: float) -> str:
    """A number of bytes for people: 312 kB, 417 MB, 1.2 GB."""
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.{int(unit == 'GB')}f} {unit}"
    return f"{count / 1e3:.0f} kB"
