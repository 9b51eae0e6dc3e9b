"""What the library keeps checkpoints for: a system, a recogniser, or a kind of codec."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.catalogue import Catalogue
from engine.release import Merits, Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Licences:
    """Who may do what: of our code for the system, and of the weights (by checkpoint where they differ).

    ``bundled`` is the name of the licence of the checkpoint that ships, and ``bundled_commercial`` says whether what it
    speaks may be sold.
    """

    code: str
    weights: str
    bundled: str = ""
    bundled_commercial: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """The facts that the library goes by, known without loading anything heavy.

    ``summary`` says in a sentence what it is.

    ``bundled`` is the checkpoint that ships with the project, if one does, which is called ``bundled_title``, and of
    which ``bundled_merits`` tell by language what to expect; where they do not, ``bundled_in`` are the codes of its
    languages. ``releases`` are those to be downloaded, the best first, and ``catalogues`` list more. ``published``
    knows a repository that a user names by what it is called, with its title, languages and licence; None is any other.

    ``pick`` says which of the paths in a folder or a repository make a checkpoint in the public layout (none: it is no
    checkpoint); without it only the ``releases`` can be downloaded or imported. ``check`` reads a checkpoint as
    strictly as it is loaded, and raises what is wrong with it; nothing in it is run.
    """

    id: str
    name: str
    summary: str
    languages: tuple[str, ...] = ()
    licences: Licences
    bundled: Path | None = None
    bundled_title: str = ""
    bundled_in: tuple[str, ...] = ()
    bundled_merits: Mapping[str, Merits] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()
    catalogues: tuple[Catalogue, ...] = ()
    published: Callable[[str], Release | None] = lambda _: None
    pick: Callable[[Sequence[str]], tuple[str, ...]] | None = None
    check: Callable[[Path], None] | None = None

    @property
    def bundled_languages(self) -> tuple[str, ...]:
        """The codes of the languages of the checkpoint that ships."""
        return self.bundled_in or tuple(filter(None, self.bundled_merits)) or self.languages
