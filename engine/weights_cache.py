"""What a system needs of a checkpoint, taken out of it once and kept beside it as safetensors.

The copy of ``x/G_1000.pth`` for the layout ``vits/1`` is ``x/.polyphone/G_1000.pth.vits.safetensors``. It loads without
unpickling, is mapped instead of read, and lacks what nobody needs (discriminators, an optimiser's moments). In its
metadata stand the original's size and sha256. Its time of change is set to the original's: while both are equal the
original is taken as unchanged; when they differ the original is hashed, and only another hash makes another copy.

A copy is never needed: where none can be written or read, the original is read every time.
"""

import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from engine import atomic
from engine.events import Progress
from engine.message import Message
from engine.steps import finish
from engine.weights import Aliases, check_finite, read_checkpoint

logger = logging.getLogger(__name__)

FOLDER = ".polyphone"
# A smaller file is unpickled and checked in a fraction of a second; a second copy of it is not worth its place.
MIN_BYTES = 64 << 20
# A copy must not be what fills the disk.
SPARE_BYTES = 1 << 30
# What another process is writing now is younger.
ABANDONED_S = 3600.0


def converted(
    path: Path,
    select: Callable[[Any], Mapping[str, Any]],
    *,
    layout: str,
    aliases: Aliases = (),
    min_bytes: int = MIN_BYTES,
) -> dict[str, Any]:
    """The same as `converting` at one go."""
    return finish(converting(path, select, layout=layout, aliases=aliases, min_bytes=min_bytes))


def converting(
    path: Path,
    select: Callable[[Any], Mapping[str, Any]],
    *,
    layout: str,
    aliases: Aliases = (),
    min_bytes: int = MIN_BYTES,
) -> Generator[Progress, None, dict[str, Any]]:
    """What ``select`` takes from the contents of a checkpoint, from the copy if there is one of this file.

    ``select`` returns a flat mapping: tensors, which come back with their dtypes, and facts that JSON can hold (a
    configuration, a step), which come back as JSON has them. ``layout`` is "<system>/<version>"; raise the version
    whenever ``select`` changes. A file of less than ``min_bytes`` and one that is safetensors already get no copy.
    Tensors may be mapped from the file: read only, and in no particular order. Yields a Progress before each stage.

    Raises WeightsMissing, WeightsMismatch (also for numbers that are not finite), and whatever ``select`` raises.
    """
    worthwhile = path.is_file() and path.stat().st_size >= min_bytes and path.suffix != ".safetensors"
    copy = path.parent / FOLDER / f"{path.name}.{layout.partition('/')[0]}.safetensors"
    yield _stage(Message("reading {file}", file=path.name))
    known = _recall(copy, path, layout) if worthwhile else None
    if known is not None:
        return known
    before = path.stat() if worthwhile else None
    taken = select(read_checkpoint(path, aliases=aliases))
    tensors = {key: value for key, value in taken.items() if isinstance(value, Tensor)}
    facts = json.dumps({key: value for key, value in taken.items() if key not in tensors})
    yield _stage(Message("checking {file}", file=path.name))
    check_finite(tensors, path.name)
    if before is not None:
        yield _stage(Message("keeping a copy of {file} that loads faster", file=path.name))
        _keep(copy, path, before, tensors, {"layout": layout, "facts": facts})
    return tensors | json.loads(facts)


def _stage(label: Message) -> Progress:
    return Progress(done=0, total=None, label=label)


def _recall(copy: Path, original: Path, layout: str) -> dict[str, Any] | None:
    """What a copy holds; None when there is none, it is damaged, or it is of another file or layout."""
    try:
        with safe_open(copy, framework="pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("layout") != layout or not _is_of(copy, original, metadata):
                return None
            # Not file.items(): it has none.
            return {key: file.get_tensor(key) for key in file.keys()} | json.loads(metadata["facts"])  # noqa: SIM118
    except FileNotFoundError:
        return None
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        logger.info("%s is damaged and will be made again: %s", copy, error)
        return None


def _is_of(copy: Path, original: Path, metadata: Mapping[str, str]) -> bool:
    now = original.stat()
    if metadata["size"] != str(now.st_size):
        return False
    if copy.stat().st_mtime_ns == now.st_mtime_ns:
        return True
    if metadata["sha256"] != _sha256(original):
        return False
    # Touched, or brought here by a program that keeps no times: the next look shall be a glance again.
    os.utime(copy, ns=(now.st_atime_ns, now.st_mtime_ns))
    return True


def _keep(
    copy: Path, original: Path, before: os.stat_result, tensors: Mapping[str, Tensor], metadata: dict[str, str]
) -> None:
    """Write the copy if that is possible, and say so in the log if not."""
    try:
        copy.parent.mkdir(exist_ok=True)
        size = sum(value.numel() * value.element_size() for value in tensors.values())
        if shutil.disk_usage(copy.parent).free < size + SPARE_BYTES:
            logger.info("there is too little space for a copy of %s", original)
            return
        metadata |= {"size": str(before.st_size), "sha256": _sha256(original)}
        with atomic.replacing(copy) as part:
            save_file(_separate(tensors), part, metadata)
            os.utime(part, ns=(before.st_atime_ns, before.st_mtime_ns))
            after = original.stat()
            if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                raise OSError(f"{original.name} was changed meanwhile")
        _sweep(copy.parent)
    # ValueError: a tensor of a kind that safetensors does not know.
    except (OSError, SafetensorError, ValueError) as error:
        logger.info("%s gets no copy: %s", original, error)


def _separate(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors, each dense and with memory of its own: safetensors stores neither views nor ties."""
    separate: dict[str, Tensor] = {}
    owned: set[int] = set()
    for key, value in tensors.items():
        value = value.detach().contiguous()
        separate[key] = value.clone() if value.untyped_storage().data_ptr() in owned else value
        owned.add(separate[key].untyped_storage().data_ptr())
    return separate


def _sweep(folder: Path) -> None:
    """Remove the copies of files that are gone, and what a process that was killed has left half written."""
    for path in folder.iterdir():
        abandoned = path.suffix == ".part" and time.time() - path.stat().st_mtime > ABANDONED_S
        orphaned = path.suffix == ".safetensors" and not (folder.parent / path.stem.rpartition(".")[0]).exists()
        if abandoned or orphaned:
            path.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
