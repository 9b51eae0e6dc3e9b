"""Sound to bytes while it is still being made: what is pushed in comes out as the next bytes of one stream.

    with Encoder("mp3", sample_rate, label(request)) as encoder:
        for chunk in chunks:
            send(encoder.push(chunk.samples))
        send(encoder.finish())

`engine.audio.encode` writes whole files, and better ones: here no header knows how long the sound will be. A WAV says
so by the length 0xFFFFFFFF, a FLAC by 0, and the mp3 has no Xing header, which some players take for a length.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import TracebackType
from typing import Any

import numpy as np
import soxr

from engine.audio.encode import FORMATS, OPUS_BIT_RATE, OPUS_COMPLEXITY, taken_rate
from engine.audio.ogg import with_tags
from engine.errors import SaveError

BIT_RATE = 64_000  # of mp3 and AAC, mono
PCM_RATE = 24_000
_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFormat:
    """How FFmpeg calls a container and a codec, the media type, and the sample rates that it takes (None: any).

    ``sample_format`` is s16 or flt; without a container the samples are sent as they are.
    """

    media_type: str
    container: str = ""
    codec: str = ""
    sample_format: str = "s16"
    rates: tuple[int, ...] | None = None
    bit_rate: int | None = None
    codec_options: Mapping[str, str] = field(default_factory=dict)
    container_options: Mapping[str, str] = field(default_factory=dict)


STREAM_FORMATS: Mapping[str, StreamFormat] = {
    "mp3": StreamFormat(
        media_type="audio/mpeg", container="mp3", codec="libmp3lame", sample_format="flt",
        rates=FORMATS["mp3"].rates, bit_rate=BIT_RATE, container_options={"write_xing": "0", "id3v2_version": "3"},
    ),
    "opus": StreamFormat(
        media_type="audio/opus", container="ogg", codec="libopus", sample_format="flt",
        rates=FORMATS["opus"].rates, bit_rate=OPUS_BIT_RATE,
        codec_options={"compression_level": str(OPUS_COMPLEXITY), "application": "audio"},
        # Pages of a second, as they are otherwise, would hold the first sound back; microseconds.
        container_options={"page_duration": "100000"},
    ),
    "aac": StreamFormat(
        media_type="audio/aac", container="adts", codec="aac", sample_format="flt", rates=_AAC_RATES, bit_rate=BIT_RATE
    ),
    "flac": StreamFormat(media_type="audio/flac", container="flac", codec="flac"),
    "wav": StreamFormat(media_type="audio/wav", container="wav", codec="pcm_s16le"),
    "pcm": StreamFormat(media_type="audio/pcm", rates=(PCM_RATE,)),
}  # fmt: skip


class _Sink:
    """Where FFmpeg writes; it cannot go back."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes) -> int:
        self._bytes += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._bytes)
        self._bytes.clear()
        return taken


class Encoder:
    """One stream of ``format`` (a key of `STREAM_FORMATS`) for mono sound at ``sample_rate``; close it, or use `with`.

    ``label`` maps tag names (comment, software, title) to texts; AAC and PCM take none. The sound is resampled where
    the format does not take its rate. Raises SaveError for an unknown format.
    """

    def __init__(self, format: str, sample_rate: int, label: Mapping[str, str]) -> None:  # noqa: A002
        if format not in STREAM_FORMATS:
            raise SaveError(
                "there is no format {format!r}; the formats are {formats}",
                format=format[:20],
                formats=", ".join(STREAM_FORMATS),
            )
        self._format = kind = STREAM_FORMATS[format]
        self._rate = taken_rate(sample_rate, kind.rates)
        self._resampler = (
            soxr.ResampleStream(sample_rate, self._rate, 1, dtype="float32", quality="HQ")
            if self._rate != sample_rate
            else None
        )
        self._tags = label if kind.container == "ogg" else {}
        self._sink = _Sink()
        self._pushed = 0
        self._file: Any = None
        if kind.container:
            self._open(kind, label)

    def push(self, samples: np.ndarray) -> bytes:
        """The bytes that mono float ``samples`` (n,) bring, clipped to [-1, 1]; there may be none yet."""
        samples = np.ascontiguousarray(samples, np.float32)
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        return self._encoded(samples)

    def finish(self) -> bytes:
        """The last bytes of the stream."""
        rest = np.zeros(0, np.float32)
        if self._resampler is not None:
            rest = self._resampler.resample_chunk(rest, last=True)
        last = self._encoded(rest)
        if self._file is None:
            return last
        self._file.mux(self._stream.encode(None))
        self.close()
        return last + self._taken()

    def close(self) -> None:
        """Let go of the codec, whether the stream is finished or not; twice is no harm."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> "Encoder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, kind: StreamFormat, label: Mapping[str, str]) -> None:
        import av  # a tenth of a second, which the page need not wait for

        self._file = av.open(self._sink, "w", format=kind.container, options=dict(kind.container_options))
        self._file.metadata.update(label)
        self._stream = self._file.add_stream(kind.codec, rate=self._rate, layout="mono")
        self._stream.options = dict(kind.codec_options)
        if kind.bit_rate is not None:
            self._stream.bit_rate = kind.bit_rate

    def _encoded(self, samples: np.ndarray) -> bytes:
        samples = np.clip(samples, -1.0, 1.0)
        if self._format.sample_format == "s16":
            samples = np.round(samples * 32_767).astype("<i2")
        if self._file is None:
            return samples.tobytes()
        if samples.size:
            import av

            frame = av.AudioFrame.from_ndarray(samples[None], format=self._format.sample_format, layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = self._rate, self._pushed, Fraction(1, self._rate)
            self._pushed += samples.size
            self._file.mux(self._stream.encode(frame))
        return self._taken()

    def _taken(self) -> bytes:
        taken = self._sink.take()
        if taken and self._tags:  # both pages of the header come at once
            taken, self._tags = with_tags(taken, self._tags, vendor="libopus"), {}
        return taken
