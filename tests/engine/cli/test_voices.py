"""``voices`` on the command line: a voice made in one command speaks in the next."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import voice_store
from engine.cli import main
from engine.system import SystemSpec
from tests.conftest import fake_pitch, fake_voice

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, fake_spec: SystemSpec, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Run any command with the fake system: (status, stdout, stderr)."""
    monkeypatch.setenv("POLYPHONE_MODELS_DIR", str(tmp_path / "models"))

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main(list(map(str, arguments)), (fake_spec,))
        return (status, *capsys.readouterr())

    return run


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    path = tmp_path / "tone.flac"
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 300 * np.arange(44_100) / 22_050), 22_050)
    return path


def test_voices_are_made_listed_shown_blended_spoken_with_and_deleted(run: Run, tone: Path, tmp_path: Path) -> None:
    assert run("voices", "list") == (0, "no voice is saved yet; voices make or blend one\n", "")
    file = tmp_path / "models" / "voices" / "fake" / "Ann.safetensors"
    made = run("voices", "make", "fake/Ann", "--prompt-audio", tone, "--prompt-text", "la")
    assert made == (0, f"fake/Ann is saved: {file}\n", "")
    assert voice_store.load(file).meta == {"transcript": "la"}
    assert run("voices", "show", "fake/Ann") == (0, "pitch:300\n", "")
    assert json.loads(run("voices", "show", "fake/alto", "--json")[1])["string"] == "pitch:440"
    told = json.loads(run("voices", "make", "fake/dice", "--voice", "seed:20", "--json")[1])
    assert (told["id"], told["name"]) == ("fake/dice", "dice")
    run("voices", "make", "fake/copy", "--voice", file)
    assert run("voices", "blend", "fake/both", "Ann=1", "pitch:100=3")[0] == 0
    assert run("voices", "join", "fake/more", "Ann", file)[0] == 0
    twice = ("--prompt-audio", tone, "--prompt-text", "la") * 2
    assert run("voices", "make", "fake/twice", *twice)[0] == 0
    for name in ("more", "twice"):
        assert voice_store.load(file.with_stem(name)).meta == {"transcript": "la la"}
        assert run("voices", "delete", f"fake/{name}")[0] == 0
    pitches = {}
    for voice in json.loads(run("voices", "list", "--json")[1]):
        pitches[voice["name"]] = fake_pitch(voice_store.load(Path(voice["file"])))
    assert pitches == pytest.approx({"Ann": 300, "both": 150, "copy": 300, "dice": 120}, abs=1)
    for name in ("Ann", file):
        spoken = tmp_path / f"{len(str(name))}.wav"
        assert run("say", "Hi.", "--system", "fake", "--voice", name, "--seed", 1, "--out", spoken)[0] == 0
    (by_name, _), (by_file, _) = (soundfile.read(path) for path in sorted(tmp_path.glob("*.wav")))
    np.testing.assert_array_equal(by_name, by_file)
    assert run("voices", "delete", "fake/Ann")[:2] == (0, "fake/Ann is deleted\n")
    assert run("say", "Hi.", "--system", "fake", "--voice", "Ann", "--out", tmp_path / "x.wav")[0] == 2
    assert "fake/Ann" not in run("voices", "list")[1]


def test_mistakes_are_one_line_and_status_2(run: Run, tone: Path, tmp_path: Path) -> None:
    voice_store.save(fake_voice("x", 300), tmp_path / "x.safetensors")
    run("voices", "make", "fake/Ann", "--voice", "alto")
    for arguments, words in (
        (("make", "fake", "--voice", "alto"), "names no voice; write fake/NAME"),
        (("make", "opera/x", "--voice", "alto"), "no system 'opera'"),
        (("make", "fake/x"), "name a --voice or a --prompt-audio"),
        (("make", "fake/x", "--voice", "alto", "--prompt-audio", tone), "choose one of them"),
        (("make", "fake/x", "--prompt-audio", tmp_path / "none.wav"), "there is no file"),
        (("make", "fake/x", "--prompt-text", "la"), "give the recording"),
        (("make", "fake/x", "--voice", "tenor"), "no voice 'tenor'"),
        (("make", "fake/ann", "--voice", "alto"), "already"),
        (("make", "fake/../x", "--voice", "alto"), "cannot be the name"),
        (("blend", "fake/x", "alto", "bass=1"), "write VOICE=WEIGHT"),
        (("blend", "fake/x", "alto=1"), "1 voices were given"),
        (("blend", "fake/x", "alto=much", "bass=1"), "write VOICE=WEIGHT"),
        (("show", "fake/tenor"), "no voice 'tenor'"),
        (("delete", "fake/tenor"), "no saved voice 'tenor'; the saved voices are Ann"),
        ((), "required"),
    ):
        status, out, err = run("voices", *arguments)
        assert (status, out, err.count("\n")) == (2, "", 1), err
        assert words in err
    assert sorted(path.name for path in (tmp_path / "models").rglob("*.safetensors")) == ["Ann.safetensors"]
