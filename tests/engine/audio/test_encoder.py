"""Streams of every format: what goes in piece by piece is what a player hears, with its label."""

import io

import av
import numpy as np
import pytest

from engine.audio.encode import taken_rate
from engine.audio.encoder import PCM_RATE, STREAM_FORMATS, Encoder
from engine.audio.label import STATEMENT
from engine.errors import SaveError

LABEL = {"comment": f"{STATEMENT}. {{}}", "software": "Polyphone", "title": STATEMENT}
LOSSLESS = {"flac", "wav", "pcm"}


def tone(seconds: float, rate: int, pitch: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def encoded(format: str, samples: np.ndarray, rate: int, size: int = 2000) -> list[bytes]:  # noqa: A002
    with Encoder(format, rate, LABEL) as encoder:
        pieces = [encoder.push(samples[start : start + size]) for start in range(0, len(samples), size)]
        return [*pieces, encoder.finish()]


def decoded(format: str, data: bytes) -> tuple[np.ndarray, int, dict[str, str]]:  # noqa: A002
    if format == "pcm":
        return np.frombuffer(data, "<i2") / 32_767, PCM_RATE, {}
    with av.open(io.BytesIO(data)) as file:
        stream = file.streams.audio[0]
        resampler = av.AudioResampler("flt", "mono")
        frames = [each.to_ndarray()[0] for frame in file.decode(audio=0) for each in resampler.resample(frame)]
        return np.concatenate(frames), stream.rate, {**file.metadata, **stream.metadata}


@pytest.mark.parametrize("rate", [24_000, 22_050, 44_100, 17_000])
@pytest.mark.parametrize("format", STREAM_FORMATS)
def test_what_is_pushed_is_what_is_heard(format: str, rate: int) -> None:  # noqa: A002
    sound = tone(1.5, rate)
    heard, heard_rate, _ = decoded(format, b"".join(encoded(format, sound, rate)))
    rates = STREAM_FORMATS[format].rates or (rate,)
    assert heard_rate == (48_000 if format == "opus" else taken_rate(rate, rates))
    assert len(heard) / heard_rate == pytest.approx(1.5, abs=0.12)
    assert 0.3 < np.sqrt(np.mean(heard[len(heard) // 4 : len(heard) // 2] ** 2)) < 0.4
    crossings = np.count_nonzero(np.diff(np.signbit(heard[len(heard) // 4 : 3 * len(heard) // 4])))
    assert crossings / 2 / (len(heard) / 2 / heard_rate) == pytest.approx(440, rel=0.02)
    if format in LOSSLESS and heard_rate == rate:
        np.testing.assert_allclose(heard, sound, atol=1e-4)


@pytest.mark.parametrize("format", STREAM_FORMATS)
def test_the_pieces_make_no_difference(format: str) -> None:  # noqa: A002
    sound = tone(1.0, 22_050)
    whole, pieces = (decoded(format, b"".join(encoded(format, sound, 22_050, size)))[0] for size in (30_000, 701))
    assert len(whole) == len(pieces)
    np.testing.assert_allclose(whole, pieces, atol=2e-3)


@pytest.mark.parametrize("format", STREAM_FORMATS)
def test_sound_leaves_as_it_comes(format: str) -> None:  # noqa: A002
    pieces = encoded(format, tone(3.0, 24_000), 24_000, size=4800)
    sizes = np.cumsum([len(piece) for piece in pieces])
    # A second in, well over half of the bytes of a second are out.
    assert sizes[4] > 0.6 * sizes[-1] / 3
    assert sizes[1] > 0


@pytest.mark.parametrize("format", sorted(STREAM_FORMATS.keys() - {"aac", "pcm"}))
def test_a_stream_says_that_a_machine_speaks(format: str) -> None:  # noqa: A002
    tags = decoded(format, b"".join(encoded(format, tone(0.5, 24_000), 24_000)))[2]
    assert tags.get("comment", tags.get("COMMENT", "")).startswith(STATEMENT)


def test_a_stream_says_no_length() -> None:
    wav = b"".join(encoded("wav", tone(0.5, 24_000), 24_000))
    assert wav[4:8] == b"\xff\xff\xff\xff"
    assert wav[wav.index(b"data") + 4 :][:4] == b"\xff\xff\xff\xff"
    mp3 = b"".join(encoded("mp3", tone(0.5, 24_000), 24_000))
    assert b"Xing" not in mp3
    assert b"Info" not in mp3


@pytest.mark.parametrize("format", STREAM_FORMATS)
def test_the_shortest_sound_and_none_at_all(format: str) -> None:  # noqa: A002
    assert decoded(format, b"".join(encoded(format, tone(0.01, 24_000), 24_000)))[0].size > 0
    encoded(format, np.zeros(0, np.float32), 24_000)


def test_what_is_too_loud_is_clipped_and_an_unknown_format_is_told() -> None:
    heard = decoded("pcm", b"".join(encoded("pcm", np.full(2400, 3.0, np.float32), PCM_RATE)))[0]
    assert np.all(heard == 1.0)
    with pytest.raises(SaveError, match="no format 'ogv'; the formats are mp3, opus, aac, flac, wav, pcm"):
        Encoder("ogv", 24_000, {})
