"""Every command ends with its status, and a mistake is one line that says what to do."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import Busy, OutOfMemory
from tests.engine.cli.conftest import assert_mistake

ROOT = Path(__file__).parents[3]


SAY = ["say", "hi", "--system", "fake", "--out", "{out}"]
MISTAKES = {
    "no command": ([], "systems"),
    "unknown command": (["sing"], "sing"),
    "no text": (["say", "--system", "fake", "--out", "{out}"], "TEXT"),
    "no system": (["say", "hi", "--out", "{out}"], "--system"),
    "no out": (["say", "hi", "--system", "fake"], "--out"),
    "unknown flag": ([*SAY, "--loud"], "--loud"),
    "shortened flag": ([*SAY, "--dev", "cpu"], "--dev"),
    "unknown system": (["say", "hi", "--system", "fakke", "--out", "{out}"], "'fakke'", "fake"),
    "empty text": (["say", "", "--system", "fake", "--out", "{out}"], "nothing in the text"),
    "only marks": (["say", "...", "--system", "fake", "--out", "{out}"], "nothing in the text"),
    "long text": (["say", "x" * 100_001, "--system", "fake", "--out", "{out}"], "100,001", "100,000"),
    "unknown voice": ([*SAY, "--voice", "tenor"], "'tenor'", "alto"),
    "very long voice": ([*SAY, "--voice", "中" * 5000], "no voice"),
    "no voice file": (
        [*SAY, "--voice", "no.safetensors"],
        "no voice file",
    ),
    "unknown option": ([*SAY, "--set", "lvl=1"], "'lvl'", "level"),
    "option bound": ([*SAY, "--set", "level=2"], "Level must be between 0 and 1; it was 2"),
    "option type": ([*SAY, "--set", "partials=1.5"], "whole number"),
    "option nan": ([*SAY, "--set", "level=nan"], "finite"),
    "option without value": ([*SAY, "--set", "level"], "level=VALUE"),
    "seed word": ([*SAY, "--seed", "x"], "--seed x"),
    "seed below": ([*SAY, "--seed=-1"], "outside 0.."),
    "seed above": ([*SAY, "--seed", str(2**63)], "outside 0.."),
    "language": ([*SAY, "--language", "xx"], "xx", "en, zh"),
    "device": ([*SAY, "--device", "tpu"], "tpu", "cuda"),
    "dtype": ([*SAY, "--dtype", "bfloat16"], "bfloat16", "float32"),
    "ending": (["say", "hi", "--system", "fake", "--out", "{out}.xyz"], ".flac"),
    "raw ending": (["say", "hi", "--system", "fake", "--out", "{out}.mp3", "--raw"], ".wav"),
    "a folder": (["say", "hi", "--system", "fake", "--out", "{folder}"], "is a folder"),
    "long path": (["say", "hi", "--system", "fake", "--out", "x" * 300 + ".wav"], "xxx", "too long"),
    "no folder": (["say", "hi", "--system", "fake", "--out", "{out}/no/a.wav"], "no folder"),
    "no checkpoint": (
        [*SAY, "--checkpoint", "/no/G_1.pth"],
        "/no/G_1.pth",
    ),
    "long checkpoint": ([*SAY, "--checkpoint", "x" * 5000], "the checkpoint 'xxx", "too long"),
    "bad checkpoint": (
        [*SAY, "--checkpoint", __file__],
        "no checkpoint of",
    ),
    "no recording": ([*SAY, "--prompt-audio", "/no.wav"], "/no.wav"),
    "bad recording": ([*SAY, "--prompt-audio", __file__], "test_cli.py"),
    "words alone": ([*SAY, "--prompt-text", "x"], "--prompt-audio"),
    "two voices": (
        [*SAY, "--prompt-audio", "x.wav", "--voice", "alto"],
        "choose one",
    ),
    "no config": (["train", "/no/config.json"], "/no/config.json"),
    "bad config": (["train", __file__], "not JSON"),
}


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_a_mistake_is_one_line_and_status_2(run, out, tmp_path, name, form):
    arguments, *words = MISTAKES[name]
    places = {"{out}": str(out), "{folder}": str(tmp_path)}
    arguments = [places.get(argument, argument.replace("{out}", str(out))) for argument in arguments]
    if arguments[:1] == ["say"]:
        arguments += form
    assert_mistake(run(*arguments), *words)
    assert {path.name for path in tmp_path.iterdir()} <= {"fake.json"}


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"a" * 400_001])
def test_bad_standard_input_is_a_mistake(run, out, monkeypatch, data):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert_mistake(run("say", "-", "--system", "fake", "--out", out), "standard input")


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Busy("every place is taken"), "every place is taken (wait"),
        (OutOfMemory("the model does not fit"), "does not fit (a shorter text"),
        (RuntimeError("CUDA error: out of memory"), "ran out of memory on cpu"),
        (ZeroDivisionError("division\nby zero"), "internal error: ZeroDivisionError: division by zero (run with"),
        (KeyboardInterrupt(), "stopped"),
    ],
)
def test_what_is_no_mistake_of_the_user_is_status_1(run, out, make_fake_spec, failure, words):
    log = []
    result = run(
        "say", "hi", "--system", "fake", "--out", out, "--json", specs=(make_fake_spec(failure=failure, log=log),)
    )
    assert_mistake(result, words, status=1)
    assert log == ["loaded", "started", "closed"]
    assert not out.exists()


def test_the_program_itself_ends_with_these_statuses(tmp_path):
    command = [sys.executable, "-m", "engine", "say", "hi", "--system", "vits", "--out", tmp_path / "a.xyz", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert_mistake((done.returncode, done.stdout, done.stderr), ".flac")
