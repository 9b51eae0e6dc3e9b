"""``wyoming``: a server for Home Assistant in a process of its own."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from wyoming.audio import AudioChunk, AudioStop
from wyoming.client import AsyncClient
from wyoming.tts import Synthesize

from engine.cli.wyoming import checked, is_exposed
from tests.engine.cli.conftest import assert_mistake

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "uri", ["tcp://127.0.0.1:10200", "tcp://[::1]:10200", "tcp://localhost:1", "unix:///run/a.sock"]
)
def test_of_these_only_this_machine_knows(uri):
    assert checked(uri) == uri
    assert not is_exposed(uri)


@pytest.mark.parametrize(
    "uri", ["tcp://0.0.0.0:10200", "tcp://[::]:1", "tcp://192.168.1.7:1", "tcp://studio.example:1"]
)
def test_these_are_known_to_others(uri):
    assert is_exposed(checked(uri))


@pytest.mark.parametrize(
    "uri", ["", "http://127.0.0.1:1", "tcp://127.0.0.1", "tcp://a:99999", "unix://", "stdio://", "["]
)
def test_what_cannot_be_served_is_told(run, uri):
    assert_mistake(run("wyoming", f"--uri={uri}" if uri else "--uri= "), "cannot be served", "tcp://HOST:PORT")


def test_a_voice_that_is_not_there_is_told_at_once(run):
    assert_mistake(run("wyoming", "--voice", "tenor"), "'tenor'")


def test_without_its_package_it_says_which_one_is_missing(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "wyoming.server", None)
    monkeypatch.setitem(sys.modules, "wyoming", None)
    assert_mistake(run("wyoming"), "wyoming", "requirements-home.txt")


def test_it_serves_until_it_is_told_to_stop(tmp_path):
    uri = f"unix://{tmp_path / 'home.sock'}"
    environment = os.environ | {"POLYPHONE_MODELS_DIR": str(tmp_path / "models")}
    command = [sys.executable, "-m", "engine", "wyoming", "--uri", uri, "--voice", "am_hugo"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert re.fullmatch(rf"Home Assistant is served at {uri}\n", server.stdout.readline())

        async def visit() -> int:
            heard = 0
            while not (tmp_path / "home.sock").exists():
                await asyncio.sleep(0.05)
            async with AsyncClient.from_uri(uri) as client:
                await client.write_event(Synthesize(text="The kettle is on.").event())
                while not AudioStop.is_type((event := await asyncio.wait_for(client.read_event(), 240)).type):
                    heard += len(event.payload or b"") if AudioChunk.is_type(event.type) else 0
            return heard

        assert asyncio.run(visit()) > 24_000
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
