"""A system with published checkpoints, a hub on loopback that has them, and a library over both."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from engine.errors import WeightsMismatch
from engine.hub import Hub
from engine.library import Library
from engine.release import Release, RemoteFile, Terms
from engine.system import SystemSpec
from tests.hub_server import FakeHub

VOICES = json.dumps({"voices": ["alto", "bass"]}).encode()
WEIGHTS = bytes(range(256)) * 2000
FREE = Terms(name="MIT", summary="Free for any use.")
BOUND = Terms(name="CC-BY-NC-4.0", summary="Not for money.", restricted=True)


def _pick(paths: Sequence[str]) -> tuple[str, ...]:
    return ("voices.json", "model.bin") if {"voices.json", "model.bin"} <= set(paths) else ()


def _check(checkpoint: Path) -> None:
    if (checkpoint / "model.bin").read_bytes()[:4] != WEIGHTS[:4]:
        raise WeightsMismatch(f"{checkpoint / 'model.bin'} is damaged")


def _release(name: str, **more: object) -> Release:
    known = {"repo": "choir/songs", "revision": "main", "languages": ("en",), "terms": FREE, "source": "https://x.org"}
    files = (RemoteFile(path="voices.json"), RemoteFile(path="weights/big.bin", place="model.bin"))
    return Release(**{"name": name, "title": name.title(), "files": files, **known, **more})


@pytest.fixture
def spec(make_fake_spec: Callable[..., SystemSpec], tmp_path: Path) -> SystemSpec:
    """Four releases: open, bound by its terms, by hand with a companion, and never published."""
    config = tmp_path / "voices.json"
    config.write_bytes(VOICES)
    by_hand = (RemoteFile(path="big.bin", place="model.bin"),)
    releases = (
        _release("open", about_bytes=500_000),
        _release("bound", terms=BOUND),
        _release("by-hand", repo="", files=by_hand, companions={"voices.json": config}, note="Ask its author."),
        _release("never", repo="", files=(), note="Nobody has trained it."),
    )
    return dataclasses.replace(make_fake_spec(), releases=releases, pick=_pick, check=_check)


@pytest.fixture
def server() -> Iterator[FakeHub]:
    """A hub with the files of the releases, and a repository in the system's layout that no release names."""
    songs = {"voices.json": VOICES, "weights/big.bin": WEIGHTS}
    with FakeHub({"choir/songs": songs, "me/mine": {"voices.json": VOICES, "model.bin": WEIGHTS, "x.py": b"1"}}) as hub:
        yield hub


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def library(spec: SystemSpec, folder: Path, server: FakeHub) -> Library:
    return Library((spec,), folder, Hub(endpoints=[server.url], ledger=folder / ".ledger.json"))
