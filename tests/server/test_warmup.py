"""The first model loads in the background, and anybody may ask how far it is."""

from collections.abc import Callable
from threading import Event
from typing import Any

import httpx

from engine.system import SystemSpec
from tests.server.conftest import Served
from tests.timing import until


def test_the_first_model_loads_in_the_background_with_progress(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    gate = Event()
    studio = serve_studio(make_fake_spec(gate=gate))

    def status() -> dict[str, Any]:
        return httpx.get(f"{studio.url}studio/status").json()

    assert status()["state"] == "loading"
    studio.backend.warm_up.start()
    until(lambda: status()["label"]["message"] == "loading")
    assert (status()["state"], status()["done"], status()["total"]) == ("loading", 0, 2)
    gate.set()
    until(lambda: status()["state"] == "ready")
