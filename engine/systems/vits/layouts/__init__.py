"""The published layouts of the family's checkpoints, a file or folder each: how one is known, and what it gives.

Which it is, its files say. A further layout is a name in OTHERS.
"""

from collections.abc import Sequence
from pathlib import Path

from engine.errors import WeightsMissing
from engine.systems.vits.layouts import piper, published, transformers
from engine.systems.vits.layouts.layout import Files, Layout

# The first that knows the files takes them; the family's own takes whatever is left, or says what is missing.
OWN = published.LAYOUT
OTHERS: tuple[Layout, ...] = (piper.LAYOUT, transformers.LAYOUT)


def find(checkpoint: Path) -> tuple[Layout, Files]:
    """The layout of a checkpoint, a folder or a file, and its files. Raises WeightsMissing."""
    if not checkpoint.exists():
        raise WeightsMissing(
            "there is no checkpoint {checkpoint}; name a folder with config.json and G_*.pth", checkpoint=checkpoint
        )
    for layout in OTHERS:
        if files := layout.find(checkpoint):
            return layout, files
    return OWN, published.find(checkpoint)


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """Which of the files of a repository or an archive make a checkpoint; nothing where none do."""
    return next((picked for layout in (*OTHERS, OWN) if (picked := layout.pick(paths))), ())
