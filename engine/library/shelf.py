"""Where each checkpoint of a system belongs on disk, and how much of it is there."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from engine.errors import WeightsMissing
from engine.hub import part_of
from engine.library.card import Card, State
from engine.library.records import Records
from engine.message import Message
from engine.publisher import Publisher
from engine.release import Release, Terms

BUNDLED = "built-in"
MAX_FILES = 5000
OWN_TERMS = Terms(name="its own", summary="Polyphone does not know the licence of this one: ask whoever made it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place for a checkpoint: of a published ``release``, of the one that ships, or of a user's ``own`` folder.

    ``folder`` is where it is or would be; what is ``listed`` by a catalogue has none before its download. For what is
    not published the release is made up of what is known.
    """

    spec: Publisher
    release: Release
    folder: Path
    own: bool = False
    bundled: bool = False
    listed: bool = False

    @property
    def id(self) -> str:
        """``<system id>/<name>``."""
        return f"{self.spec.id}/{self.release.name}"

    @property
    def binding(self) -> bool:
        """Whether its terms are accepted before it comes: those that users bring are theirs to know."""
        return self.release.terms.restricted and (not self.own or self.spec.published(self.release.repo) is not None)

    @property
    def checkpoint(self) -> Path:
        """What the engine takes."""
        return self.folder / self.release.checkpoint

    @property
    def missing(self) -> tuple[str, ...]:
        """The files of the release that are not there and must be, by their place."""
        needed = (file.place for file in self.release.files if not file.optional)
        places = (*needed, *self.release.companions)
        return tuple(place for place in places if not (self.folder / place).is_file())

    @property
    def state(self) -> State:
        """How much of it is there."""
        release = self.release
        if self.bundled:
            return "ready"
        if not release.files:
            return ("ready" if _is_checkpoint(self) else "needs your file") if self.own else "not published"
        if not self.missing:
            return "ready"
        places = [self.folder / file.place for file in release.files]
        if any(place.is_file() or part_of(place).is_file() for place in places):
            return "partly here"
        return "downloadable" if release.repo else "needs your file"

    def card(self, records: Records | None) -> Card:
        """All that is to be shown of it."""
        spec, release, state = self.spec, self.release, self.state
        sizes = [file.size for file in release.files]
        exact = None not in sizes
        on_disk = _bytes_in(self.folder)
        return Card(
            id=self.id,
            system=spec.id,
            system_name=spec.name,
            name=release.name,
            title=release.title,
            state=state,
            languages=release.languages,
            code_licence=spec.licences.code,
            terms=release.terms,
            binding=self.binding,
            accepted=bool(records and records.accepted(self.id, release.terms.name)),
            size=sum(filter(None, sizes)) if exact else release.about_bytes,
            exact=exact,
            on_disk=on_disk,
            missing=self.missing,
            folder=self.folder,
            checkpoint=self.checkpoint if state == "ready" else None,
            own=self.own,
            removable=self.own or (not self.bundled and state in ("ready", "partly here")),
            last_used=records.last_used(self.id) if records else 0.0,
            repo=release.repo,
            revision=release.revision,
            source=release.source,
            note=release.note,
            merits=release.merits,
        )


def slots(spec: Publisher, folder: Path | None, records: Records | None) -> list[Slot]:
    """The places of a system: what ships first, then what is published, then what users have put into its folder."""
    found = [_bundled(spec, spec.bundled)] if spec.bundled and spec.bundled.exists() else []
    if folder is None or records is None:
        return found
    shelf = folder / spec.id
    found += [Slot(spec=spec, release=release, folder=shelf / release.name) for release in spec.releases]
    taken = {slot.release.name for slot in found}
    if shelf.is_dir():
        own = [path for path in sorted(shelf.iterdir()) if not path.name.startswith(".") and path.name not in taken]
        found += [_own(spec, path, records) for path in own]
    return found


def _bundled(spec: Publisher, folder: Path) -> Slot:
    terms = Terms(
        name=spec.licences.bundled or Message("ships with Polyphone"),
        summary=spec.licences.weights,
        commercial=spec.licences.bundled_commercial,
    )
    release = Release(
        name=BUNDLED,
        title=spec.bundled_title,
        repo="",
        revision="",
        files=(),
        languages=spec.bundled_languages,
        terms=terms,
        merits=spec.bundled_merits,
    )
    return Slot(spec=spec, release=release, folder=folder, bundled=True)


def _own(spec: Publisher, path: Path, records: Records) -> Slot:
    """A folder that no release claims: of a catalogue, brought by hand, or from a repository that the user named."""
    if release := records.release(f"{spec.id}/{path.name}"):
        return Slot(spec=spec, release=replace(release, name=path.name), folder=path)
    repo, revision, files = records.origin(f"{spec.id}/{path.name}") or ("", "", ())
    return Slot(spec=spec, release=of_repository(spec, path.name, repo, revision, files), folder=path, own=True)


def of_repository(spec: Publisher, name: str, repo: str, revision: str, files: tuple) -> Release:
    """A release made of a repository that a user named; with no repository, of a folder that they brought."""
    if known := spec.published(repo):
        return replace(known, name=name, revision=revision, files=files)
    return Release(
        name=name,
        title=repo or name,
        repo=repo,
        revision=revision,
        files=files,
        languages=spec.languages,
        terms=_own_terms(spec),
        source=f"https://huggingface.co/{repo}" if repo else "",
    )


def _own_terms(spec: Publisher) -> Terms:
    """What may hold for a checkpoint that no release claims: where all published ones are restricted, most likely that.

    It may be one of them, or made from one.
    """
    if not spec.releases or not all(release.terms.restricted for release in spec.releases):
        return OWN_TERMS
    bound = spec.releases[0].terms
    summary = f"{OWN_TERMS.summary} The published weights of {spec.name}, and what is made from them: {bound.summary}"
    return Terms(name=bound.name, summary=summary, restricted=True)


def _is_checkpoint(slot: Slot) -> bool:
    """Whether a user's folder has the layout of its system; where that is not declared, whatever lies there counts."""
    if slot.spec.pick is None or not slot.folder.is_dir():
        return slot.spec.pick is None
    return bool(slot.spec.pick([path.relative_to(slot.folder).as_posix() for path in _files(slot.folder)]))


def _files(folder: Path) -> Iterator[Path]:
    every = (Path(parent, name) for parent, _, names in os.walk(folder) for name in names)
    return islice(every, MAX_FILES)


def _bytes_in(path: Path) -> int:
    """What a file or a folder takes up, links not counted."""
    files = _files(path) if path.is_dir() else [path] if path.is_file() else []
    return sum(map(_size, files))


def _size(file: Path) -> int:
    try:
        return 0 if file.is_symlink() else file.lstat().st_size
    except FileNotFoundError:  # a part that has become the file just now
        return 0


def no_folder() -> WeightsMissing:
    """The error of whoever wants to keep something where there is no place for it."""
    return WeightsMissing("there is no folder for models; name one with --models-dir")


def not_yet(id: str) -> WeightsMissing:  # noqa: A002
    """The error of whoever names a model that can be had and is not here."""
    return WeightsMissing("{id} is not here yet; python -m engine models download {id} fetches it", id=id)
