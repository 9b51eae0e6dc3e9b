"""A file is written whole or not at all: whoever reads it, or pulls the plug, sees the old one or the new one."""

import errno
import os
import secrets
from pathlib import Path

from engine.errors import SaveError


def write(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path``, replacing what was there in one step. Raises SaveError and leaves nothing behind."""
    part = path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SaveError(f"{path} cannot be written: {_reason(error, path, len(data))}") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def check(path: Path) -> None:
    """Raises SaveError when `write` could not work there: before the work is done, not after."""
    if path.is_dir():
        raise SaveError(f"{path} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise SaveError(f"{path} cannot be written: there is no folder {path.parent}; make it first")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise SaveError(f"{path} cannot be written: the folder {path.parent} is read-only for you; choose another")


def _reason(error: OSError, path: Path, size: int) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full ({size:,} bytes are needed); free some space or choose another folder"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"you may not write in {path.parent}; choose another folder"
    return f"{error.strerror or error}; choose another place"
