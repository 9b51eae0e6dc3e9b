"""The route of reading: what is shown is what the engine reads, no model is loaded, and stale work ends."""

import dataclasses
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from engine import registry
from engine.system import SystemSpec
from engine.text.ja import open_jtalk
from engine.text.segment import split
from server.text_routes import PLACES, SHOWN, WAITING
from tests.conftest import FakeFrontEnd
from tests.server.conftest import Served
from tests.server.test_connections import connect, head
from tests.timing import PATIENCE_S, until


def ask(studio: Served, text: str, **fields: Any) -> httpx.Response:
    return httpx.post(f"{studio.url}studio/text", json={"text": text, "system": "fake", **fields}, timeout=60)


class SlowFrontEnd(FakeFrontEnd):
    """Takes ``each_s`` for each segment, once it may ``go``; counts those begun, and the texts at work at once."""

    def __init__(self, each_s: float = 0.0) -> None:
        self.each_s, self.begun, self.at_once, self.most = each_s, 0, 0, 0
        self.go = threading.Event()
        self._lock = threading.Lock()

    def read(self, segments: Any, options: Any) -> Iterator[Any]:
        with self._lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        try:
            for item in super().read(segments, options):
                self.begun += 1
                assert self.go.wait(PATIENCE_S)
                time.sleep(self.each_s)
                yield item
        finally:
            with self._lock:
                self.at_once -= 1


def test_what_is_shown_is_what_the_engine_reads(studio: Served) -> None:
    text = "Salt & snow ☃. It falls and falls and falls on the ground."
    answer = ask(studio, text, options={"rewrite": True}, language="en")
    read = studio.backend.engine.read(text, rewrite=True, language="en")
    shown = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert {**shown, "notices": [notice["message"] for notice in shown["notices"]]} == read.describe()
    assert shown["notices"][-1] == {
        "message": "there is no sound for ☃",
        "template": "there is no sound for {symbol}",
        "values": {"symbol": "☃"},
    }
    assert studio.backend.engine.loaded() == ()


@pytest.mark.parametrize(
    ("text", "language", "parts"),
    [
        ("Good morning, everybody.", "en", [("en", 20, True)]),
        ("你好，今天天气很好。", "zh", [("zh", 8, True)]),
        ("我们今天一起看 PyTorch 的源代码。", "zh", [("zh", 11, True), ("en", 7, True)]),
        ("Hello 你好 everybody", "en", [("en", 14, True), ("zh", 2, True)]),
        ("Hello 你好 there", "", [("en", 10, True), ("zh", 2, True)]),
        ("안녕하세요", "", [("ko", 5, False)]),
        ("Guten Morgen, wie geht es dir heute?", "", [("de", 28, False)]),
        ("12:30", "", []),
        ("", "", []),
    ],
)
def test_which_languages_a_text_is_in_is_told_of_any(
    studio: Served, text: str, language: str, parts: list[tuple[str, int, bool]]
) -> None:
    answer = httpx.post(f"{studio.url}studio/languages", json={"text": text, "system": "fake"})
    assert answer.status_code == 200
    told = [{"language": code, "letters": letters, "read": read} for code, letters, read in parts]
    assert answer.json() == {"speaks": ["en", "zh"], "language": language, "parts": told}
    assert studio.backend.engine.loaded() == ()


def test_what_may_be_phonemes_is_in_no_language_unless_nothing_of_it_can_be_read(studio: Served) -> None:
    def ask(text: str) -> dict[str, Any]:
        asked = {"text": text, "system": "fake", "options": {"compat": True}}
        return httpx.post(f"{studio.url}studio/languages", json=asked).json()

    assert ask("Guten Morgen, wie geht es dir?")["language"] == ""
    assert [part["read"] for part in ask("안녕 hello")["parts"]] == [True, True]
    assert [part["read"] for part in ask("안녕하세요")["parts"]] == [False]


def test_of_a_long_text_the_beginning_is_shown(studio: Served) -> None:
    shown = ask(studio, "Some words. " * 5000).json()
    assert shown["notices"][0]["template"] == "only the first {shown} characters are shown here; all are spoken"
    text = " ".join(segment["text"] for segment in shown["segments"])
    assert SHOWN - 20 < len(text) <= SHOWN
    assert set(text.split()) == {"Some", "words."}
    assert len(ask(studio, "x" * 5000).json()["segments"]) == SHOWN // 200 + 1


@pytest.mark.parametrize(
    ("text", "fields", "words"),
    [
        ("Hello.", {"system": "nope"}, "the systems are fake"),
        ("Hello.", {"options": {"loud": 1}}, "no option 'loud'"),
        ("Hello.", {"model": "nope"}, "no model 'nope'"),
        ("Hello.", {"language": "xx"}, "does not speak"),
        ("Hello.", {"voice": "alto"}, "no field 'voice'"),
        ("...", {}, "nothing"),
        ("x" * 100_001, {}, "100,001"),
    ],
)
def test_mistakes_are_one_message(studio: Served, text: str, fields: dict[str, Any], words: str) -> None:
    answer = ask(studio, text, **fields)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def slow_studio(serve: Callable[..., Served], spec: SystemSpec, front_end: SlowFrontEnd) -> Served:
    return serve(dataclasses.replace(spec, front_end=lambda _: front_end))


LONG = "This is a sentence, and it is one of very many. " * 60


def test_work_that_nobody_waits_for_ends(serve_studio: Callable[..., Served], fake_spec: SystemSpec) -> None:
    front_end = SlowFrontEnd(each_s=0.5)
    front_end.go.set()
    studio = slow_studio(serve_studio, fake_spec, front_end)
    asked = json.dumps({"text": LONG, "system": "fake"}).encode()
    with connect(studio, head("studio/text", len(asked)) + asked):
        until(lambda: front_end.begun > 0)
    until(lambda: front_end.at_once == 0)
    assert front_end.begun < 40 < len(split(LONG, "en"))


def test_few_are_read_at_once_and_too_many_are_told_to_wait(
    serve_studio: Callable[..., Served], fake_spec: SystemSpec
) -> None:
    front_end = SlowFrontEnd()
    studio = slow_studio(serve_studio, fake_spec, front_end)
    with ThreadPoolExecutor(PLACES + WAITING + 8) as pool:
        asked = [pool.submit(ask, studio, LONG[:900]) for _ in range(PLACES + WAITING + 8)]
        until(lambda: sum(each.done() for each in asked) == 8)  # who found no place; the others are held up
        front_end.go.set()
        answers = [each.result() for each in asked]
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 429}
    assert statuses.count(200) == PLACES + WAITING
    assert next(answer for answer in answers if answer.status_code == 429).headers["retry-after"]
    assert front_end.most == PLACES
    assert ask(studio, "Hello.").status_code == 200


def test_a_language_whose_package_is_missing_is_one_line(
    serve_studio: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyopenjtalk", None)
    open_jtalk._library.cache_clear()
    studio = serve_studio(*registry.systems())
    answer = ask(studio, "東京です。", system="vallex", language="ja")
    told = answer.json()["error"]
    assert (answer.status_code, told["type"]) == (400, "PackageMissing")
    assert told["message"].startswith("reading Japanese needs the package pyopenjtalk")
