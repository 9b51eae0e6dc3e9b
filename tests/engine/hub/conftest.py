"""A fake hub, a client of it, and a place for the file."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from engine.hub import Hub
from tests.engine.hub.downloads import FILES, PATIENT
from tests.hub_server import FakeHub


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def make_server() -> Iterator[Callable[..., FakeHub]]:
    """A function that starts fake hubs: (repos=FILES)."""
    with ExitStack() as stack:
        yield lambda repos=FILES: stack.enter_context(FakeHub(repos))


@pytest.fixture
def server(make_server: Callable[..., FakeHub]) -> FakeHub:
    return make_server()


@pytest.fixture
def make_hub(tmp_path: Path) -> Callable[..., Hub]:
    """A function that makes clients: (*endpoints, **more of Hub's arguments). They share a ledger."""

    def make(*endpoints: str, **more: Any) -> Hub:
        return Hub(endpoints=endpoints, **{"ledger": tmp_path / "ledger.json", "patience": PATIENT, **more})

    return make


@pytest.fixture
def hub(make_hub: Callable[..., Hub], server: FakeHub) -> Hub:
    return make_hub(server.url)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "model.pth"
