"""A file is written whole or not at all: whoever reads it, or pulls the plug, sees the old one or the new one."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from engine.errors import SaveError
from engine.message import Message, why


def write(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path``, replacing what was there in one step. Raises SaveError and leaves nothing behind."""
    try:
        with replacing(path) as part, part.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise SaveError(
            "{path} cannot be written: {error}", path=path, error=_reason(error, path, len(data))
        ) from error


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """The name of a file beside ``path`` for the body to write; it takes the place of ``path`` when the body is done.

    When the body fails, ``path`` is as it was and nothing is left behind. Raises OSError.
    """
    part = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        yield part
        with part.open("r+b") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def check(path: Path) -> None:
    """Raises SaveError when `write` could not work there: before the work is done, not after."""
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError) as error:
        raise SaveError(
            "{path!r} cannot be the path of a file: {args}; choose another", path=str(path)[:60], args=error.args[-1]
        ) from error
    if is_folder:
        raise SaveError("{path} is a folder; name a file in it", path=path)
    if not path.parent.is_dir():
        raise SaveError(
            "{path} cannot be written: there is no folder {parent}; make it first", path=path, parent=path.parent
        )
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise SaveError(
            "{path} cannot be written: the folder {parent} is read-only for you; choose another",
            path=path,
            parent=path.parent,
        )


def _reason(error: OSError, path: Path, size: int) -> Message:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Message(
            "the disk is full ({size:,} bytes are needed); free some space or choose another folder", size=size
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Message("you may not write in {folder}; choose another folder", folder=path.parent)
    return Message("{reason}; choose another place", reason=why(error))
