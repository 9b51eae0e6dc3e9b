"""A file that is not whole yet: what arrived of it stays beside its place until it is whole, whatever happens."""

import contextlib
import errno
import hashlib
import os
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from filelock import FileLock, Timeout

from engine.errors import DiskFull, SaveError
from engine.message import why

_CHUNK = 1 << 20
_STALE_S = 30 * 24 * 3600.0


def part_of(target: Path) -> Path:
    """Where the bytes of an unfinished download of ``target`` are."""
    return target.with_name(f"{target.name}.part")


def lock_of(target: Path) -> Path:
    """The file that whoever downloads ``target`` holds locked."""
    return target.with_name(f".{target.name}.lock")


def discard(target: Path) -> None:
    """Forget what arrived of an unfinished download."""
    with writing(target):
        part_of(target).unlink(missing_ok=True)


def sweep(folder: Path, *, older_than_s: float = _STALE_S) -> list[Path]:
    """Delete parts in ``folder`` and below that nobody has written to for long; returns them."""
    swept = []
    for part in folder.rglob("*.part"):
        with contextlib.suppress(OSError, Timeout):
            if time.time() - part.stat().st_mtime < older_than_s:
                continue
            lock = FileLock(lock_of(part.with_suffix("")), timeout=0)
            with lock:
                part.unlink()
                Path(lock.lock_file).unlink(missing_ok=True)
            swept.append(part)
    return swept


class Part:
    """The bytes so far of ``target``, with their running sha256. Close it in any case."""

    def __init__(self, target: Path) -> None:
        self.path = part_of(target)
        self.size = 0
        self._target = target
        self._hash = hashlib.sha256()
        with writing(target):
            # Unbuffered: what was received is with the system, and outlives this process.
            self._file = self.path.open("r+b" if self.path.exists() else "x+b", buffering=0)

    def take_stock(self) -> Generator[int, None, None]:
        """Read what an earlier download left; yields how many bytes were read so far."""
        while data := self._file.read(_CHUNK):
            self._hash.update(data)
            self.size += len(data)
            yield self.size

    def append(self, data: bytes) -> None:
        """Add bytes at the end. Raises DiskFull; what is written by then stays."""
        left = memoryview(data)
        with writing(self._target):
            while left:
                written = self._file.write(left)
                self._hash.update(left[:written])
                self.size += written
                left = left[written:]

    def copy(self, source: Path) -> Generator[None, None, None]:
        """Add all bytes of another file; yields between its pieces. Raises FileNotFoundError, DiskFull, SaveError."""
        with source.open("rb", buffering=0) as file:
            while data := file.read(_CHUNK):
                self.append(data)
                yield

    def reset(self) -> None:
        """Start over with nothing."""
        with writing(self._target):
            self._file.seek(0)
            self._file.truncate()
        self.size, self._hash = 0, hashlib.sha256()

    def sha256(self) -> str:
        """Of the bytes so far, in hexadecimal."""
        return self._hash.hexdigest()

    def publish(self, tick_s: float) -> Generator[None, None, None]:
        """Put the file in its place, in one step; it is on the disk by then. Yields while the disk takes its time."""
        with writing(self._target):
            flusher = ThreadPoolExecutor(1)
            try:
                flushed = flusher.submit(os.fsync, self._file.fileno())
                while not wait([flushed], tick_s).done:
                    yield
                flushed.result()
            finally:
                flusher.shutdown(wait=False)
            self._file.close()
            self.path.replace(self._target)

    def close(self) -> None:
        """Leave what arrived for the next time; nothing is left of a download that got nothing."""
        if not self._file.closed:
            self._file.close()
            with contextlib.suppress(OSError):
                if self.path.stat().st_size == 0:
                    self.path.unlink()


@contextlib.contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turns what the system says about writing at ``target`` into DiskFull or SaveError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFull(
                "{target} does not fit in {parent} ({strerror}); free some space and try again, what arrived is kept",
                target=target.name,
                parent=target.parent,
                strerror=why(error),
            ) from error
        raise SaveError(
            "{target} cannot be written: {strerror}; choose another folder",
            target=target,
            strerror=why(error),
        ) from error


def hash_file(path: Path) -> Generator[int, None, str]:
    """The sha256 of a file; yields how many bytes were read so far. Raises OSError."""
    found, done = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as file:
        while data := file.read(_CHUNK):
            found.update(data)
            done += len(data)
            yield done
    return found.hexdigest()


def git_sha1(path: Path) -> str:
    """Git's name for the bytes of a file: the ETag of small files, which hubs keep in git. Raises OSError."""
    return _digest(path, hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False))


def has_md5(path: Path, md5: str | None) -> bool:
    """Whether a file has the sum that was published for it, if one was. Raises OSError."""
    return md5 is None or md5.lower() == _digest(path, hashlib.md5(usedforsecurity=False))


def _digest(path: Path, found: "hashlib._Hash") -> str:
    with path.open("rb", buffering=0) as file:
        while data := file.read(_CHUNK):
            found.update(data)
    return found.hexdigest()
