import errno
import hashlib
import io
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from engine import atomic
from engine.audio import encode
from engine.audio.label import STATEMENT, VERSION, facts, label
from engine.errors import SaveError
from engine.options import slider
from engine.request import SynthesisRequest, VoicePrompt

RATE = 22_050
TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    noise_scale: float = slider(0.667, 0.0, 1.2, step=0.001, help="x")


REQUEST = SynthesisRequest(
    system="vits",
    text="Où est 中文?",
    options=Options(),
    voice="slt",
    seed=7,
    language="en",
    checkpoint=Path("/a/G_1.pth"),
)


def tags(data: bytes) -> dict[str, str]:
    """What an independent reader finds in the container or its sound stream, names in lower case."""
    with av.open(io.BytesIO(data)) as container:
        found = {**container.metadata, **container.streams.audio[0].metadata}
    return {name.lower(): value for name, value in found.items()}


@pytest.mark.parametrize("kind", encode.FORMATS)
def test_every_format_carries_its_label_and_the_sound(kind):
    data = encode.encode(TONE, RATE, kind, label(REQUEST))
    comment = tags(data)["comment"]
    assert comment.startswith(STATEMENT)
    found = facts(comment)
    assert found == {
        "ai_generated": True,
        "text_sha256": hashlib.sha256(REQUEST.text.encode()).hexdigest(),
        "system": "vits",
        "voice": "slt",
        "language": "en",
        "seed": 7,
        "options": {"noise_scale": 0.667},
        "version": VERSION,
        "checkpoint": "G_1.pth",
    }
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    assert len(samples) / rate == pytest.approx(1.0, abs=0.06)
    middle = samples[rate // 4 : -rate // 4]
    peak = np.fft.rfftfreq(len(middle), 1 / rate)[np.abs(np.fft.rfft(middle)).argmax()]
    assert peak == pytest.approx(440, abs=3)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_lossless_formats_give_the_samples_back():
    for kind in ("wav", "flac"):
        samples, rate = soundfile.read(io.BytesIO(encode.encode(TONE, RATE, kind, {})), dtype="float32")
        assert rate == RATE
        np.testing.assert_allclose(samples, TONE, atol=1 / 32767)


def test_loud_samples_are_clipped_not_wrapped():
    samples, _ = soundfile.read(io.BytesIO(encode.encode(TONE * 4, RATE, "wav", {})), dtype="float32")
    np.testing.assert_allclose(samples, np.clip(TONE * 4, -1, 1), atol=1 / 16384)


@pytest.mark.parametrize(
    ("kind", "rate", "written"), [("opus", 22_050, 24_000), ("mp3", 96_000, 48_000), ("wav", 7350, 7350)]
)
def test_rates_that_a_format_lacks_are_resampled(kind, rate, written):
    data = encode.encode(np.resize(TONE, rate), rate, kind, {})
    assert soundfile.info(io.BytesIO(data)).samplerate == written


def test_long_sound_is_encoded_in_blocks():
    data = encode.encode(np.resize(TONE, RATE * 120), RATE, "ogg", {})
    assert soundfile.info(io.BytesIO(data)).duration == pytest.approx(120, abs=0.1)


@pytest.mark.parametrize("ending", ["wav", "FLAC", "mp3", "ogg", "opus"])
def test_the_ending_says_the_format(tmp_path, ending):
    encode.write(tmp_path / f"a.{ending}", TONE, RATE, label(REQUEST))
    assert tags((tmp_path / f"a.{ending}").read_bytes())["comment"].startswith(STATEMENT)
    assert [path.name for path in tmp_path.iterdir()] == [f"a.{ending}"]


def test_raw_is_untouched_float_without_label(tmp_path):
    loud = TONE * 3
    encode.write(tmp_path / "raw.wav", loud, RATE, label(REQUEST), raw=True)
    info = soundfile.info(tmp_path / "raw.wav")
    assert (info.subtype, info.samplerate, info.channels) == ("FLOAT", RATE, 1)
    np.testing.assert_array_equal(soundfile.read(tmp_path / "raw.wav", dtype="float32")[0], loud)
    assert "comment" not in tags((tmp_path / "raw.wav").read_bytes())


@pytest.mark.parametrize("name", ["a.xyz", "a", "a.wav.txt"])
def test_unknown_endings_name_the_known_ones(tmp_path, name):
    with pytest.raises(SaveError, match=r"\.wav, \.flac, \.mp3, \.ogg, \.opus"):
        encode.check(tmp_path / name)


def test_raw_needs_a_wav(tmp_path):
    with pytest.raises(SaveError, match=r"\.wav"):
        encode.check(tmp_path / "a.mp3", raw=True)


def test_places_that_cannot_be_written_are_found_before(tmp_path):
    with pytest.raises(SaveError, match="no folder"):
        encode.check(tmp_path / "missing" / "a.wav")
    (tmp_path / "a.wav").mkdir()
    with pytest.raises(SaveError, match="is a folder"):
        encode.check(tmp_path / "a.wav")


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros((2, 5), np.float32), np.array([0.0, np.inf])])
def test_what_is_no_sound_is_refused(tmp_path, samples):
    with pytest.raises(SaveError):
        encode.write(tmp_path / "a.wav", samples, RATE, {})
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "a.wav"
    encode.write(target, TONE, RATE, {})
    before = target.read_bytes()
    real = Path.open

    def on_a_full_disk(path, mode="r", *arguments, **named):
        file = real(path, mode, *arguments, **named)
        if path.name.endswith(".part"):
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, file.fileno())
            os.close(full)
        return file

    monkeypatch.setattr(Path, "open", on_a_full_disk)
    with pytest.raises(SaveError, match="the disk is full") as caught:
        encode.write(target, TONE * 0.5, RATE, {})
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_write_that_is_interrupted_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        atomic.write(tmp_path / "a.wav", b"data")
    assert list(tmp_path.iterdir()) == []


def test_the_text_is_in_the_label_only_as_a_hash():
    comment = label(REQUEST)["comment"]
    assert "中文" not in comment
    assert "est" not in comment


def test_a_cloned_voice_is_said():
    prompt = VoicePrompt(samples=TONE, sample_rate=RATE)
    request = SynthesisRequest(system="vits", text="x", options=Options(), prompt=prompt)
    assert facts(label(request)["comment"])["voice"] == "from a recording"


@pytest.mark.parametrize("comment", ["", "holiday 2019", f"{STATEMENT}. not json", f"{STATEMENT}. [1]"])
def test_other_comments_hold_no_facts(comment):
    assert facts(comment) == {}


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION
