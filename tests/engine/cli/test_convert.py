"""``convert`` with a model of the reference values: sound in another voice, and what it refuses in a line."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.audio.label import facts
from engine.cli import main
from tests.engine.cli.conftest import assert_mistake
from tests.vits import published_checkpoint


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("POLYPHONE_MODELS_DIR", str(tmp_path / "models"))

    def run(*arguments, model="mb_sdp_ms", to="4"):
        checkpoint = published_checkpoint(tmp_path / model, model)
        named = ("--system", "vits", "--checkpoint", checkpoint, "--from", "1", "--to", to)
        status = main(["convert", *map(str, (*arguments, *named))])
        return (status, *capsys.readouterr())

    return run


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    tone = 0.2 * np.sin(2 * np.pi * 200 * np.arange(48_000) / 48_000)
    soundfile.write(tmp_path / "in.wav", np.stack([tone, tone], axis=1), 48_000)
    return tmp_path / "in.wav"


def test_a_recording_is_said_in_another_voice_and_labelled(run, recording, tmp_path):
    out = tmp_path / "out.flac"
    status, stdout, stderr = run(recording, "--out", out, "--seed", 3, "--json")
    assert (status, stderr) == (0, "")
    report = json.loads(stdout)
    assert (report["sample_rate"], report["seed"]) == (22_050, 3)
    assert report["audio_s"] == pytest.approx(1.0, abs=0.02)
    samples, rate = soundfile.read(out)
    assert (rate, len(samples)) == (22_050, 22_050 // 256 * 256)
    assert np.abs(samples).max() > 0
    with soundfile.SoundFile(out) as file:
        said = facts(file.copy_metadata()["comment"])
    assert (said["ai_generated"], said["from"], said["voice"], said["seed"]) == (True, "1", "4", 3)
    again = run(recording, "-o", tmp_path / "again.flac", "--seed", 3)
    assert again[0] == 0
    assert np.array_equal(soundfile.read(tmp_path / "again.flac")[0], samples)


def test_mistakes_are_named_in_a_line(run, recording, tmp_path):
    out = tmp_path / "out.wav"
    assert_mistake(run(recording, "--out", out, model="mb_sdp"), "mb_sdp has one voice")
    assert_mistake(run(recording, "--out", out, to="nobody"), "there is no voice 'nobody'")
    assert_mistake(run(tmp_path / "none.wav", "--out", out), "none.wav")
    assert_mistake(run(recording, "--out", tmp_path / "out.xyz"), ".xyz")
    assert_mistake(run(recording, "--out", out, "--seed", "x"), "--seed")
    (tmp_path / "text.wav").write_text("no sound")
    assert_mistake(run(tmp_path / "text.wav", "--out", out), "text.wav")
    assert not out.exists()
