"""A backend on a free port over a fake or a real engine, in an app that has nothing but its routes."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette

from engine.engine import Engine
from engine.hub import Hub
from engine.library import Library
from engine.recognition.recogniser import RecogniserSpec
from engine.system import SystemSpec
from server.backend import Backend
from server.connections import Bounds, bound
from server.rights import Policy
from tests.timing import be_patient, until

be_patient()


@dataclass(frozen=True, slots=True)
class Served:
    """A backend and where it answers; ``url`` ends in a slash."""

    url: str
    backend: Backend


@pytest.fixture
def serve_studio(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """A function that serves backends: (*specs, models_dir, hub, recognisers, bounds, policy, **those of Engine)."""
    running: list[tuple[Backend, uvicorn.Server, threading.Thread]] = []

    def start(
        *specs: SystemSpec,
        models_dir: Path | None = None,
        hub: Hub | None = None,
        recognisers: tuple[RecogniserSpec, ...] = (),
        bounds: Bounds | None = None,
        policy: Policy | None = None,
        **engine: object,
    ) -> Served:
        made = Engine(specs, library=Library(specs, models_dir, hub, recognisers), **engine)
        backend = Backend.over(made, tmp_path / "studio", policy)
        app = Starlette(routes=backend.routes())
        config = uvicorn.Config(app, port=0, log_level="error", ws="none", timeout_graceful_shutdown=1)
        bound(config, bounds or Bounds())
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((backend, server, thread))
        until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        return Served(f"http://127.0.0.1:{port}/", backend)

    yield start
    for backend, server, thread in running:
        backend.close()
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def studio(serve_studio: Callable[..., Served], fake_spec: SystemSpec) -> Served:
    """A backend with the fake system as it is by default."""
    return serve_studio(fake_spec)
