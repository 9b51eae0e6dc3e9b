import io
import json
import subprocess
import sys
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import registry, voice_store
from engine.audio.label import facts
from engine.cli import main
from engine.errors import Busy, OutOfMemory
from engine.request import Voice

ROOT = Path(__file__).parents[2]
REPORT = (
    *("system", "sample_rate", "samples", "audio_s", "load_s", "first_audio_s", "synth_s", "rtf", "peak_rss_mb"),
    *("device", "dtype", "seed", "segments", "warnings"),
)


@pytest.fixture
def run(capsys, fake_spec):
    """Run a command on the fake system: (status, stdout, stderr)."""

    def run(*arguments, specs=None):
        status = main([str(argument) for argument in arguments], specs or (fake_spec,))
        return (status, *capsys.readouterr())

    return run


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.wav"


def say(run, out, *arguments, text="Hello there, world.", **named):
    status, stdout, stderr = run("say", text, "--system", "fake", "--out", out, "--json", *arguments, **named)
    assert (status, stderr) == (0, "")
    return json.loads(stdout)


def assert_mistake(result, *words, status=2):
    """One line on stderr that holds the words, nothing on stdout."""
    assert result[0] == status
    assert result[1] == ""
    assert result[2].count("\n") == 1
    assert result[2].endswith("\n")
    for word in words:
        assert word in result[2]


# -- systems --


def test_systems_lists_everything_as_json(run):
    status, stdout, _ = run("systems", "--json")
    (system,) = json.loads(stdout)
    assert status == 0
    assert list(system) == [
        "id",
        "name",
        "summary",
        "state",
        "languages",
        "tokens",
        "sample_rate",
        "voices",
        "licences",
        "options",
    ]
    assert (system["id"], system["state"], system["voices"]) == ("fake", "ready", ["alto", "bass"])
    assert system["licences"] == {"code": "Apache-2.0", "weights": "none"}
    options = {option["name"]: option for option in system["options"]}
    level = {"type": "float", "default": 0.5, "minimum": 0.0, "maximum": 1.0, "help": "Peak of the sine."}
    assert level.items() <= options["level"].items()
    assert options["partials"]["type"] == "int"
    assert options["shape"]["choices"] == ["sine", "square"]
    assert (options["compat"]["type"], options["compat"]["default"]) == ("bool", False)


def test_systems_is_readable(run, make_fake_spec):
    status, stdout, _ = run("systems", specs=(make_fake_spec("one"), make_fake_spec("two", bundled=False)))
    assert status == 0
    for word in ("one: The one system (ready)", "two: The two system (needs a checkpoint)", "0..1", "sine|square"):
        assert word in stdout


def test_options_of_one_group_are_listed_together(run):
    status, stdout, _ = run("systems", specs=(registry.find("chattts"),))
    assert status == 0
    lines = stdout.splitlines()
    assert lines.index("  refining") < next(n for n, line in enumerate(lines) if line.startswith("    refine_seed"))
    assert "0..4294967295" in stdout


def test_a_system_is_ready_when_a_checkpoint_is_on_disk_and_a_damaged_one_hides_nothing(run, tmp_path):
    from engine.systems.vits import SPEC

    spec = replace(SPEC, bundled=None)
    (before,) = json.loads(run("systems", "--json", "--models-dir", tmp_path, specs=(spec,))[1])
    assert before["state"] == "downloadable"
    own = tmp_path / "vits" / "mine"
    own.mkdir(parents=True)
    (own / "config.json").write_text("{")
    (own / "G_1.pth").write_bytes(b"")
    status, stdout, _ = run("systems", "--json", "--models-dir", tmp_path, specs=(spec,))
    (after,) = json.loads(stdout)
    assert (status, after["state"], after["voices"]) == (0, "ready", [])


def test_the_program_lists_the_real_systems_without_torch():
    code = "import sys; from engine.cli import main; main(['systems', '--json']); sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    vits = json.loads(done.stdout)[0]
    assert vits["id"] == "vits"
    assert {"noise_scale", "noise_scale_w", "length_scale", "cleaned", "compat"} <= {o["name"] for o in vits["options"]}


# -- say --


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
    # Four chunks: the first is there after a fourth of the work, however slow the machine, and loading counts for none.
    spec = make_fake_spec(delay=0.2, load_delay=1.0, chunk_s=0.1, seconds_per_character=0.02)
    report = say(run, out, text="x" * 20, specs=(spec,))
    assert report["load_s"] >= 1.0
    assert 0.2 <= report["first_audio_s"] < 0.8 <= report["synth_s"]


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


# -- mistakes --

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
    "option bound": ([*SAY, "--set", "level=2"], "level=2", "0..1"),
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


# -- train --


def test_train_follows_the_configuration(run, tmp_path):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"system": "fake", "steps": 2}))
    assert run("train", config) == (0, "", "loss 1.000 1/2\nloss 0.500 2/2\n")


def test_train_takes_vits_where_no_system_is_named(run, tmp_path):
    config = tmp_path / "config.json"
    config.write_text("{}")
    assert_mistake(run("train", config), "'vits'")
    config.write_text("[]")
    assert_mistake(run("train", config), "JSON object")
