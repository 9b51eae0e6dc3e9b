"""Folders for a while: each belongs to the process that made it, and goes with it, however that ends.

A process that is killed cannot tidy up, so whoever comes next does. Beside each folder lies a file that its owner keeps
locked; the system unlocks it when the owner is gone, and not before. Numbers of processes, which are given out again,
say nothing so reliable.
"""

import contextlib
import math
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

from filelock import FileLock, Timeout

# A folder without a lock was left by an older version, or is being made right now; after so long it is the former.
ORPHAN_S = 86_400.0


@contextlib.contextmanager
def owned(folder: Path, mode: int = 0o700) -> Iterator[Path]:
    """The new ``folder`` for the body to use; it is removed afterwards if it is still there.

    By its ``mode`` nobody else can read it.
    Folders above it are made. Raises OSError.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = _lock(folder, timeout=10)
    with lock:
        try:
            folder.mkdir(mode=mode)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            _forget(lock)


@contextlib.contextmanager
def temporary(prefix: str) -> Iterator[Path]:
    """An owned folder in the system's place for temporary files, called ``prefix`` and a random ending.

    What killed processes have left under the same prefix is removed first. Raises OSError.
    """
    place = Path(tempfile.gettempdir())
    # One without a lock may be anybody's there.
    sweep(place, f"{prefix}*", orphan_s=math.inf)
    with owned(place / f"{prefix}{token_hex(8)}") as folder:
        yield folder


def sweep(place: Path, pattern: str, *, orphan_s: float = ORPHAN_S) -> list[Path]:
    """Remove the folders of this user's in ``place`` that fit ``pattern`` and that no living process owns.

    One without a lock goes when it has not changed for ``orphan_s`` seconds. Returns what was removed.
    """
    swept = []
    for folder in place.glob(pattern):
        with contextlib.suppress(OSError, Timeout):
            if folder.suffix == ".lock" or folder.is_symlink() or not folder.is_dir() or not _is_ours(folder):
                continue
            path = Path(_lock(folder).lock_file)
            if not path.exists() and time.time() - folder.stat().st_mtime < orphan_s:
                continue
            with _lock(folder) as lock:
                shutil.rmtree(folder, ignore_errors=True)
                _forget(lock)
            swept.append(folder)
    return swept


def _lock(folder: Path, timeout: float = 0) -> FileLock:
    # A generator may be begun on one thread and closed on another.
    return FileLock(folder.with_name(f"{folder.name}.lock"), timeout=timeout, thread_local=False)


def _forget(lock: FileLock) -> None:
    with contextlib.suppress(OSError):  # Windows keeps a file that is open
        Path(lock.lock_file).unlink()


def _is_ours(folder: Path) -> bool:
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
