"""The recordings that are published with a checkpoint for models that speak in the voice of one. Imports no torch."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.errors import VoiceError

FOLDER, ARCHIVE = "reference_audio", "reference_audio.zip"
MAX_RECORDINGS = 500
MAX_BYTES = 50 << 20

_NAME = re.compile(r"[\w][\w .-]*\.wav", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording; ``read`` gives the bytes of its file and raises VoiceError."""

    name: str
    read: Callable[[], bytes]


def recordings(config: Path) -> dict[str, Recording]:
    """Those that lie in a folder or archive beside ``config``, or up to two folders above it, by their names."""
    for place in (config.parent, *list(config.parent.parents)[:2]):
        if (place / FOLDER).is_dir():
            return _in_folder(place / FOLDER)
        if (place / ARCHIVE).is_file():
            return _in_archive(place / ARCHIVE)
    return {}


def _in_folder(folder: Path) -> dict[str, Recording]:
    files = sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name) and path.is_file())
    return {path.stem: Recording(path.stem, _reader(path)) for path in files[:MAX_RECORDINGS]}


def _reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        with path.open("rb") as file:
            return _bounded(file.read(MAX_BYTES + 1), path.stem)

    return read


def _in_archive(archive: Path) -> dict[str, Recording]:
    """Nothing for an archive that cannot be read: a voice that is not there is told of when it is asked for."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.namelist() if _is_recording(PurePosixPath(member))]
    except (zipfile.BadZipFile, OSError):
        return {}
    stems = {PurePosixPath(member).stem: member for member in members[:MAX_RECORDINGS]}
    return {stem: Recording(stem, _unpacker(archive, stems[stem])) for stem in sorted(stems)}


def _unpacker(archive: Path, member: str) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with zipfile.ZipFile(archive) as opened, opened.open(member) as file:
                return _bounded(file.read(MAX_BYTES + 1), PurePosixPath(member).stem)
        # RuntimeError: a password is needed. NotImplementedError: a compression that zipfile does not know.
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
            raise VoiceError(
                f"{member} in {archive.name} cannot be unpacked ({error}); fetch the archive again"
            ) from None

    return read


def _is_recording(member: PurePosixPath) -> bool:
    return bool(_NAME.fullmatch(member.name)) and "__MACOSX" not in member.parts


def _bounded(data: bytes, name: str) -> bytes:
    if len(data) > MAX_BYTES:
        raise VoiceError(f"the recording {name} has more than {MAX_BYTES >> 20} MB")
    return data
