"""``transcribe``: text, JSON and mistakes in a line."""

import json
from pathlib import Path

import pytest

from engine.engine import Engine
from tests.engine.cli.conftest import assert_mistake

TEXT = "The kettle is on."


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("said") / "kettle.flac"
    Engine(device="cpu").say(TEXT, system="kokoro", voice="af_clara", seed=1).save(path)
    return path


@pytest.fixture(autouse=True)
def _models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYPHONE_MODELS_DIR", str(tmp_path / "models"))


def test_what_is_said_is_written_down(run, recording: Path) -> None:
    assert run("transcribe", recording) == (0, f"{TEXT}\n", "")
    status, stdout, stderr = run("transcribe", recording, "--language", "en", "--json")
    assert (status, stderr) == (0, "")
    heard = json.loads(stdout)
    assert (heard["text"], heard["language"], heard["recogniser"]) == (TEXT, "en", "whisper/built-in")
    assert [word["text"] for word in heard["words"]] == TEXT.split()
    assert {*heard["words"][0]} == {"text", "start_s", "end_s", "confidence"}


def test_mistakes_are_said_in_a_line(run, recording: Path, tmp_path: Path) -> None:
    assert_mistake(run("transcribe", tmp_path / "none.wav"), "there is no file")
    assert_mistake(run("transcribe", recording, "--language", "ja"), "models download whisper/base")
    assert_mistake(run("transcribe", recording, "--recogniser", "whisper/small"), "is not here yet")
