"""The first model loads in the background, and anybody may ask how far it is."""

from collections.abc import Callable

import httpx

from engine.system import SystemSpec
from tests.server.conftest import Served
from tests.timing import until


def test_the_first_model_loads_in_the_background_with_progress(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    studio = serve_studio(make_fake_spec(load_delay=0.6))
    assert httpx.get(f"{studio.url}studio/status").json()["state"] == "loading"
    studio.backend.warm_up.start()
    seen = []

    def ready() -> bool:
        seen.append(httpx.get(f"{studio.url}studio/status").json())
        return seen[-1]["state"] == "ready"

    until(ready, 20)
    assert any(status["label"]["message"] == "loading" and status["total"] == 2 for status in seen)
