"""The saved voices of every system, as ``<folder>/<system id>/NAME.safetensors``. The disk is its only state."""

import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

from engine import voice_store
from engine.errors import SaveError, VoiceError
from engine.file_names import is_portable
from engine.message import Message, why
from engine.request import Voice
from engine.voice_store import ENDING

MAX_VOICES = 500
MAX_NAME = 40

_SYSTEM = re.compile(r"[\w-]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One saved voice: its file's size in bytes, and when it was saved in seconds of the epoch."""

    system: str
    name: str
    path: Path
    bytes: int
    saved: float

    @property
    def id(self) -> str:
        """``<system id>/<name>``."""
        return f"{self.system}/{self.name}"


class VoiceShelf:
    """Up to `MAX_VOICES` voices of each system in ``folder``, which need not exist yet; None keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def voices(self, system: str) -> tuple[Saved, ...]:
        """The saved voices of a system, by name; files that are none of ours are left out."""
        shelf = self._shelf(system)
        found = []
        for path in sorted(shelf.glob(f"*{ENDING}")) if shelf and shelf.is_dir() else ():
            if _is_safe(path.stem) and path.is_file():
                stat = path.stat()
                entry = Saved(system=system, name=path.stem, path=path, bytes=stat.st_size, saved=stat.st_mtime)
                found.append(entry)
        return tuple(found)

    def names(self, system: str) -> tuple[str, ...]:
        """The names of the saved voices of a system."""
        return tuple(voice.name for voice in self.voices(system))

    def has(self, system: str, name: str) -> bool:
        """Whether a voice of this name is saved; a name that none can have is not."""
        shelf = self._shelf(system)
        return shelf is not None and _is_safe(name) and (shelf / f"{name}{ENDING}").is_file()

    def path(self, system: str, name: str) -> Path:
        """The file of a saved voice. Raises VoiceError when there is none."""
        shelf = self._shelf(system)
        if shelf is None or not self.has(system, name):
            names = ", ".join(self.names(system)) or Message("none")
            raise VoiceError(
                "{system} has no saved voice {name!r}; the saved voices are {names}",
                system=system,
                name=name[:MAX_NAME],
                names=names,
            )
        return shelf / f"{name}{ENDING}"

    def load(self, system: str, name: str) -> Voice:
        """A saved voice, read anew. Raises VoiceError when there is none, or its file is damaged or another's."""
        voice = replace(voice_store.load(self.path(system, name)), name=name)
        if voice.system != system:
            raise VoiceError(
                "the saved voice {name} belongs to {system}, not to {other}; delete it",
                name=name,
                system=voice.system,
                other=system,
            )
        return voice

    def save(self, voice: Voice, name: str) -> Saved:
        """Save ``voice`` under a new name: letters of any language, digits, spaces and ``-_.'``.

        Raises VoiceError for a name that is taken or that no file should have, and SaveError.
        """
        # Before it is composed, which takes long for many marks on a letter.
        is_short = len(name) <= 4 * MAX_NAME
        name = unicodedata.normalize("NFC", name).strip() if is_short else name
        if not (is_short and _is_safe(name)):
            raise VoiceError(
                "{name!r} cannot be the name of a voice; use 1 to {max_name} letters, digits and spaces",
                name=name[:MAX_NAME],
                max_name=MAX_NAME,
            )
        if not is_portable(name):
            raise VoiceError("{name!r} is the name of a device on Windows; choose another", name=name)
        shelf = self._shelf(voice.system)
        if shelf is None:
            raise SaveError("there is no folder to save voices in; name one with --models-dir")
        saved = self.names(voice.system)
        if name.casefold() in map(str.casefold, saved):
            raise VoiceError(
                "there is a voice {name} already; choose another name, or delete that one first", name=name
            )
        if len(saved) >= MAX_VOICES:
            raise VoiceError(
                "{max_voices} voices of {system} are saved already; delete one first",
                max_voices=MAX_VOICES,
                system=voice.system,
            )
        try:
            shelf.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SaveError("{shelf} cannot be made: {strerror}", shelf=shelf, strerror=why(error)) from error
        path = shelf / f"{name}{ENDING}"
        voice_store.save(replace(voice, name=name), path)
        stat = path.stat()
        return Saved(system=voice.system, name=name, path=path, bytes=stat.st_size, saved=stat.st_mtime)

    def delete(self, system: str, name: str) -> None:
        """Remove a saved voice for good. Raises VoiceError when there is none, SaveError when the disk refuses."""
        path = self.path(system, name)
        try:
            path.unlink()
        except OSError as error:
            raise SaveError("{path} cannot be deleted: {strerror}", path=path, strerror=why(error)) from error

    def _shelf(self, system: str) -> Path | None:
        # A voice file says itself whose it is, so the id may be anything.
        if not _SYSTEM.fullmatch(system):
            raise VoiceError("{system!r} is not the id of a system", system=system[:MAX_NAME])
        return self.folder and self.folder / system


def _is_safe(name: str) -> bool:
    """Whether a name can be that of a file on any system, and could not be taken for something else than a name."""
    kinds = {unicodedata.category(character)[0] for character in name if character not in " -_.'"}
    return (
        0 < len(name) <= MAX_NAME
        and kinds <= set("LNM")
        and name[0].isalnum()
        and name[-1] not in " ."
        and unicodedata.is_normalized("NFC", name)
    )
