"""Bringing a checkpoint from a file, a folder or a zip archive that nobody vouches for into a new folder.

Only files that the choice names are taken, under names of letters, digits, dots, dashes and underscores. Links, paths
that leave the folder or lie too deep, locked archives, too many files and too many bytes are refused before anything is
written.
"""

import contextlib
import hashlib
import io
import lzma
import os
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from engine.errors import SaveError, WeightsMismatch, WeightsMissing
from engine.events import Progress
from engine.file_names import is_portable
from engine.library.card import in_bytes
from engine.message import Message, why

MAX_FILES = 5000
MAX_BYTES = 32 << 30
MAX_DEPTH = 16
# Of one path, and of all of them together, in characters.
MAX_PATH = 1024
MAX_PATHS = MAX_FILES * 100
# Of the list of members at the end of an archive, which is read as a whole before anything else.
MAX_DIRECTORY = 4 << 20
PIECE = 1 << 20

# Where each file that is taken goes, by its path in the source; empty when the source holds no checkpoint.
Choice = Callable[[Sequence[str]], Mapping[str, str]]
# What reading a member of an archive raises. NotImplementedError is how zipfile refuses a method of compression, or a
# kind of encryption, unknown to it.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, EOFError)
_SAFE = re.compile(r"[\w][\w.+-]*(/[\w][\w.+-]*)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Offered:
    """A file of the source: its size in bytes, and how to open it."""

    size: int
    open: Callable[[], AbstractContextManager[IO[bytes]]]


def is_safe(place: str) -> bool:
    """Whether a relative path is one that may be made in a folder of ours."""
    return bool(_SAFE.fullmatch(place)) and len(place) <= 200 and all(map(is_portable, place.split("/")))


def check_paths(paths: Sequence[str], source: str) -> None:
    """Raises WeightsMismatch when there are more files, longer paths or deeper folders than a checkpoint has."""
    if len(paths) > MAX_FILES:
        raise WeightsMismatch(
            "{source} holds more than {max_files} files; bring the checkpoint alone", source=source, max_files=MAX_FILES
        )
    if sum(map(len, paths)) > MAX_PATHS or any(len(path) > MAX_PATH for path in paths):
        raise WeightsMismatch("{source} holds paths of too many letters; bring the checkpoint alone", source=source)
    if any(path.count("/") > MAX_DEPTH for path in paths):
        raise WeightsMismatch(
            "{source} holds folders within folders, more than {max_depth} deep; bring the checkpoint alone",
            source=source,
            max_depth=MAX_DEPTH,
        )


def bring(source: Path, folder: Path, choice: Choice) -> Iterator[Progress]:
    """Copy what ``choice`` takes of ``source`` into the new ``folder``.

    Raises WeightsMissing where there is nothing to take, WeightsMismatch for what is refused, SaveError where the disk
    does not hold it. What was copied until then stays for the caller to remove.
    """
    if source.is_file() and source.suffix.lower() == ".zip":
        with _opened(source) as archive:
            yield from _copy(source, _in_archive(source, archive), folder, choice)
    elif source.is_file():
        yield from _copy(source, _beside(source), folder, choice)
    elif source.is_dir():
        yield from _copy(source, _in_folder(source), folder, choice)
    else:
        raise WeightsMissing("there is no file or folder {source}", source=source)


def below(paths: Sequence[str], pick: Callable[[Sequence[str]], tuple[str, ...]]) -> dict[str, str]:
    """A `Choice` for a layout: of the folders among ``paths`` the topmost where ``pick`` finds a checkpoint.

    The work grows with the paths and their depth, which `check_paths` bounds.
    """
    roots: dict[tuple[str, ...], dict[str, str]] = {}
    for path in paths:
        parts = PurePosixPath(path).parts
        for depth in range(len(parts)):
            roots.setdefault(parts[:depth], {})["/".join(parts[depth:])] = path
    for root in sorted(roots, key=lambda root: (len(root), root)):
        if taken := pick(list(roots[root])):
            return {roots[root][place]: place for place in taken}
    return {}


def files_in(folder: Path) -> list[Path]:
    """Every file in a folder, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def sum_of(path: Path) -> str:
    """The sha256 of a file; "" for one that is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _copy(source: Path, offered: Mapping[str, _Offered], folder: Path, choice: Choice) -> Iterator[Progress]:
    check_paths(list(offered), source.name)
    taken = choice(list(offered))
    if not taken:
        raise WeightsMissing("{source} holds no checkpoint in the layout that is wanted here", source=source.name)
    if unsafe := [place for place in taken.values() if not is_safe(place)]:
        raise WeightsMismatch(
            "{source} holds a file called {unsafe!r}; rename it to plain letters",
            source=source.name,
            unsafe=unsafe[0][:60],
        )
    total = sum(offered[path].size for path in taken)
    if total > MAX_BYTES:
        raise WeightsMismatch(
            "{source} has {total}; at most {max_bytes} are taken",
            source=source.name,
            total=in_bytes(total),
            max_bytes=in_bytes(MAX_BYTES),
        )
    try:
        free = shutil.disk_usage(folder.parent).free
        if total > free:
            raise SaveError(
                "{source} needs {total} and {free} are free; make room first",
                source=source.name,
                total=in_bytes(total),
                free=in_bytes(free),
            )
        done = 0
        for path, place in taken.items():
            for written in _write(offered[path], folder / place):
                done += written
                yield Progress(done=done, total=total, label=Message("copying {place}", place=place))
    except _Damaged as error:
        raise WeightsMismatch("{source} is damaged; fetch it again", source=source.name) from error
    except OSError as error:
        raise SaveError("{source} cannot be brought in: {strerror}", source=source.name, strerror=why(error)) from error


def _write(offered: _Offered, target: Path) -> Iterator[int]:
    """Copy one file, never more than was announced; yields bytes as they are written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    left = offered.size
    with _opening(offered) as source, target.open("xb") as out:
        while piece := _piece(source, min(PIECE, left + 1)):
            left -= len(piece)
            if left < 0:
                raise WeightsMismatch("{target} is longer than it says; it is damaged", target=target.name)
            out.write(piece)
            yield len(piece)
        out.flush()
        os.fsync(out.fileno())


class _Damaged(Exception):
    """What is read is not what was written."""


def _opening(offered: _Offered) -> AbstractContextManager[IO[bytes]]:
    try:
        return offered.open()
    except _DAMAGE as error:
        raise _Damaged(str(error)) from error


def _piece(source: IO[bytes], size: int) -> bytes:
    try:
        return source.read(size)
    except _DAMAGE as error:
        raise _Damaged(str(error)) from error
    except OSError as error:
        if error.errno is None:  # bz2 has no exception of its own
            raise _Damaged(str(error)) from error
        raise


def _beside(source: Path) -> dict[str, _Offered]:
    """A file, and what lies beside it and is not another of its kind: its configuration, not its siblings."""
    near = [p for p in source.parent.iterdir() if p.suffix != source.suffix and p.is_file() and not p.is_symlink()]
    return {path.name: _on_disk(path) for path in [source, *near[:MAX_FILES]]}


def _in_folder(source: Path) -> dict[str, _Offered]:
    offered: dict[str, _Offered] = {}
    for folder, folders, names in os.walk(source):
        for name in [*folders, *names]:
            path = Path(folder, name)
            if path.is_symlink():
                raise WeightsMismatch(
                    "{source} holds a link ({name}); bring the files themselves", source=source.name, name=name
                )
            if path.is_file():
                offered[path.relative_to(source).as_posix()] = _on_disk(path)
            if len(offered) > MAX_FILES:
                raise WeightsMismatch(
                    "{source} holds more than {max_files} files; bring the checkpoint alone",
                    source=source.name,
                    max_files=MAX_FILES,
                )
    return offered


def _in_archive(source: Path, archive: zipfile.ZipFile) -> dict[str, _Offered]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    check_paths([member.filename for member in members], source.name)
    for member in members:
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in member.filename:
            raise WeightsMismatch("{source} was refused: it holds a path that leaves its folder", source=source.name)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise WeightsMismatch(
                "{source} holds a link ({path}); bring the files themselves", source=source.name, path=path.name
            )
        if member.flag_bits & 1:
            raise WeightsMismatch("{source} is locked by a password; unpack it first", source=source.name)
    return {member.filename: _Offered(member.file_size, partial(archive.open, member)) for member in members}


def _on_disk(path: Path) -> _Offered:
    return _Offered(path.stat().st_size, lambda: path.open("rb"))


class _Archive(io.FileIO):
    """A file of which nobody reads more than `MAX_DIRECTORY` at once, as zipfile does with the list of members."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = max(0, os.fstat(self.fileno()).st_size - self.tell())
        if size > MAX_DIRECTORY:
            raise WeightsMismatch("the archive's list of files is too long; bring fewer files, or a folder")
        return super().read(size)


@contextmanager
def _opened(source: Path) -> Iterator[zipfile.ZipFile]:
    with contextlib.ExitStack() as open_files:
        try:
            archive = open_files.enter_context(zipfile.ZipFile(open_files.enter_context(_Archive(source))))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise WeightsMismatch(
                "{source} is no zip archive, or damaged; fetch it again, or bring the files in it", source=source.name
            ) from error
        yield archive
