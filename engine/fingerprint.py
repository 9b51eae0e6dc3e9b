"""Whether a checkpoint on disk is still the one that was loaded: a glance at its files, not a reading of them."""

import contextlib
import os
from pathlib import Path

Fingerprint = frozenset[tuple[str, int, int]]

# The endings of what a checkpoint is made of: a log or a recording beside the weights does not make it another.
PARTS = frozenset(
    (
        ".pth", ".pt", ".ckpt", ".bin", ".t7", ".th", ".safetensors", ".onnx", ".npz", ".json", ".yml", ".yaml",
        ".model", ".txt",
    )
)  # fmt: skip
# The deepest public layout has three folders; whoever names their home folder by mistake need not wait.
MAX_DEPTH = 4


def fingerprint(checkpoint: Path) -> Fingerprint:
    """Name, size and time of change of a file, or of the files in a folder that a checkpoint can be made of.

    What is hidden does not count: copies of the weights are kept there. The folder's own time would not do, since it
    changes with them and does not change when a file in it is overwritten. Nothing there gives an empty set.
    """
    if not checkpoint.is_dir():
        return frozenset(_facts(checkpoint))
    found: set[tuple[str, int, int]] = set()
    for folder, folders, files in os.walk(checkpoint):
        depth = len(Path(folder).relative_to(checkpoint).parts)
        folders[:] = [name for name in folders if not name.startswith(".") and depth + 1 < MAX_DEPTH]
        for name in files:
            if Path(name).suffix.lower() in PARTS and not name.startswith("."):
                found |= _facts(Path(folder, name))
    return frozenset(found)


def _facts(path: Path) -> set[tuple[str, int, int]]:
    # It may be gone by now, or a link to nothing.
    with contextlib.suppress(OSError):
        facts = path.stat()
        return {(str(path), facts.st_size, facts.st_mtime_ns)}
    return set()
