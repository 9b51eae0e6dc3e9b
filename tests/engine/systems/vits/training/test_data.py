"""Training data: lists, recordings of any format, spectrograms that are never stale, the published batches."""

import logging
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from engine.audio.stft import linear_spectrogram
from engine.errors import AudioError, ConfigError
from engine.systems.vits.config import AudioConfig
from engine.systems.vits.training.data import (
    BucketSampler,
    Item,
    Recordings,
    Utterance,
    collate,
    read_audio,
    read_filelist,
    select,
)

AUDIO = AudioConfig(
    sampling_rate=16_000, filter_length=256, hop_length=64, win_length=256, n_mel_channels=20, mel_fmin=0.0,
    mel_fmax=None,
)  # fmt: skip


def _tone(path: Path, rate: int = 16_000, *, subtype: str = "PCM_16", channels: int = 1) -> Path:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate // 2) / rate)
    soundfile.write(path, np.stack([tone] * channels, axis=1), rate, subtype=subtype)
    return path


def _utterance(path: Path, frames: int = 125) -> Utterance:
    return Utterance(path=path, speaker=0, ids=(1, 2, 3), frames=frames)


# -- lists --------------------------------------------------------------------------------------------------------


def test_a_list_has_two_columns_for_one_speaker_and_three_for_several(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("a.wav|hé\n\nsub/b.wav|there\n", encoding="utf-8")
    first, second = read_filelist(path, tmp_path, {})
    assert (first.path, first.speaker, first.text) == (tmp_path / "a.wav", 0, "hé")
    assert second.path == tmp_path / "sub" / "b.wav"
    path.write_text("a.wav|1|one\nb.wav|Ann|two\n", encoding="utf-8")
    assert [entry.speaker for entry in read_filelist(path, tmp_path, {"Ann": 0, "Bob": 1})] == [1, 0]


@pytest.mark.parametrize(
    ("line", "speakers", "message"),
    [
        ("a.wav", {}, r"list.txt, line 2: 1 columns where path\|text was expected"),
        ("a.wav|0|text", {}, r"3 columns where path\|text"),
        ("a.wav|text", {"Ann": 0, "Bob": 1}, r"2 columns where path\|speaker\|text"),
        ("a.wav|2|text", {"Ann": 0, "Bob": 1}, "no speaker '2'; there are 2, numbered from 0"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, speakers, message):
    good = "a.wav|0|text" if speakers else "a.wav|text"
    (tmp_path / "list.txt").write_text(f"{good}\n{line}\n")
    with pytest.raises(ConfigError, match=message):
        read_filelist(tmp_path / "list.txt", tmp_path, speakers)


def test_an_empty_list_is_named(tmp_path):
    (tmp_path / "list.txt").write_text("\n \n")
    with pytest.raises(ConfigError, match=r"list\.txt is empty"):
        read_filelist(tmp_path / "list.txt", tmp_path, {})


def test_a_missing_list_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"the file list .*nowhere\.txt cannot be read"):
        read_filelist(tmp_path / "nowhere.txt", tmp_path, {})


def test_what_cannot_be_trained_on_is_counted(tmp_path):
    _tone(tmp_path / "a.wav")
    path = tmp_path / "list.txt"
    path.write_text("a.wav|fine\na.wav|" + "x" * 30 + "\na.wav|\na.wav|long enough\n")
    entries = read_filelist(path, tmp_path, {})
    kept, dropped = select(entries, lambda text: range(40 * len(text)), AUDIO, (1, 20))
    assert [utterance.path.name for utterance in kept] == []
    assert dropped == {"text outside 1..20 characters": 2, "more symbols than frames of sound": 2}
    kept, dropped = select(entries, lambda text: range(len(text)), AUDIO, (1, 20))
    assert [(len(utterance.ids), utterance.frames) for utterance in kept] == [(4, 125), (11, 125)]


# -- sound --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "PCM_U8"])
def test_every_sample_format_has_the_same_scale(tmp_path, subtype):
    samples = read_audio(_tone(tmp_path / "a.wav", subtype=subtype), 16_000)
    assert samples.dtype == torch.float32
    assert samples.abs().max() == pytest.approx(0.5, abs=0.01)


def test_channels_are_mixed_and_rates_converted(tmp_path):
    samples = read_audio(_tone(tmp_path / "a.wav", 44_100, channels=2), 16_000)
    assert len(samples) == 8000
    spectrum = torch.fft.rfft(samples).abs()
    assert spectrum.argmax() == 220  # 440 Hz in half a second


def test_unreadable_recordings_are_named(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF, but no more")
    with pytest.raises(AudioError, match=r"a\.wav cannot be read"):
        read_audio(tmp_path / "a.wav", 16_000)
    soundfile.write(tmp_path / "b.wav", np.array([np.nan, 0.0]), 16_000, subtype="FLOAT")
    with pytest.raises(AudioError, match="samples that are no numbers"):
        read_audio(tmp_path / "b.wav", 16_000)


# -- spectrograms -------------------------------------------------------------------------------------------------


def test_a_kept_spectrogram_is_used_until_anything_changes(tmp_path):
    recording, cache = _tone(tmp_path / "a.wav"), tmp_path / "cache"
    fresh = Recordings([_utterance(recording)], AUDIO, cache)[0].spectrogram
    torch.testing.assert_close(fresh, linear_spectrogram(read_audio(recording, 16_000)[None], 256, 64, 256)[0])
    (kept,) = cache.rglob("*.npy")
    np.save(kept, np.full_like(fresh, 7.0))
    assert (Recordings([_utterance(recording)], AUDIO, cache)[0].spectrogram == 7).all()

    # Another analysis has another file; a newer recording makes the kept one stale.
    other = AudioConfig(**{name: getattr(AUDIO, name) for name in AUDIO.__slots__} | {"hop_length": 128})
    assert Recordings([_utterance(recording)], other, cache)[0].spectrogram.shape == (129, 62)
    os.utime(recording, ns=(0, kept.stat().st_mtime_ns + 1_000_000_000))
    torch.testing.assert_close(Recordings([_utterance(recording)], AUDIO, cache)[0].spectrogram, fresh)


def test_a_damaged_spectrogram_is_computed_anew(tmp_path, caplog):
    recording, cache = _tone(tmp_path / "a.wav"), tmp_path / "cache"
    recordings = Recordings([_utterance(recording)], AUDIO, cache)
    fresh = recordings[0].spectrogram
    (kept,) = cache.rglob("*.npy")
    kept.write_bytes(kept.read_bytes()[:200])
    with caplog.at_level(logging.WARNING):
        torch.testing.assert_close(recordings[0].spectrogram, fresh)
    assert "is damaged" in caplog.text


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    recordings = Recordings([_utterance(_tone(tmp_path / "a.wav"))], AUDIO, tmp_path / "file" / "cache")
    assert recordings[0].spectrogram.shape == (129, 125)
    assert "are not kept" in caplog.text


def test_in_memory_a_recording_is_read_once(tmp_path):
    path = _tone(tmp_path / "a.wav")
    recordings = Recordings([_utterance(path)], AUDIO, None, in_memory=True)
    first = recordings[0]
    path.unlink()
    assert recordings[0] is first


# -- batches ------------------------------------------------------------------------------------------------------


def test_a_batch_is_padded_and_sorted_by_length():
    items = [Item(torch.arange(1, n + 1), torch.full((3, 2 * n), float(n)), torch.ones(8 * n), n) for n in (2, 4, 3)]
    batch = collate(items)
    assert batch.speakers.tolist() == [4, 3, 2]
    assert batch.ids.tolist() == [[1, 2, 3, 4], [1, 2, 3, 0], [1, 2, 0, 0]]
    assert batch.id_lengths.tolist() == [4, 3, 2]
    assert batch.frame_lengths.tolist() == [8, 6, 4]
    assert batch.spectrograms.shape == (3, 3, 8)
    assert batch.spectrograms[2, :, 4:].abs().sum() == 0
    assert batch.samples.sum((1, 2)).tolist() == [32, 24, 16]


def test_batches_are_the_published_ones(golden_json):
    lengths = []
    for case in golden_json("bucket_sampler"):
        lengths = case["lengths"] if isinstance(case["lengths"], list) else lengths
        sampler = BucketSampler(lengths, case["batch_size"], replicas=case["num_replicas"], rank=case["rank"])
        batches = sampler.batches(case["epoch"])
        assert batches == case["batches"]
        assert len(sampler) == case["n_batches"] == len(batches)


def test_what_fits_no_bucket_is_counted_and_empty_buckets_do_no_harm():
    sampler = BucketSampler([10, 350, 1001, 360], 2)
    assert sampler.dropped == 2
    assert sorted(sampler.batches(1)[0]) == [1, 3]
    with pytest.raises(ConfigError, match="none of 2 recordings has more than 32 and at most 1000 frames"):
        BucketSampler([10, 2000], 2)
