"""What can be downloaded for a system: published checkpoints, their files, and under which licence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """One file of a repository: where it is there (``path``), and where it goes in ours (``place``, default: the same).

    ``size`` in bytes and ``sha256`` (64 hexadecimal digits) are None where they are not published; what the first
    download then learns is kept, and every later one is held to it. ``md5`` (32 digits) is what some publish instead:
    a download is held to it as well. An ``optional`` file is fetched where the repository has it, and the checkpoint is
    whole without it. A companion that others have published (a codec) names a ``repo`` of its own, and its ``revision``
    there.
    """

    path: str
    size: int | None = None
    sha256: str | None = None
    md5: str | None = None
    place: str = ""
    optional: bool = False
    repo: str = ""
    revision: str = "main"

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", self.place or self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The licence of weights: its short ``name``, and what it means in plain words.

    ``restricted`` terms (non-commercial, a duty towards listeners) are accepted once before the first download and are
    shown wherever the weights speak. ``commercial`` says whether what is spoken may be sold or serve a business, None
    where nobody says so.
    """

    name: str
    summary: str
    restricted: bool = False
    commercial: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merits:
    """What to expect of a release in one language, in classes: docs/catalogues.md#classes says what was measured.

    ``naturalness`` is 1 for a voice that is understood and plainly a machine, 2 for a clear one, 3 for a natural one, 4
    for one that is hard to tell from a person; ``speed`` on two cores is 1 for slower than real time, 2 for about as
    fast, 3 for several times as fast, 4 for at once. ``voice`` is the best of its voices there, "" for the first.
    """

    naturalness: int
    speed: int
    voice: str = ""

    def __post_init__(self) -> None:
        if not (1 <= self.naturalness <= 4 and 1 <= self.speed <= 4):
            raise ValueError(f"{self} is outside the classes 1..4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A published checkpoint of a system.

    ``name`` is its folder under ``<models>/<system id>/`` and, behind the system's id and a slash, its id. ``revision``
    is a commit where one is known, else a branch. ``modelscope`` is the repository's name there, if it is there.
    ``companions`` are files that ship with the project and belong beside the downloaded ones, by their place (a
    configuration that the repository lacks). ``checkpoint`` is what `SystemSpec.load` takes, under the folder.
    ``about_bytes`` is roughly what there is to download, where the exact sizes are not published; 0 where nobody knows.
    ``merits`` are by language, with "" for any other; without them nobody is advised to take it.

    Without a ``repo`` no hub serves the ``files``: whoever has them brings them, and ``note`` and ``source`` say from
    where. Without ``files`` it is not published at all: ``note`` says why, and what to bring instead.
    """

    name: str
    title: str
    repo: str
    revision: str
    files: tuple[RemoteFile, ...]
    languages: tuple[str, ...]
    terms: Terms
    source: str = ""
    modelscope: str = ""
    companions: Mapping[str, Path] = field(default_factory=dict)
    checkpoint: str = ""
    about_bytes: int = 0
    note: str = ""
    merits: Mapping[str, Merits] = field(default_factory=dict)

    def origin(self, file: RemoteFile) -> tuple[str, str, str]:
        """The repository of a file, its revision there, and what it is called at ModelScope, "" where it is not."""
        own = file.repo, file.revision, ""
        return own if file.repo else (self.repo, self.revision, self.modelscope)
