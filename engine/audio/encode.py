"""Sound to files: wav, flac, mp3, ogg and opus, each with its label, written whole or not at all.

All but Opus go through libsndfile, whose Opus has no setting but the slowest: for that it is libopus through PyAV.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from engine import atomic
from engine.audio.ogg import with_tags
from engine.errors import SaveError


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How libsndfile calls a kind of file, its media type, and the sample rates it takes (None: any)."""

    container: str
    subtype: str
    media_type: str
    rates: tuple[int, ...] | None = None


FORMATS: Mapping[str, Format] = {
    "wav": Format(container="WAV", subtype="PCM_16", media_type="audio/wav"),
    "flac": Format(container="FLAC", subtype="PCM_16", media_type="audio/flac"),
    "mp3": Format(
        container="MP3",
        subtype="MPEG_LAYER_III",
        media_type="audio/mpeg",
        rates=(8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
    ),
    "ogg": Format(container="OGG", subtype="VORBIS", media_type="audio/ogg"),
    "opus": Format(
        container="OGG", subtype="OPUS", media_type="audio/ogg; codecs=opus", rates=(8000, 12000, 16000, 24000, 48000)
    ),
}
# A third of the time of the slowest setting, for speech without a difference that can be heard; bits a second.
OPUS_COMPLEXITY, OPUS_BIT_RATE = 5, 48_000
# libsndfile's compressing writers keep a whole block on the stack, so they are fed about a second at a time.
_BLOCK = 1 << 15


def taken_rate(sample_rate: int, rates: tuple[int, ...] | None) -> int:
    """At which of ``rates`` (None: any) sound of ``sample_rate`` is encoded.

    The next rate above loses nothing; above all of them the highest is as good as the format gets.
    """
    if rates is None or sample_rate in rates:
        return sample_rate
    return min((rate for rate in rates if rate > sample_rate), default=max(rates))


def format_of(path: Path, *, raw: bool = False) -> str:
    """The key of `FORMATS` for a file's ending. Raises SaveError for an ending that cannot be written."""
    ending = path.suffix.lower().removeprefix(".")
    if raw and ending != "wav":
        raise SaveError("{path}: raw samples are written as 32-bit float WAV; let the name end in .wav", path=path.name)
    if ending not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise SaveError("{path}: the ending says no known format; use one of {known}", path=path.name, known=known)
    return ending


def check(path: Path, *, raw: bool = False) -> None:
    """Raises SaveError when `write` could not write there, so that nobody finds out after the work is done."""
    atomic.check(path)
    format_of(path, raw=raw)


def write(path: Path, samples: np.ndarray, sample_rate: int, label: Mapping[str, str], *, raw: bool = False) -> None:
    """Save mono float ``samples`` (n,) in the format that the ending names, replacing a file of that name in one step.

    ``raw`` writes them as they are: 32-bit float WAV without clipping and without the label. Raises SaveError.
    """
    format_of(path, raw=raw)
    if not raw:
        atomic.write(path, encode(samples, sample_rate, format_of(path), label))
        return
    _check_samples(samples)
    buffer = io.BytesIO()
    soundfile.write(buffer, np.asarray(samples, np.float32), sample_rate, format="WAV", subtype="FLOAT")
    atomic.write(path, buffer.getvalue())


def encode(samples: np.ndarray, sample_rate: int, format: str, label: Mapping[str, str]) -> bytes:  # noqa: A002
    """The bytes of a file of ``format`` (a key of `FORMATS`) with mono ``samples`` (n,), clipped to [-1, 1].

    The sound is resampled when the format does not take its rate. ``label`` maps tag names (comment, software, title,
    artist, copyright, date, ...) to texts. Raises SaveError for no samples, non-finite ones and unknown formats.
    """
    if format not in FORMATS:
        raise SaveError(
            "there is no format {format!r}; the formats are {formats}", format=format, formats=", ".join(FORMATS)
        )
    _check_samples(samples)
    if not np.isfinite(samples).all():
        raise SaveError(
            "the sound holds values that are not numbers, so it cannot be saved; try another seed or options"
        )
    kind = FORMATS[format]
    samples, sample_rate = _at_rate(np.asarray(samples, np.float32), sample_rate, kind.rates)
    samples = np.clip(samples, -1.0, 1.0)
    try:
        return (_opus if kind.subtype == "OPUS" else _sndfile)(samples, sample_rate, kind, label)
    except soundfile.SoundFileError as error:
        raise SaveError(
            "the sound cannot be written as {format} at {sample_rate} Hz: {error}",
            format=format,
            sample_rate=sample_rate,
            error=error,
        ) from error


def _sndfile(samples: np.ndarray, sample_rate: int, kind: Format, label: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", sample_rate, 1, kind.subtype, format=kind.container) as file:
        for tag, value in label.items():
            setattr(file, tag, value)
        for start in range(0, len(samples), _BLOCK):
            file.write(samples[start : start + _BLOCK])
    return buffer.getvalue()


def _opus(samples: np.ndarray, sample_rate: int, kind: Format, label: Mapping[str, str]) -> bytes:
    import av  # a tenth of a second, which the page need not wait for

    buffer = io.BytesIO()
    # Nothing of this can fail on samples and rates that were checked: there is no file and no network in it.
    with av.open(buffer, "w", format=kind.container.lower()) as file:
        stream = file.add_stream("libopus", rate=sample_rate, layout="mono")
        stream.bit_rate = OPUS_BIT_RATE
        stream.options = {"compression_level": str(OPUS_COMPLEXITY), "application": "audio"}
        for start in range(0, len(samples), _BLOCK):
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + _BLOCK], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = sample_rate, start
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return with_tags(buffer.getvalue(), label, vendor="libopus")


def _check_samples(samples: np.ndarray) -> None:
    if np.ndim(samples) != 1:
        raise SaveError("the sound has the shape {samples}; one channel (n,) is expected", samples=np.shape(samples))
    if len(samples) == 0:
        raise SaveError("there is no sound to save: the result is empty")


def _at_rate(samples: np.ndarray, sample_rate: int, rates: tuple[int, ...] | None) -> tuple[np.ndarray, int]:
    target = taken_rate(sample_rate, rates)
    return (samples if target == sample_rate else soxr.resample(samples, sample_rate, target, quality="HQ")), target
