"""The library of models: what is on disk, what can be had, and the ways from one to the other.

Checkpoints lie as ``<models>/<system id>/<name>/``; the system's id and the name, with a slash, are the id of one.
"""

import re
import sys
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from secrets import token_hex

from engine import owned, registry
from engine.codecs.shelf import Shelved, shelved
from engine.errors import (
    EngineError,
    InUse,
    NotFound,
    Offline,
    TermsNotAccepted,
    WeightsMismatch,
    WeightsMissing,
)
from engine.events import Progress
from engine.file_names import portable
from engine.hub import Hub, sweep
from engine.library import intake
from engine.library.card import Card
from engine.library.catalogues import Catalogues
from engine.library.disk import INCOMING, TRASH, empty, lay, remove, saving, staged
from engine.library.documents import Documents
from engine.library.records import Records
from engine.library.shelf import Slot, no_folder, not_yet, of_repository, slots
from engine.message import Message
from engine.publisher import Publisher
from engine.recognition.recogniser import RecogniserSpec
from engine.system import SystemSpec

_NAME = r"[\w][\w.-]*"
_REPOSITORY = re.compile(rf"(?P<system>[\w-]+):(?P<repo>{_NAME}/{_NAME})(@(?P<revision>{_NAME}(/{_NAME})*))?", re.ASCII)


def default_folder(environment: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Where models are kept: ``POLYPHONE_MODELS_DIR``, else the place for data of applications on this platform."""
    if chosen := environment.get("POLYPHONE_MODELS_DIR"):
        return Path(chosen)
    if platform == "win32":
        data = Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif platform == "darwin":
        data = Path.home() / "Library" / "Application Support"
    else:
        data = Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "polyphone" / "models"


class Library:
    """The checkpoints of ``specs`` (default: every registered system) in ``folder``, which need not exist yet.

    ``recognisers`` and ``codecs`` are kept in the same way, by default the registered ones, and none beside systems of
    one's own.
    Without a folder there is only what ships; without a ``hub`` nothing can be downloaded. It keeps no state but what
    is on disk, so that several may work in one folder. ``catalogues`` are those of the systems: what they list has an
    id as any other checkpoint, and a card of its own once something of it is here.
    """

    def __init__(
        self,
        specs: tuple[SystemSpec, ...] | None = None,
        folder: Path | None = None,
        hub: Hub | None = None,
        recognisers: tuple[RecogniserSpec, ...] | None = None,
        codecs: tuple[Publisher, ...] | None = None,
    ) -> None:
        systems = registry.systems() if specs is None else specs
        if recognisers is None:
            recognisers = registry.recognisers() if specs is None else ()
        if codecs is None:
            codecs = registry.codecs() if specs is None else ()
        self.recognisers = recognisers
        # Who has models and does not speak, in the order of the page.
        self.silent: tuple[Publisher, ...] = (*recognisers, *codecs)
        self._specs: tuple[Publisher, ...] = (*systems, *self.silent)
        self.folder = folder
        self._hub = hub
        self._records = Records(folder) if folder else None
        self.catalogues = Catalogues(self._specs, Documents(folder, hub))

    @property
    def online(self) -> bool:
        """Whether the network may be asked for what is not here."""
        return self._hub is not None and not self._hub.offline

    def cards(self) -> tuple[Card, ...]:
        """Every checkpoint that is known, by system: what ships, what is published, what users have brought."""
        return tuple(
            slot.card(self._records) for spec in self._specs for slot in slots(spec, self.folder, self._records)
        )

    def card(self, id: str) -> Card:  # noqa: A002
        """One of them. Raises UnknownSystem and WeightsMissing."""
        return self._find(id).card(self._records)

    def expect(self, id: str) -> None:  # noqa: A002
        """Raises UnknownSystem or WeightsMissing unless ``id`` is one of them or names a repository."""
        if match := _REPOSITORY.fullmatch(id):
            registry.find(match["system"], self._specs)
        else:
            self._find(id)

    def installed(self, system: str) -> dict[str, Path]:
        """The checkpoints of a system that are ready, by name; what ships comes first. Raises UnknownSystem."""
        ready = [slot for slot in self._slots(system) if slot.state == "ready"]
        return {slot.release.name: slot.checkpoint for slot in ready}

    def codecs(self) -> tuple[Shelved, ...]:
        """The codecs beside models that are ready, and those by themselves in the folder of models."""
        folders = [card.folder for card in self.cards() if card.state == "ready"]
        return shelved([*folders, *([self.folder] if self.folder else [])])

    def checkpoint(self, system: str, named: Path | str) -> Path:
        """The checkpoint that a path leads to, or else the name or the id of a model: ``ljs-mb``, ``vits/ljs-mb``.

        Whatever is neither is taken for a path. Raises UnknownSystem, and WeightsMissing for a model that is not here
        yet and for what cannot be a path.
        """
        path = Path(named)
        try:
            exists = path.exists()
        except (OSError, ValueError) as error:
            raise WeightsMissing(
                "the checkpoint {named!r} cannot be a path: {reason}", named=str(named)[:60], reason=error.args[-1]
            ) from error
        if exists or isinstance(named, Path):
            return path
        spec, name = registry.find(system, self._specs), named.removeprefix(f"{system}/")
        names = {slot.release.name for slot in slots(spec, self.folder, self._records)}
        if name not in names and any(each.names.fullmatch(name) for each in spec.catalogues):
            raise not_yet(f"{system}/{name}")
        if name == named and named not in names:
            return path
        card = self.card(f"{system}/{name}")
        if card.checkpoint is None:
            raise not_yet(card.id)
        return card.checkpoint

    def where(self, id: str) -> Path:  # noqa: A002
        """The folder where a checkpoint is, or would be."""
        return self._find(id).folder

    def accept(self, id: str) -> None:  # noqa: A002
        """Remember that the terms of a checkpoint were accepted. Raises SaveError."""
        slot = self._find(id)
        self._kept().accept(slot.id, slot.release.terms.name)

    def note_use(self, system: str, checkpoint: Path) -> None:
        """Remember that a checkpoint of a system is used now; of one from elsewhere nothing is kept."""
        where = checkpoint.resolve()
        name = next((name for name, path in self.installed(system).items() if path.resolve() == where), None)
        if name and self._records:
            self._records.note_use(f"{system}/{name}")

    def download(self, id: str) -> Generator[Progress, None, Path]:  # noqa: A002
        """Fetch what is missing of a checkpoint; ``id`` may also be ``<system>:<org>/<name>[@<revision>]``.

        Yields bytes done of all there is (None while unknown) and their rate; closing it keeps what has arrived, for
        the next time. Returns what the engine takes. Raises TermsNotAccepted, and what the hub raises.
        """
        slot = self._find(id)
        try:
            self._check_terms(slot)
        except TermsNotAccepted:
            if slot.own:
                # A repository that the user has named has a card from now on, which asks for that.
                lay({}, slot.folder)
            raise
        if not slot.release.files and not slot.bundled:
            raise WeightsMissing(_by_hand(slot))
        if slot.listed:
            self._kept().keep_release(slot.id, slot.release)
        try:
            yield from self._fetch(slot)
        finally:
            if slot.listed:
                with suppress(OSError):
                    slot.folder.rmdir()  # where nothing has arrived
        sweep(slot.folder.parent)  # parts that nobody has come back for in a month
        return slot.checkpoint

    def _fetch(self, slot: Slot) -> Generator[Progress, None, None]:
        """Bring what is missing into its place."""
        lay(slot.release.companions, slot.folder)
        done = 0.0
        for file in slot.release.files:
            target = slot.folder / file.place
            if target.is_file():
                done += target.stat().st_size
                continue
            if not slot.release.repo:
                if file.optional:
                    continue
                raise WeightsMissing(_by_hand(slot))
            repo, revision, modelscope = slot.release.origin(file)
            fetching = self._online(slot).fetch(repo, revision, file, target, modelscope=modelscope)
            try:
                for progress in fetching:
                    yield _of_all(progress, slot, file.place, done)
            except NotFound:
                if not file.optional:
                    raise
                continue
            done += target.stat().st_size

    def verify(self, id: str) -> Generator[Progress, None, tuple[str, ...]]:  # noqa: A002
        """Read a checkpoint through; returns the places of damaged files.

        What was downloaded is held to the published or first seen sums, what was brought to those that it came with,
        and anything else to what its system can load.
        Raises WeightsMissing when it is not ready, and WeightsMismatch where the system refuses it.
        """
        slot = self._find(id)
        if slot.state != "ready":
            raise WeightsMissing("{id} is not here yet; there is nothing to verify", id=slot.id)
        damaged = []
        if slot.release.repo and self._hub:
            for file in slot.release.files:
                target = slot.folder / file.place
                if file.optional and not target.is_file():
                    continue
                repo, revision, _ = slot.release.origin(file)
                intact = yield from self._hub.verify(file, target, repo, revision)
                damaged += [] if intact else [file.place]
        else:
            yield Progress(done=0, total=None, label="reading the checkpoint")
            sums = self._records.sums(slot.id) if self._records else {}
            damaged += [place for place, sha256 in sums.items() if intake.sum_of(slot.folder / place) != sha256]
            if not damaged:
                _check(slot, slot.checkpoint)
        return tuple(damaged)

    def delete(self, id: str, loaded: Collection[Path] = ()) -> None:  # noqa: A002
        """Remove a checkpoint, or what has arrived of it.

        ``loaded`` are the checkpoints in memory: one of them is refused. Raises InUse, WeightsMissing for what cannot
        be removed, SaveError when the disk refuses.
        """
        slot = self._find(id)
        if slot.bundled:
            raise WeightsMissing("{id} ships with Polyphone and stays", id=slot.id)
        if not slot.folder.exists() and not slot.folder.is_symlink():
            raise WeightsMissing("{id} is not here; there is nothing to delete", id=slot.id)
        own = slot.folder.resolve()
        if any(path.resolve().is_relative_to(own) for path in loaded):
            raise InUse("{id} is in memory; unload it first", id=slot.id)
        remove(slot.folder)
        self._kept().forget(slot.id)

    def wanted(self, id: str, paths: Sequence[str]) -> Mapping[str, str]:  # noqa: A002
        """Which of the files at ``paths`` `bring` would take for ``id``, and where each goes.

        Raises WeightsMissing when they do not make a checkpoint, and WeightsMismatch for names that are refused.
        """
        only = Path(paths[0] if len(paths) == 1 else "these files")
        intake.check_paths(paths, "this choice")
        slot = self._new(id, only) if self._is_new(id) else self._find(id)
        taken = _choice(slot, only)(paths)
        if not taken:
            raise WeightsMissing("these files hold no checkpoint in the public layout of {spec}", spec=slot.spec.name)
        if not all(map(intake.is_safe, taken.values())):
            raise WeightsMismatch("a file has an odd name; rename it to plain letters")
        return taken

    def bring(self, id: str, source: Path) -> Generator[Progress, None, str]:  # noqa: A002
        """Import a checkpoint from a file, a folder or a zip archive: checked, then there as a whole or not at all.

        ``id`` is a release, a new ``<system>/<name>``, or a system, which then names it after the source. Returns the
        id that it has now. Raises what `intake.bring` and the check of the system raise.
        """
        slot = self._new(id, source) if self._is_new(id) else self._find(id)
        if slot.state == "ready":
            raise WeightsMissing("{id} is here already; delete it first, or choose another name", id=slot.id)
        self._check_terms(slot)
        self._kept()
        self.sweep()
        with staged(slot.folder.with_name(f"{INCOMING}{token_hex(6)}")) as staging:
            yield from intake.bring(source, staging, _choice(slot, source))
            lay(slot.release.companions, staging)
            yield Progress(done=0, total=None, label="checking")
            sums = {str(path.relative_to(staging)): intake.sum_of(path) for path in intake.files_in(staging)}
            try:
                _check(slot, staging / slot.release.checkpoint)
            except EngineError as error:
                # The complaint names what the user knows.
                raise type(error)(str(error).replace(str(staging), str(source))) from error
            with saving(slot.folder):
                if slot.folder.exists():
                    remove(slot.folder)  # what had arrived of it
                staging.rename(slot.folder)
            self._kept().keep_sums(slot.id, sums)
        return slot.id

    def sweep(self) -> None:
        """Remove what imports and removals have left in the folder that were killed; what still goes on stays."""
        for shelf in (self.folder / spec.id for spec in self._specs if self.folder):
            owned.sweep(shelf, f"{INCOMING}*")
            for trash in shelf.glob(f"{TRASH}*"):
                with suppress(OSError):
                    empty(trash)

    # -- finding --

    def _slots(self, system: str) -> list[Slot]:
        return slots(registry.find(system, self._specs), self.folder, self._records)

    def _find(self, id: str) -> Slot:  # noqa: A002
        if match := _REPOSITORY.fullmatch(id):
            return self._named(**match.groupdict())
        if ":" in id:
            raise WeightsMissing("{id!r} is no repository; write SYSTEM:ORG/NAME or SYSTEM:ORG/NAME@REVISION", id=id)
        system, _, name = id.partition("/")
        for slot in self._slots(system):
            if slot.release.name == name:
                return slot
        if self.folder and (listed := self.catalogues.find(registry.find(system, self._specs), name)):
            release = self.catalogues.release(listed)
            return Slot(spec=listed.spec, release=release, folder=self.folder / system / name, listed=True)
        raise WeightsMissing("there is no model {id!r}; python -m engine models list shows them all", id=id)

    def _named(self, system: str, repo: str, revision: str | None) -> Slot:
        """The place for a repository that the user names; its list of files is asked for once, then kept."""
        spec = registry.find(system, self._specs)
        revision = revision or "main"
        name = repo.replace("/", "--") + ("" if revision == "main" else "--" + revision.replace("/", "-"))
        known = self._kept().origin(f"{spec.id}/{name}")
        files = known[2] if known else self._listed(spec, repo, revision)
        if not known:
            self._kept().keep_origin(f"{spec.id}/{name}", repo, revision, files)
        release = of_repository(spec, name, repo, revision, files)
        return Slot(spec=spec, release=release, folder=self._in_folder() / spec.id / name, own=True)

    def _listed(self, spec: Publisher, repo: str, revision: str) -> tuple:
        if spec.pick is None:
            raise WeightsMissing("{spec} takes no repositories but the published ones", spec=spec.name)
        if self._hub is None:
            raise Offline("{repo} cannot be reached: this library has no hub", repo=repo)
        files = {file.path: file for file in self._hub.files(repo, revision)}
        taken = spec.pick(list(files))
        if not taken or not all(map(intake.is_safe, taken)):
            raise WeightsMismatch(
                "{repo} holds no checkpoint in the public layout of {spec}", repo=repo, spec=spec.name
            )
        return tuple(files[path] for path in taken)

    def _is_new(self, id: str) -> bool:  # noqa: A002
        system, _, name = id.partition("/")
        return name not in [slot.release.name for slot in self._slots(system)]

    def _new(self, id: str, source: Path) -> Slot:  # noqa: A002
        """A free place for a checkpoint of the user's own."""
        system, slash, name = id.partition("/")
        spec = registry.find(system, self._specs)
        _layout(spec)
        if slash and not (intake.is_safe(name) and "/" not in name):
            raise WeightsMissing(
                "{name!r} cannot be the name of a model; use letters, digits, dots and dashes", name=name
            )
        wanted = name or portable(re.sub(r"[^A-Za-z0-9.+-]+", "-", source.stem).strip("-."), "mine", most=60)
        taken = {slot.release.name for slot in slots(spec, self.folder, self._records)}
        numbered = (wanted[:60] + (f"-{n}" if n > 1 else "") for n in range(1, len(taken) + 2))
        name = next(free for free in numbered if free not in taken)
        folder = self._in_folder() / spec.id / name
        return Slot(spec=spec, release=of_repository(spec, name, "", "", ()), folder=folder, own=True)

    # -- conditions --

    def _in_folder(self) -> Path:
        if self.folder is None:
            raise no_folder()
        return self.folder

    def _kept(self) -> Records:
        if self._records is None:
            raise no_folder()
        return self._records

    def _online(self, slot: Slot) -> Hub:
        if self._hub is None:
            raise Offline(_by_hand(slot))
        return self._hub

    def _check_terms(self, slot: Slot) -> None:
        terms = slot.release.terms
        if not slot.binding:
            return
        if not (self._records and self._records.accepted(slot.id, terms.name)):
            raise TermsNotAccepted(
                "{id} is under {terms}: {summary} Accept that first (--accept)",
                id=slot.id,
                terms=terms.name,
                summary=terms.summary,
            )


def _check(slot: Slot, checkpoint: Path) -> None:
    """Let the system read a checkpoint as strictly as it loads one."""
    if slot.spec.check is not None:
        slot.spec.check(checkpoint)


def _layout(spec: Publisher) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """How a system knows a checkpoint by its files. Raises WeightsMissing for one that takes only published ones."""
    if spec.pick is None:
        raise WeightsMissing(
            "{spec} takes only published checkpoints; name one, such as {id}/...", spec=spec.name, id=spec.id
        )
    return spec.pick


def _choice(slot: Slot, source: Path) -> intake.Choice:
    """What to take of a source: the files of a release by their names, or what makes a checkpoint of the system."""
    wanted = {file.place: file for file in slot.release.files}
    if not wanted:
        return partial(intake.below, pick=_layout(slot.spec))

    def by_name(paths: Sequence[str]) -> dict[str, str]:
        if len(wanted) == 1 and source.name in paths:
            return {source.name: next(iter(wanted))}
        found = {}
        for place, file in wanted.items():
            fitting = [path for path in paths if f"/{path}".endswith((f"/{place}", f"/{file.path}"))]
            if not fitting and file.optional:
                continue
            if not fitting:
                raise WeightsMissing(
                    "{source} does not hold {path}, which {id} needs", source=source.name, path=file.path, id=slot.id
                )
            found[min(fitting, key=len)] = place
        return found

    return by_name


def _of_all(progress: Progress, slot: Slot, place: str, done: float) -> Progress:
    """The progress of one file as that of the whole release."""
    total = progress.total
    for file in slot.release.files:
        if file.place != place:
            target = slot.folder / file.place
            size = target.stat().st_size if target.is_file() else file.size or (0 if file.optional else None)
            total = None if total is None or size is None else total + size
    return Progress(done=done + progress.done, total=total, label=progress.label, rate=progress.rate)


def _by_hand(slot: Slot) -> Message:
    """How to come by a checkpoint that is not fetched from anywhere."""
    release = slot.release
    if not release.files:
        return Message("{id} is not published. {note}", id=slot.id, note=release.note)
    places = ", ".join(str(slot.folder / place) for place in slot.missing)
    return Message(
        "{id} needs {places}. {note} ({source}; then: models import {id} FILE)",
        id=slot.id,
        places=places,
        note=release.note,
        source=release.source,
    )
