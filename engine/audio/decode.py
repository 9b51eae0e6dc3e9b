"""Recordings from outside to samples. Every file is hostile until it has been checked.

PyAV decodes, from a file object and with a list of allowed formats: opened by name, a playlist or a concat script
would read other files of this machine or of the network.
"""

import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
import soxr

from engine.errors import AudioError
from engine.message import Message, why

MAX_BYTES = 50 * 1024 * 1024
MAX_CHANNELS = 8
# Of a recording that is read as it is, channels and all: 128 MB.
MAX_VALUES = 2**25
RATES = range(8_000, 192_001)
SILENCE_DBFS = -60.0
DEADLINE_S = 30.0

_FORMATS = "wav,aiff,mp3,flac,ogg,matroska,webm,mov,mp4,m4a,aac,amr,asf"
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "pipe"}


@dataclass(slots=True)
class _Sound:
    """What has been decoded so far: pieces (n, channels) at ``rate``."""

    pieces: list[np.ndarray]
    rate: int = 0


def read(
    source: str | Path | bytes,
    *,
    sample_rate: int,
    max_seconds: float = 60.0,
    min_seconds: float = 1.0,
    sinc: bool = False,
) -> np.ndarray:
    """A recording as mono float32 samples (n,) in about [-1, 1] at ``sample_rate``.

    ``source`` is a file or its bytes: wav, aiff, mp3, flac, ogg, opus, webm, mkv, mp4, m4a, aac, amr, wma; of a video
    the sound. Channels are averaged. With ``sinc`` the rate is changed as torchaudio does it by default, for networks
    that heard sound so.

    Raises AudioError when it is no such file, is damaged, or breaks a limit: 50 MB, 8 channels, 8-192 kHz,
    ``max_seconds``, ``min_seconds``, values that are not finite, silence.
    """
    samples, rate = read_mono(source, max_seconds=max_seconds, min_seconds=min_seconds)
    if sinc:
        return _by_sinc(samples, rate, sample_rate)
    return soxr.resample(samples, rate, sample_rate, quality="HQ").astype(np.float32, copy=False)


def read_mono(
    source: str | Path | bytes, *, max_seconds: float = 60.0, min_seconds: float = 1.0
) -> tuple[np.ndarray, int]:
    """The same at the rate that the recording has: samples (n,) and that. Raises what `read` raises."""
    name: str = Message("the recording") if isinstance(source, bytes) else Path(source).name
    with _open(source, name) as file:
        sound = _decode(file, name, max_seconds, mono=True)
    samples = _joined(sound, name)[0]
    level = 20 * np.log10(max(float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))), 1e-10))
    if level < SILENCE_DBFS:
        raise AudioError("{name} is silent ({level:.0f} dBFS); record it louder", name=name, level=level)
    seconds = len(samples) / sound.rate
    if seconds < min_seconds:
        raise AudioError(
            "{name} is {seconds:.2f} s long; at least {min_seconds:g} s are needed",
            name=name,
            seconds=seconds,
            min_seconds=min_seconds,
        )
    return samples, sound.rate


def read_channels(source: str | Path | bytes, *, max_seconds: float) -> tuple[np.ndarray, int]:
    """A recording as it is: float32 samples (channels, n) and their rate, silent or short as it may be.

    Raises AudioError when it is no such file as `read` takes, is damaged, or breaks a limit: 50 MB, 8 channels, 8-192
    kHz, ``max_seconds``, `MAX_VALUES` samples in all channels together, values that are not finite.
    """
    name: str = Message("the recording") if isinstance(source, bytes) else Path(source).name
    with _open(source, name) as file:
        sound = _decode(file, name, max_seconds, mono=False)
    return _joined(sound, name), sound.rate


def _joined(sound: _Sound, name: str) -> np.ndarray:
    """All pieces as (channels, n)."""
    if not sum(map(len, sound.pieces)):
        raise AudioError("{name} holds no sound: it is empty or cut off", name=name)
    samples = np.ascontiguousarray(np.concatenate(sound.pieces).T)
    if not np.isfinite(samples).all():
        raise AudioError("{name} holds values that are not finite numbers; export it again as PCM", name=name)
    return samples


def _by_sinc(samples: np.ndarray, rate: int, target: int) -> np.ndarray:
    import torch  # seconds, for those alone who want it
    import torchaudio

    return torchaudio.functional.resample(torch.from_numpy(samples).float(), rate, target).numpy()


def _open(source: str | Path | bytes, name: str) -> BinaryIO:
    if isinstance(source, bytes):
        size = len(source)
    else:
        path = Path(source)
        if not path.is_file():
            raise AudioError("there is no file {path}", path=path)
        size = path.stat().st_size
    if size == 0:
        raise AudioError("{name} is empty", name=name)
    if size > MAX_BYTES:
        raise AudioError(
            "{name} has {size:.0f} MB; at most {max_bytes} MB are read",
            name=name,
            size=size / 2**20,
            max_bytes=MAX_BYTES // 2**20,
        )
    try:
        return io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb")
    except OSError as error:
        raise AudioError("{name} cannot be opened: {strerror}", name=name, strerror=why(error)) from error


def _decode(file: BinaryIO, name: str, max_seconds: float, *, mono: bool) -> _Sound:
    sound = _Sound([])
    give_up = time.monotonic() + DEADLINE_S
    try:
        with av.open(file, mode="r", options=_OPTIONS) as container:
            length = 0
            for piece, rate in _frames(container, name):
                sound.pieces.append(piece.mean(axis=1, dtype=np.float32, keepdims=True) if mono else piece)
                length += len(piece)
                if sound.rate not in (0, rate):
                    raise AudioError("{name} changes its sample rate half-way; export it again", name=name)
                sound.rate = rate
                most_s = max_seconds if mono else min(max_seconds, MAX_VALUES // (rate * piece.shape[1]))
                if length > most_s * rate:
                    raise AudioError("{name} is longer than {max_seconds:g} s; cut it", name=name, max_seconds=most_s)
                if time.monotonic() > give_up:
                    raise AudioError(
                        "{name} takes more than {deadline_s:g} s to decode; export it as WAV",
                        name=name,
                        deadline_s=DEADLINE_S,
                    )
    # PyAV raises its own errors, and plain ValueErrors for parameters that make no sense.
    except (av.FFmpegError, ValueError, MemoryError) as error:
        raise AudioError(
            "{name} is damaged, or of a kind that cannot be read here; try WAV, FLAC or MP3", name=name
        ) from error
    return sound


def _frames(container: "av.container.InputContainer", name: str) -> Iterator[tuple[np.ndarray, int]]:
    """Float32 pieces (n, channels) and their rate."""
    if not container.streams.audio:
        raise AudioError("{name} has no sound in it", name=name)
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise AudioError("{name} holds sound in a coding that is not known here; try WAV, FLAC or MP3", name=name)
    # Interleaved, since taking apart the planes of an unusual channel layout crashes PyAV 18.1.
    to_float = av.AudioResampler(format="flt")
    for frame in container.decode(stream):
        channels, rate = frame.layout.nb_channels, frame.sample_rate
        if channels > MAX_CHANNELS:
            raise AudioError(
                "{name} has {channels} channels; at most {max_channels} are read",
                name=name,
                channels=channels,
                max_channels=MAX_CHANNELS,
            )
        if rate not in RATES:
            raise AudioError(
                "{name} has {rate} samples a second; {start} to {stop} are read",
                name=name,
                rate=rate,
                start=RATES.start,
                stop=RATES.stop - 1,
            )
        for converted in to_float.resample(frame):
            yield converted.to_ndarray().reshape(-1, channels), rate
