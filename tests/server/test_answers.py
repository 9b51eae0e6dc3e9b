"""What comes in is JSON of a bounded length, and of no kind that a page of another site could send unasked."""

import json

import httpx

from tests.server.conftest import Served
from tests.server.test_speak_routes import body, speak


def test_a_body_that_is_too_long_is_refused_and_the_server_keeps_serving(studio: Served) -> None:
    answer = httpx.post(f"{studio.url}studio/speak", json=body("a" * (3 * 2**20)), timeout=60)
    assert answer.status_code == 413
    assert speak(studio, body())[1].size > 0


def test_what_is_not_json_is_refused(studio: Served) -> None:
    headers = {"Content-Type": "application/json"}
    for content in (b"{", b"[" * 100_000, b"\xff\xfe", b""):
        answer = httpx.post(f"{studio.url}studio/speak", content=content, headers=headers)
        assert answer.status_code == 400
        assert answer.json()["error"]["message"] == "the request is not valid JSON"


def test_a_form_of_another_site_cannot_speak(studio: Served) -> None:
    answer = httpx.post(f"{studio.url}studio/speak", content=json.dumps(body()), headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
