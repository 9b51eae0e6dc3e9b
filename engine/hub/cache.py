"""The standard Hugging Face cache, read only: what a user already has need not be downloaded again."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.hub.endpoints import COMMIT, is_safe_path


def cache_folders(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Where the cache is, by the variables that huggingface_hub obeys."""
    if given := environment.get("HF_HUB_CACHE") or environment.get("HUGGINGFACE_HUB_CACHE"):
        return (Path(given).expanduser(),)
    home = environment.get("HF_HOME") or Path(environment.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return (Path(home).expanduser() / "hub",)


def cached(folders: Iterable[Path], repo: str, revision: str, path: str) -> tuple[Path, str | None] | None:
    """A file of the cache, and its sha256 or git's sha1 where the layout tells it; None when it is not there."""
    if not is_safe_path(path):
        return None
    for folder in folders:
        root = folder / f"models--{repo.replace('/', '--')}"
        commit = revision if COMMIT.fullmatch(revision) else _reference(root, revision)
        found = root / "snapshots" / commit / path if commit else None
        if found is not None and found.is_file():
            # A snapshot is made of links to blobs that are named by their hash; where links do not work, of copies.
            name = found.resolve().name if found.is_symlink() else ""
            return found, name if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", name) else None
    return None


def _reference(root: Path, revision: str) -> str | None:
    try:
        text = (root / "refs" / revision).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return text if COMMIT.fullmatch(text) else None
