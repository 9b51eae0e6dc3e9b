"""Every answer is counted and logged by its route, and by nothing that was sent."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from engine.engine import Engine
from engine.keys import Keys
from engine.system import SystemSpec
from server.guard import Guarded
from server.logs import LOGGERS, log_to
from server.metrics import Metrics
from server.observed import Observed
from server.rights import Need, Policy, Rights
from tests.server.test_metrics import numbers

SAID = "what-somebody-has-written"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    handler = log_to(str(tmp_path / "log.jsonl"))
    yield tmp_path / "log.jsonl"
    for name in LOGGERS:
        logging.getLogger(name).removeHandler(handler)
        logging.getLogger(name).propagate = True
    handler.close()


async def said(_: object) -> PlainTextResponse:
    return PlainTextResponse("12345")


def test_an_answer_is_counted_and_logged(log: Path, tmp_path: Path, fake_spec: SystemSpec) -> None:
    keys, metrics = Keys(tmp_path / "keys.json"), Metrics(Engine((fake_spec,)))
    rights = Rights(Policy(token="the-token"), keys=keys)
    routes = [
        Guarded("/v1/things/{thing}", said, methods=["GET"], needs=Need.ENTRY, rights=rights),
        Route("/elsewhere/{path:path}", said),
    ]
    client = TestClient(Observed(Starlette(routes=routes), metrics))
    secret = keys.create("Home")
    client.get(f"/v1/things/{SAID}?text={SAID}", headers={"Authorization": f"Bearer {secret}"})
    client.get(f"/v1/things/{SAID}", headers={"Authorization": "Bearer the-token"})
    client.get(f"/v1/things/{SAID}")
    client.get(f"/elsewhere/{SAID}")
    client.request(SAID.upper(), "/elsewhere/x")
    assert SAID not in log.read_text().lower()
    assert secret not in log.read_text()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    found = [(line["method"], line["route"], line["status"], line["who"]) for line in lines]
    assert found == [
        ("GET", "/v1/things/{thing}", 200, "key Home"),
        ("GET", "/v1/things/{thing}", 200, "owner"),
        ("GET", "/v1/things/{thing}", 401, "visitor"),
        ("GET", "other", 200, "nobody"),
        ("other", "other", 405, "nobody"),
    ]
    assert (lines[0]["bytes"], lines[0]["seconds"] < 5) == (5, True)
    count = numbers(metrics.text().decode())
    assert count["polyphone_http_requests_total{'method': 'GET', 'route': '/v1/things/{thing}', 'status': '200'}"] == 2
