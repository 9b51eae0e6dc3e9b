"""Releases that are too many to be written down: a catalogue lists them, and says of each what a `Release` needs.

A system declares its catalogues in its facts. It reads what the hub has sent and asks the hub for nothing itself:
`engine.library.catalogues` fetches the list, and the card that says the licence of one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from engine.release import Merits, Release, RemoteFile, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One of a catalogue.

    ``name`` is that of the release it becomes, ``title`` what to call it, ``language`` the code of its language and
    ``region`` that of its country, "" where it has none. ``spoken`` are the names of both, in English and their own,
    ``aliases`` other names of the entry: it is found by any of them. ``quality`` is the publisher's own word,
    ``speakers`` the number of its voices.

    ``folder`` is where it lies in its ``repo``. ``card`` is the path of the text that says its licence, "" where the
    ``terms`` are known without one.
    """

    name: str
    title: str
    language: str
    repo: str
    files: tuple[RemoteFile, ...]
    folder: str = ""
    card: str = ""
    terms: Terms | None = None
    region: str = ""
    spoken: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    quality: str = ""
    speakers: int = 1
    checkpoint: str = ""
    about_bytes: int = 0
    merits: Merits | None = None

    @property
    def size(self) -> int:
        """What there is to download in bytes, roughly where the exact sizes are not published."""
        sizes = [file.size for file in self.files]
        return self.about_bytes if None in sizes else sum(filter(None, sizes))

    def release(self, terms: Terms, revision: str) -> Release:
        """The release that it is, under these terms."""
        place = f"/tree/{revision}/{self.folder}" if self.folder else ""
        return Release(
            name=self.name,
            title=self.title,
            repo=self.repo,
            revision=revision,
            files=self.files,
            languages=(self.language,),
            terms=terms,
            source=f"https://huggingface.co/{self.repo}{place}",
            checkpoint=self.checkpoint,
            about_bytes=self.about_bytes,
            merits={"": self.merits} if self.merits else {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """A list of releases of one kind: its ``id`` among those of its system, and a ``title``.

    The list is the file ``index`` of the repository ``repo``, of at most ``most_bytes``; without an index the project
    has it itself. ``read`` makes entries of the file's bytes (``b""`` without one) and raises WeightsMismatch for what
    is no such list. ``names`` is what the name of an entry looks like: anything else is not looked for. ``terms`` makes
    the licence of an entry's card.
    """

    id: str
    title: str
    names: re.Pattern[str]
    read: Callable[[bytes], tuple[Entry, ...]]
    terms: Callable[[str], Terms] | None = None
    repo: str = ""
    revision: str = "main"
    index: str = ""
    most_bytes: int = 4 << 20
