"""Recordings of folders and of lists, and parts of their sound."""

import numpy as np
import pytest
import soundfile

from engine.errors import AudioError, ConfigError
from engine.training.recordings import count_samples, listed, read_part


@pytest.fixture
def folder(tmp_path):
    for name, text in (("b/2.wav", "two"), ("a/1.flac", "one"), ("a/3.wav", None)):
        path = tmp_path / "sounds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.linspace(-0.5, 0.5, 4800), 48_000)
        if text:
            path.with_suffix(".txt").write_text(f" {text} \n")
    (tmp_path / "sounds" / "a" / "notes.md").write_text("no recording")
    return tmp_path / "sounds"


def test_in_a_folder_the_transcript_lies_beside_and_the_folder_is_the_speaker(folder):
    found = listed(folder)
    assert [(each.name, each.speaker, each.text) for each in found] == [
        ("a/1.flac", "a", "one"), ("b/2.wav", "b", "two")
    ]  # fmt: skip
    assert len(listed(folder, with_text=False)) == 3


def test_libritts_normalized_transcripts_come_first(folder):
    (folder / "a" / "1.normalized.txt").write_text("number one")
    assert listed(folder)[0].text == "number one"


def test_a_list_is_that_of_the_released_code_or_shorter(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("wavs/a.wav|BZNSYP|ZH|你好\n\n/b/../c.wav|hello there\n", encoding="utf-8")
    first, second = listed(path)
    assert (first.path, first.speaker, first.language, first.text) == (tmp_path / "wavs/a.wav", "BZNSYP", "zh", "你好")
    assert second.text == "hello there"
    assert ".." not in second.name
    assert not second.name.startswith("/")


def test_mistakes_are_named(tmp_path, folder):
    path = tmp_path / "list.txt"
    path.write_text("a.wav|x|hello")
    with pytest.raises(ConfigError, match=r"line 1: 3 columns"):
        listed(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        listed(tmp_path / "nowhere.txt")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="there are no recordings in"):
        listed(tmp_path / "empty")
    (folder / "a" / "1.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"the transcript .*1\.txt"):
        listed(folder)


def test_a_part_is_read_at_the_rate_that_is_wanted(folder):
    path = folder / "b" / "2.wav"
    assert count_samples(path, 24_000) == 2400
    part = read_part(path, 24_000, 600, 1200)
    assert part.shape == (1200,)
    assert np.abs(part[100:-100] - np.linspace(-0.25, 0.25, 1200)[100:-100]).max() < 0.01
    # A short one is repeated.
    assert read_part(path, 24_000, 0, 6000).shape == (6000,)
    broken = folder / "x.wav"
    broken.write_bytes(b"no sound")
    for read in (lambda: count_samples(broken, 24_000), lambda: read_part(broken, 24_000, 0, 10)):
        with pytest.raises(AudioError, match=r"x\.wav cannot be read"):
            read()
