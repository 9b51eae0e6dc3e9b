"""What a recording must be to be said in another voice, and what its file says of it afterwards."""

import contextlib
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np

from engine.errors import AudioError
from engine.events import AudioChunk, Event, Progress, Started
from engine.request import ConversionRequest

# The latents of a minute take 1 to 4 MB, and its sound 5 MB on the way.
MAX_SECONDS, MIN_SECONDS = 300.0, 0.5


def from_recording(
    system: str,
    recording: Path | bytes,
    source: str,
    target: str,
    *,
    seed: int = 0,
    checkpoint: Path | None = None,
    max_seconds: float = MAX_SECONDS,
) -> ConversionRequest:
    """A request for a recording of any kind that `engine.audio.decode` reads. Raises AudioError."""
    try:
        from engine.audio import decode
    except ImportError as error:
        raise AudioError(
            "reading recordings needs the package {error}; install requirements.txt", error=error.name
        ) from error
    samples, rate = decode.read_mono(recording, max_seconds=max_seconds, min_seconds=MIN_SECONDS)
    return ConversionRequest(
        system=system,
        samples=samples,
        sample_rate=rate,
        source=source,
        target=target,
        seed=seed,
        checkpoint=checkpoint,
    )


def gather(
    events: Generator[Event, None, None], show: Callable[[Progress], object] = lambda _: None
) -> tuple[np.ndarray, int]:
    """All sound of a conversion, samples (n,) and their rate; ``show`` is given each Progress. Closes ``events``."""
    chunks: list[np.ndarray] = []
    rate = 0
    with contextlib.closing(events):
        for event in events:
            match event:
                case Started():
                    rate = event.sample_rate
                case AudioChunk():
                    chunks.append(event.samples)
                case Progress():
                    show(event)
    return np.concatenate(chunks) if chunks else np.zeros(0, np.float32), rate


def check(request: ConversionRequest) -> None:
    """Raises AudioError for samples that are too many, too few or no sound."""
    samples, seconds = request.samples, len(request.samples) / request.sample_rate
    if samples.ndim != 1 or samples.dtype != np.float32 or not np.isfinite(samples).all():
        raise AudioError("the recording must be mono, float32 and finite")
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise AudioError(
            "the recording is {seconds:.2f} s long; {least:g} to {most:g} s are taken",
            seconds=seconds,
            least=MIN_SECONDS,
            most=MAX_SECONDS,
        )


def at_rate(request: ConversionRequest, sample_rate: int) -> np.ndarray:
    """The recording's samples (n,) at another rate."""
    import soxr

    made = soxr.resample(request.samples, request.sample_rate, sample_rate, quality="HQ")
    return np.asarray(made, np.float32)
