"""What orchestrators ask: does it answer, and can it speak."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import httpx

from engine.system import SystemSpec
from tests.server.conftest import Served
from tests.timing import until


def test_it_is_healthy_at_once_and_ready_when_its_model_is_loaded(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    gate = Event()
    studio = serve_studio(make_fake_spec(gate=gate))
    assert httpx.get(f"{studio.url}health").json() == {"status": "ok"}
    studio.backend.warm_up.start()
    waiting = httpx.get(f"{studio.url}ready")
    assert (waiting.status_code, waiting.json()) == (503, {"status": "not ready"})
    gate.set()
    until(lambda: httpx.get(f"{studio.url}ready").status_code == 200)
    assert httpx.get(f"{studio.url}ready").json() == {"status": "ready"}


def test_without_a_model_it_is_not_ready_until_there_is_one(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path
) -> None:
    studio = serve_studio(make_fake_spec(bundled=False), models_dir=tmp_path / "models")
    studio.backend.warm_up.start()
    assert httpx.get(f"{studio.url}ready").status_code == 503
    (tmp_path / "models" / "fake").mkdir(parents=True)
    (tmp_path / "models" / "fake" / "choir").write_text('{"voices": ["alto"]}')
    assert httpx.get(f"{studio.url}ready").status_code == 200


def test_with_a_broken_model_it_is_healthy_and_not_ready(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path
) -> None:
    spec = make_fake_spec()
    studio = serve_studio(spec)
    (tmp_path / "fake.json").write_text("nothing")
    studio.backend.warm_up.start()
    until(lambda: studio.backend.warm_up.status()["state"] == "failed")
    assert httpx.get(f"{studio.url}ready").status_code == 503
    assert httpx.get(f"{studio.url}health").status_code == 200
