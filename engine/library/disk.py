"""Changes to the folder of models: each is whole, or leaves what was there. Raises SaveError."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex

from engine import atomic, owned
from engine.errors import SaveError
from engine.message import why

# What is on its way in or out is called so, and never shown.
INCOMING, TRASH = ".incoming-", ".trash-"


def lay(companions: Mapping[str, Path], folder: Path) -> None:
    """Make the folder, and put beside the weights what the project has and the repository lacks."""
    with saving(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for place, path in companions.items():
            target = folder / place
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                atomic.write(target, path.read_bytes())


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, out of sight in one step."""
    with saving(path):
        trash = path.with_name(f"{TRASH}{token_hex(6)}")
        path.rename(trash)
        empty(trash)


def empty(trash: Path) -> None:
    """Remove what `remove` has put out of sight."""
    if trash.is_dir() and not trash.is_symlink():
        shutil.rmtree(trash, ignore_errors=True)
    else:
        trash.unlink(missing_ok=True)


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """The new ``folder`` for the body to fill and to move away; what is left of it is removed. Raises SaveError."""
    with ExitStack() as leaving:
        with saving(folder):
            leaving.enter_context(owned.owned(folder, mode=0o777))  # as others may read what it becomes
        yield folder


@contextmanager
def saving(path: Path) -> Iterator[None]:
    """What the system says of a change to ``path`` becomes a SaveError."""
    try:
        yield
    except OSError as error:
        raise SaveError("{path} cannot be changed: {strerror}", path=path, strerror=why(error)) from error
