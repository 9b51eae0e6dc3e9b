"""``say``: a file with the sound, and a report of what it took."""

import io
import json
import wave

import numpy as np
import pytest
import soundfile

from engine import voice_store
from engine.audio.label import facts
from engine.request import Voice
from tests.engine.cli.conftest import assert_mistake, say

REPORT = (
    *("system", "sample_rate", "samples", "audio_s", "load_s", "first_audio_s", "synth_s", "rtf", "peak_rss_mb"),
    *("device", "dtype", "seed", "segments", "warnings", "words", "tried"),
)


def test_say_reports_what_it_did(run, out):
    report = say(run, out, "--seed", "5", text="A first sentence. A second sentence.")
    assert tuple(report) == REPORT
    with wave.open(str(out)) as file:
        assert file.getnframes() == report["samples"]
        assert file.getframerate() == report["sample_rate"] == 22_050
    assert report["audio_s"] == pytest.approx(report["samples"] / 22_050, abs=1e-4)
    assert report["rtf"] == pytest.approx(report["synth_s"] / report["audio_s"], rel=0.05)
    assert 0 < report["first_audio_s"] <= report["synth_s"]
    assert report["load_s"] >= 0
    assert report["peak_rss_mb"] > 10
    assert (report["system"], report["device"], report["dtype"]) == ("fake", "cpu", "float32")
    assert (report["seed"], report["segments"], report["warnings"]) == (5, 2, [])


def test_times_count_from_the_start_of_synthesis(run, out, make_fake_spec):
    # Four chunks: the first is there before the work for the others, however slow the machine, and loading counts none.
    spec = make_fake_spec(delay=0.2, load_delay=1.0, chunk_s=0.1, seconds_per_character=0.02)
    report = say(run, out, text="x" * 20, specs=(spec,))
    assert report["load_s"] >= 1.0
    assert 0.2 <= report["first_audio_s"] <= report["synth_s"] - 0.59


def test_the_same_seed_gives_the_same_file(run, tmp_path):
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        say(run, tmp_path / f"{name}.wav", "--seed", seed)
    a, b, c = ((tmp_path / f"{name}.wav").read_bytes() for name in "abc")
    assert a == b != c


def test_a_missing_seed_is_drawn_and_reported(run, tmp_path):
    first = say(run, tmp_path / "a.wav")
    assert first["seed"] != say(run, tmp_path / "b.wav")["seed"]
    say(run, tmp_path / "c.wav", "--seed", first["seed"])
    assert soundfile.read(tmp_path / "c.wav")[0].tolist() == soundfile.read(tmp_path / "a.wav")[0].tolist()


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg", "opus"])
def test_every_ending_is_written_with_its_label(run, tmp_path, ending):
    say(run, tmp_path / f"out.{ending}", "--seed", "3", "--voice", "bass", "--set", "level=0.25")
    with soundfile.SoundFile(tmp_path / f"out.{ending}") as file:
        found = facts(file.comment)
        assert 0.1 < np.abs(file.read()).max() < 0.3
    assert (found["system"], found["voice"], found["seed"], found["options"]["level"]) == ("fake", "bass", 3, 0.25)


def test_raw_is_what_left_the_vocoder(run, tmp_path):
    text = "One long sentence here. Another long sentence."
    raw = say(run, tmp_path / "raw.wav", "--raw", "--seed", "1", text=text)
    finished = say(run, tmp_path / "out.wav", "--seed", "1", text=text)
    info = soundfile.info(tmp_path / "raw.wav")
    assert info.subtype == "FLOAT"
    assert raw["samples"] == sum(round(len(part) * 0.02 * 22_050) for part in text.split(". ", 1)) + 441
    assert finished["samples"] > raw["samples"]


def test_options_reach_the_system(run, out):
    say(run, out, "--set", "level=0.9", "--set", "shape=square", "--set", "compat=true")
    assert np.abs(soundfile.read(out)[0]).max() == pytest.approx(0.9, abs=1e-3)


def test_text_comes_from_standard_input(run, out, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\ufeffEine Zeile.\nNoch öfter eine.".encode())))
    assert say(run, out, text="-")["segments"] == 2


def test_a_notice_becomes_a_warning(run, out):
    assert say(run, out, text="a snow\u202eman ☃")["warnings"] == [
        "1 invisible character was left out of the text",
        "there is no sound for ☃",
    ]


def test_without_json_a_person_reads_one_line(run, out):
    status, stdout, stderr = run("say", "Hello ☃.", "--system", "fake", "--out", out, "--seed", "4")
    assert status == 0
    assert stdout.count("\n") == 1
    assert "seed 4" in stdout
    assert stderr == "note: there is no sound for ☃\n"


def test_progress_goes_to_a_terminal_only(run, out, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    status, stdout, stderr = run("say", "Hello.", "--system", "fake", "--out", out, "--json")
    assert status == 0
    assert json.loads(stdout)["segments"] == 1
    assert "loading 1/2" in stderr


def test_a_saved_voice_is_a_file(run, tmp_path, out):
    voice = Voice(system="fake", name="mine", tensors={"pitch": np.array([330.0], np.float32)})
    voice_store.save(voice, tmp_path / "mine.safetensors")
    say(run, out, "--voice", tmp_path / "mine.safetensors")
    assert pitch(out) == pytest.approx(330, abs=5)
    voice_store.save(Voice(system="other", name="theirs"), tmp_path / "theirs.safetensors")
    result = run("say", "x", "--system", "fake", "--out", out, "--voice", tmp_path / "theirs.safetensors")
    assert_mistake(result, "theirs", "other")


def test_a_voice_comes_from_a_recording(run, tmp_path, out):
    recording = tmp_path / "prompt.flac"
    soundfile.write(recording, 0.5 * np.sin(2 * np.pi * 550 * np.arange(32_000) / 16_000), 16_000)
    say(run, out, "--prompt-audio", recording, "--prompt-text", "hello")
    assert pitch(out) == pytest.approx(550, abs=5)


def pitch(path):
    samples, rate = soundfile.read(path)
    return np.fft.rfftfreq(len(samples), 1 / rate)[np.abs(np.fft.rfft(samples)).argmax()]
