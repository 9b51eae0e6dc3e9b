"""A fake system whose releases lie on a hub: one open, one bound by its terms, and one that is brought by hand."""

import dataclasses
import json
from pathlib import Path

from engine.errors import WeightsMismatch
from engine.release import Release, RemoteFile, Terms
from engine.system import SystemSpec

PAD = 600_000
CHOIR = json.dumps({"voices": ["bass", "alto"], "pad": "x" * PAD}).encode()
FREE = Terms(name="MIT", summary="Free for any use.")
BOUND = Terms(name="CC-BY-NC-4.0", summary="Not for money.", restricted=True)


def _release(name: str, terms: Terms = FREE, repo: str = "choir/songs") -> Release:
    file = RemoteFile(path="choir.json", size=len(CHOIR))
    known = {"repo": repo, "revision": "main" * bool(repo), "languages": ("en",), "checkpoint": "choir.json"}
    return Release(name=name, title=f"The {name} choir", files=(file,), terms=terms, **known)


def _check(checkpoint: Path) -> None:
    file = checkpoint / "choir.json" if checkpoint.is_dir() else checkpoint
    if b"voices" not in file.read_bytes():
        raise WeightsMismatch(f"{checkpoint} holds no voices")


def choir_spec(fake: SystemSpec) -> SystemSpec:
    """The fake system with these releases."""
    releases = (_release("open"), _release("bound", BOUND), _release("by-hand", repo=""))
    pick = lambda paths: ("choir.json",) if "choir.json" in paths else ()  # noqa: E731
    return dataclasses.replace(fake, releases=releases, pick=pick, check=_check)
