import io
import struct
import wave
import zlib

import av
import numpy as np
import pytest
import soundfile
import torch

from engine.audio import decode
from engine.audio.decode import read
from engine.codecs.encodec import prepared
from engine.errors import AudioError

RATE = 24_000
SECONDS = 1.5
TONE = (0.4 * np.sin(2 * np.pi * 440 * np.arange(int(48_000 * SECONDS)) / 48_000)).astype(np.float32)

# container, codec: what people upload.
KINDS = [
    ("wav", "pcm_u8"),
    ("wav", "pcm_s16le"),
    ("wav", "pcm_s24le"),
    ("wav", "pcm_f32le"),
    ("aiff", "pcm_s16be"),
    ("flac", "flac"),
    ("mp3", "libmp3lame"),
    ("ogg", "libopus"),
    ("webm", "libopus"),
    ("matroska", "pcm_s16le"),
    ("mp4", "aac"),
    ("ipod", "aac"),
    ("adts", "aac"),
    ("asf", "wmav2"),
]


def encoded(container, codec, *, channels="mono", samples=TONE, rate=48_000):
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout=channels)
        stream.bit_rate = 128_000
        count = stream.layout.nb_channels
        frame = av.AudioFrame.from_ndarray(np.tile(samples, (count, 1)), format="fltp", layout=channels)
        frame.sample_rate = rate
        to_codec = av.AudioResampler(stream.format, channels, rate, frame_size=stream.codec_context.frame_size or None)
        for part in [*to_codec.resample(frame), *to_codec.resample(None)]:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return buffer.getvalue()


def wav(samples, rate=48_000, subtype="FLOAT"):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV", subtype=subtype)
    return buffer.getvalue()


def silent_video():
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        for _ in range(10):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")))
        file.mux(stream.encode(None))
    return buffer.getvalue()


@pytest.mark.parametrize(("container", "codec"), KINDS)
def test_every_common_kind_is_read(container, codec):
    samples = read(encoded(container, codec), sample_rate=RATE)
    assert samples.dtype == np.float32
    assert len(samples) / RATE == pytest.approx(SECONDS, abs=0.08)
    middle = samples[RATE // 4 : RATE]
    peak = np.fft.rfftfreq(len(middle), 1 / RATE)[np.abs(np.fft.rfft(middle)).argmax()]
    assert peak == pytest.approx(440, abs=3)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.4 / np.sqrt(2), rel=0.06)


def test_a_path_is_read_as_its_bytes(tmp_path):
    (tmp_path / "a.flac").write_bytes(encoded("flac", "flac"))
    by_path = read(tmp_path / "a.flac", sample_rate=RATE)
    np.testing.assert_array_equal(by_path, read((tmp_path / "a.flac").read_bytes(), sample_rate=RATE))
    np.testing.assert_array_equal(by_path, read(str(tmp_path / "a.flac"), sample_rate=RATE))


def test_samples_at_their_own_rate_are_exact():
    np.testing.assert_array_equal(read(wav(TONE), sample_rate=48_000), TONE)


def test_channels_are_averaged():
    stereo = np.stack([TONE, TONE * 0.5], axis=1)
    np.testing.assert_allclose(read(wav(stereo), sample_rate=48_000), TONE * 0.75, atol=1e-6)


def test_eight_channels_pass_and_nine_do_not():
    assert len(read(wav(np.tile(TONE[:, None], 8)), sample_rate=48_000)) == len(TONE)
    with pytest.raises(AudioError, match="at most 8"):
        read(wav(np.tile(TONE[:, None], 9)), sample_rate=48_000)


@pytest.mark.parametrize("rate", [4000, 384_000])
def test_rates_outside_the_limits_are_refused(rate):
    with pytest.raises(AudioError, match=f"{rate} samples a second"):
        read(wav(np.resize(TONE, rate * 2), rate), sample_rate=RATE)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(value):
    samples = TONE.copy()
    samples[1000] = value
    with pytest.raises(AudioError, match="not finite"):
        read(wav(samples), sample_rate=RATE)


def test_silence_is_refused_with_its_level():
    with pytest.raises(AudioError, match=r"silent \(-8\d dBFS\)"):
        read(wav(TONE * 2e-4), sample_rate=RATE)


def test_lengths_outside_the_limits_are_refused_with_the_limit():
    with pytest.raises(AudioError, match="at least 1 s"):
        read(wav(TONE[:24_000]), sample_rate=RATE)
    with pytest.raises(AudioError, match=r"longer than 1\.2 s"):
        read(wav(TONE), sample_rate=RATE, max_seconds=1.2)


def test_a_video_without_sound_says_so():
    with pytest.raises(AudioError, match="no sound in it"):
        read(silent_video(), sample_rate=RATE)


@pytest.mark.parametrize("container", ["wav", "mp3", "webm"])
def test_a_truncated_stream_gives_what_is_there(container):
    data = encoded(container, dict(KINDS)[container])
    samples = read(data[: int(len(data) * 0.8)], sample_rate=RATE)
    assert 1.0 <= len(samples) / RATE < SECONDS


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<html><body>404</body></html>" * 50,
        b"\x00" * 5000,
        wav(TONE)[:44],
        encoded("ipod", "aac")[:2000],
        encoded("flac", "flac")[:60],
        zlib.compress(b"x" * 10_000),
    ],
    ids=["empty", "text", "html", "zeros", "header only", "cut m4a", "cut flac", "zlib"],
)
def test_what_is_no_recording_is_an_error_of_one_line(data):
    with pytest.raises(AudioError) as caught:
        read(data, sample_rate=RATE)
    assert "\n" not in str(caught.value)


def test_a_wav_that_was_streamed_with_size_zero_is_read():
    data = bytearray(wav(TONE, subtype="PCM_16"))
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", 0)
    data[4:8] = struct.pack("<I", 0)
    assert len(read(bytes(data), sample_rate=48_000)) == len(TONE)


@pytest.fixture
def secret(tmp_path):
    with wave.open(str(tmp_path / "secret.wav"), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes((TONE * 32767).astype("<i2").tobytes())
    return tmp_path / "secret.wav"


@pytest.mark.parametrize("name", ["trick.wav", "trick.m3u8", "trick.mp3", "trick.ffconcat"])
@pytest.mark.parametrize(
    "script",
    [
        "ffconcat version 1.0\nfile secret.wav\n",
        "ffconcat version 1.0\nfile {secret}\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.5,\nsecret.wav\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.5,\nhttp://127.0.0.1:9/x.wav\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n",
    ],
)
def test_playlists_read_no_other_file(secret, name, script):
    trick = secret.with_name(name)
    trick.write_text(script.format(secret=secret))
    with pytest.raises(AudioError):
        read(trick, sample_rate=RATE)


@pytest.mark.parametrize(
    "name", ["http://127.0.0.1:9/a.wav", "concat:secret.wav|secret.wav", "file:secret.wav", "/dev/zero"]
)
def test_names_are_files_and_nothing_else(secret, monkeypatch, name):
    monkeypatch.chdir(secret.parent)
    with pytest.raises(AudioError, match="there is no file"):
        read(name, sample_rate=RATE)


def test_a_file_that_is_too_large_is_not_opened(tmp_path):
    with (tmp_path / "big.wav").open("wb") as file:
        file.truncate(decode.MAX_BYTES + 1)
    with pytest.raises(AudioError, match="at most 50 MB"):
        read(tmp_path / "big.wav", sample_rate=RATE)


def test_a_bomb_stops_at_the_limit():
    bomb = encoded("flac", "flac", samples=np.zeros(48_000 * 100, np.float32))
    assert len(bomb) < 100_000
    with pytest.raises(AudioError, match="longer than 5 s"):
        read(bomb, sample_rate=RATE, max_seconds=5)


def test_no_number_of_the_decoders_is_told_to_a_person(tmp_path):
    (tmp_path / "noise.mp3").write_bytes(bytes(range(256)) * 40)
    with pytest.raises(AudioError) as failure:
        read(tmp_path / "noise.mp3", sample_rate=24_000)
    told = "noise.mp3 is damaged, or of a kind that cannot be read here; try WAV, FLAC or MP3"
    assert str(failure.value) == told


def test_the_rate_may_be_changed_as_torchaudio_does(tmp_path):
    samples = np.random.default_rng(0).standard_normal((16_000, 2)).astype(np.float32) * 0.1
    soundfile.write(tmp_path / "in.wav", samples, 16_000, subtype="FLOAT")
    found = read(tmp_path / "in.wav", sample_rate=24_000, sinc=True)
    expected = prepared(torch.from_numpy(samples.T), 16_000)[0].numpy()
    assert np.abs(found - expected).max() < 1e-6
    assert np.abs(found - read(tmp_path / "in.wav", sample_rate=24_000)).max() > 1e-4


def test_a_recording_is_read_as_it_is_with_its_channels():
    loud, quiet = np.tile(TONE, 2), np.tile(0.1 * TONE, 2)
    samples, rate = decode.read_channels(wav(np.stack([loud, quiet], axis=1)), max_seconds=10)
    assert rate == 48_000
    assert samples.shape == (2, len(loud))
    np.testing.assert_allclose(samples, [loud, quiet], atol=1e-6)
    silent, _ = decode.read_channels(wav(np.zeros(100)), max_seconds=10)
    assert silent.shape == (1, 100)
    assert not silent.any()


def test_what_is_read_with_its_channels_has_bounds(monkeypatch):
    with pytest.raises(AudioError, match="longer than 1 s"):
        decode.read_channels(wav(TONE), max_seconds=1)
    monkeypatch.setattr(decode, "MAX_VALUES", 2 * 48_000)
    with pytest.raises(AudioError, match="longer than 1 s"):
        decode.read_channels(wav(np.stack([TONE, TONE], axis=1)), max_seconds=10)
    assert decode.read_channels(wav(TONE), max_seconds=10)[0].shape == (1, len(TONE))
    with pytest.raises(AudioError, match="not finite"):
        decode.read_channels(wav(np.full(100, np.nan)), max_seconds=10)
    with pytest.raises(AudioError, match="no sound"):
        decode.read_channels(wav(np.zeros(0)), max_seconds=10)
