"""The numbers for those who watch, read by Prometheus' own parser."""

from collections.abc import Callable

import httpx
from prometheus_client.parser import text_string_to_metric_families

from engine.engine import Engine
from engine.system import SystemSpec
from server.metrics import Metrics
from tests.server.conftest import Served
from tests.timing import until

SAID = "Something that nobody else should read."


def numbers(text: str) -> dict[str, float]:
    """Each sample by its name and labels."""
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {f"{each.name}{each.labels or ''}": each.value for each in found}


def read(studio: Served) -> dict[str, float]:
    answer = httpx.get(f"{studio.url}metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert SAID not in answer.text
    return numbers(answer.text)


def test_what_is_spoken_is_counted_by_whatever_door(studio: Served) -> None:
    before = read(studio)
    assert before["polyphone_speech_requests_total"] == before["polyphone_models_loaded"] == 0
    assert before["process_resident_memory_bytes"] > 0
    httpx.post(f"{studio.url}v1/audio/speech", json={"input": SAID, "model": "fake"}).raise_for_status()
    httpx.post(f"{studio.url}studio/speak", json={"text": SAID, "system": "fake"}).raise_for_status()
    until(lambda: read(studio)["polyphone_speech_running"] == 0)
    after = read(studio)
    assert after["polyphone_speech_requests_total"] == 2
    assert after["polyphone_text_characters_total"] == 2 * len(SAID)
    assert after["polyphone_sound_seconds_total"] > 1
    assert after["polyphone_first_sound_seconds_count"] == 2
    assert after["polyphone_models_loaded"] == 1


def test_each_server_has_numbers_of_its_own(make_fake_spec: Callable[..., SystemSpec]) -> None:
    one, other = (Metrics(Engine((make_fake_spec(),))) for _ in range(2))
    one.answered("GET", "/v1/models", 200)
    name = "polyphone_http_requests_total{'method': 'GET', 'route': '/v1/models', 'status': '200'}"
    assert numbers(one.text().decode())[name] == 1
    assert name not in numbers(other.text().decode())
