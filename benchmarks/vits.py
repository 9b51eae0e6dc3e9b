"""How fast the VITS family speaks, and how much memory it takes: ``make bench``.

All figures come from one run, with 1 and with 2 threads. Full-size models of every decoder kind have random weights
and the durations of a real voice; beside them stand the voice that ships and, for the plain decoder and for MMS,
transformers' VitsModel with the same weights; those of MMS are loaded from what transformers saves. What is compared
runs in turns, and the middle of several runs counts.

    python -m benchmarks.vits [--models NAME...] [--threads N...] [--runs N] [--json FILE]
"""

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.memory import forget_peak, memory_mb
from benchmarks.vits_models import MMS, configurations, random_model, write_checkpoint
from engine.engine import Engine
from engine.events import AudioChunk
from engine.request import SynthesisRequest
from engine.systems.vits import SPEC
from engine.systems.vits.checkpoint import read
from engine.systems.vits.config import Config
from engine.systems.vits.networks.decoder import lay_out
from engine.systems.vits.networks.model import Scales, Vits

SENTENCE = "The first light of the morning fell on the quiet harbour, and nobody was there to see it."
LONG_TEXT = " ".join([SENTENCE] * 40)
SILENT = Scales(noise=0.0, noise_w=0.0)
PEER_SYMBOLS = 81


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """A model through the engine. ``memory_mb`` is how much the process grew at most, loading and speaking."""

    model: str
    threads: int
    rtf: float
    rtf_least: float
    rtf_most: float
    first_audio_ms: float
    memory_mb: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """Ours against the peer on the same ids: seconds for ``audio_s``, and how many times as long the peer takes."""

    model: str
    threads: int
    audio_s: float
    ours_s: float
    peer_s: float
    ratio_least: float
    ratio: float
    ratio_most: float
    difference: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Where the time of a model goes: milliseconds of each part for a second of sound."""

    model: str
    threads: int
    parts_ms: dict[str, float]


class Speaker:
    """A loaded checkpoint in an engine of its own."""

    def __init__(self, name: str, checkpoint: Path) -> None:
        self.name = name
        self._checkpoint = checkpoint
        self._engine = Engine(device="cpu", dtype="float32")
        before = memory_mb("VmRSS")
        forget_peak()
        list(self._engine.prepare(SPEC.id, checkpoint))
        self.speak()
        peak = memory_mb("VmHWM")
        self.memory_mb = None if before is None or peak is None else peak - before

    def speak(self) -> float:
        """The real-time factor of a sentence."""
        began = time.perf_counter()
        seconds = sum(len(chunk.samples) / chunk.sample_rate for chunk in self._chunks(SENTENCE))
        return (time.perf_counter() - began) / seconds

    def first_audio_ms(self) -> float:
        """How long a long text takes until its first sound."""
        began = time.perf_counter()
        chunks = self._chunks(LONG_TEXT)
        next(chunks)
        waited = time.perf_counter() - began
        chunks.close()
        return waited * 1e3

    def _chunks(self, text: str) -> Iterator[AudioChunk]:
        request = SynthesisRequest(system=SPEC.id, text=text, options=SPEC.options(), checkpoint=self._checkpoint)
        events = self._engine.synthesize(request)
        try:
            yield from (event for event in events if isinstance(event, AudioChunk))
        finally:
            events.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything, print tables, and return 0 when the peer is nowhere faster, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vits", description=__doc__.splitlines()[0])
    names = list(configurations())
    parser.add_argument("--models", nargs="*", choices=names, default=names, help="which random models")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args(arguments)
    _say(f"{platform.processor() or platform.machine()}, torch {torch.__version__}, {torch.get_num_threads()} threads")
    with tempfile.TemporaryDirectory() as folder:
        duels = duel(options.threads, options.runs, Path(folder)) if "plain" in options.models else []
        speeds = race(options.models, options.threads, options.runs, Path(folder))
    shares = [
        share(name, threads, options.runs)
        for name in options.models
        for threads in _with_threads(options.threads)
    ]  # fmt: skip
    if options.json:
        results = {"speed": speeds, "peer": duels, "parts": shares}
        rows = {key: [asdict(row) for row in group] for key, group in results.items()}
        options.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")
    return 1 if any(result.ratio < 1 for result in duels) else 0


def duel(threads: Sequence[int], runs: int, folder: Path) -> list[Duel]:
    """The plain decoder's model and that of MMS against the peer."""
    from benchmarks.vits_peer import peer_of, save

    config, model = random_model(configurations()["plain"])
    mms, published = random_model(MMS)
    theirs = peer_of(published, mms.audio.sampling_rate)
    pairs = [
        ("plain decoder", config, model, peer_of(model)),
        ("mms", *read(save(theirs, mms.model.n_vocab, folder / "peer")), theirs),
    ]
    _say("\nbeside transformers    threads  ours s  peer s  peer/ours least  middle   most  largest difference")
    return [
        _duel(name, number, config, model, peer, runs)
        for name, config, model, peer in pairs
        for number in _with_threads(threads)
    ]


def _duel(name: str, threads: int, config: Config, model: Vits, peer: Any, runs: int) -> Duel:
    ids = torch.randint(1, config.model.n_vocab, (1, PEER_SYMBOLS), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        ours, theirs = infer(model, ids), peer(input_ids=ids).waveform
        difference = float((ours - theirs).abs().max()) if ours.shape == theirs.shape else float("inf")
        if not difference < 1e-4:
            raise RuntimeError(f"the peer says something else (difference {difference}); nothing to compare")
        times = interleave([lambda: infer(model, ids), lambda: peer(input_ids=ids)], runs)
    ratios = [b / a for a, b in zip(*times, strict=True)]
    result = Duel(
        model=name,
        threads=threads,
        audio_s=ours.shape[-1] / config.audio.sampling_rate,
        ours_s=median(times[0]),
        peer_s=median(times[1]),
        ratio_least=min(ratios),
        ratio=median(ratios),
        ratio_most=max(ratios),
        difference=difference,
    )
    _say(
        f"{name}, {result.audio_s:.1f} s{'':{15 - len(name)}} {threads:7} {result.ours_s:7.3f} {result.peer_s:7.3f} "
        f"{result.ratio_least:16.2f} {result.ratio:7.2f} {result.ratio_most:6.2f} {difference:19.1e}"
    )
    return result


def infer(model: Vits, ids: torch.Tensor) -> torch.Tensor:
    """Sound (1, N) of ``ids`` (1, T), without noise."""
    lengths = torch.tensor([ids.shape[1]])
    return model.infer(ids, lengths, rng=torch.Generator().manual_seed(0), scales=SILENT).decoded.audio.squeeze(1)


def race(models: Sequence[str], threads: Sequence[int], runs: int, folder: Path) -> list[Speed]:
    """Every model through the engine, in turns."""
    speakers = [Speaker(name, write_checkpoint(configurations()[name], folder / name)) for name in models]
    _say("\nthrough the engine  threads     RTF  least   most  first audio of a long text  memory")
    results = []
    for number in _with_threads(threads):
        for speaker in speakers:
            speaker.speak()
        factors = [[speaker.speak() for speaker in speakers] for _ in range(runs)]
        waits = [[speaker.first_audio_ms() for speaker in speakers] for _ in range(runs)]
        for speaker, rtf, wait in zip(speakers, zip(*factors, strict=True), zip(*waits, strict=True), strict=True):
            row = Speed(
                model=speaker.name,
                threads=number,
                rtf=median(rtf),
                rtf_least=min(rtf),
                rtf_most=max(rtf),
                first_audio_ms=median(wait),
                memory_mb=speaker.memory_mb,
            )
            results.append(row)
            memory = "-" if row.memory_mb is None else f"{row.memory_mb:.0f} MB"
            _say(
                f"{row.model:19} {number:7} {row.rtf:7.3f} {row.rtf_least:6.3f} {row.rtf_most:6.3f} "
                f"{row.first_audio_ms:24.0f} ms {memory:>7}"
            )
    return results


@torch.inference_mode()
def share(name: str, threads: int, runs: int) -> Share:
    """Where the time of a random model goes."""
    config, model = random_model(configurations()[name])
    ids = torch.randint(1, config.model.n_vocab, (1, PEER_SYMBOLS), generator=torch.Generator().manual_seed(1))
    sid = torch.zeros(1, dtype=torch.int64) if config.speakers else None
    steps: dict[str, list[float]] = {}
    for _ in range(runs):
        began = time.perf_counter()
        for part, made in _step_by_step(model, ids, sid):
            steps.setdefault(part, []).append(time.perf_counter() - began)
            samples, began = made.shape[-1], time.perf_counter()
    seconds = samples / config.audio.sampling_rate
    parts = {part: median(times) * 1e3 / seconds for part, times in steps.items()}
    whole = sum(parts.values())
    shown = ", ".join(f"{part} {ms:.1f} ({ms / whole:.0%})" for part, ms in parts.items())
    _say(f"\n{name}, {threads} threads, ms for a second of sound: {shown}")
    return Share(model=name, threads=threads, parts_ms=parts)


def _step_by_step(model: Vits, ids: torch.Tensor, sid: torch.Tensor | None) -> Iterator[tuple[str, torch.Tensor]]:
    """The parts of a model one after another, with what each makes; the last makes the sound."""
    lengths, rng, g = torch.tensor([ids.shape[1]]), torch.Generator().manual_seed(0), model.speaker(sid)
    text = model.enc_p(ids, lengths)
    yield "text encoder", text.hidden
    noise = torch.zeros(1, 2, ids.shape[1])
    durations = (
        model.dp(text.hidden, text.mask, noise, g) if model.config.use_sdp else model.dp(text.hidden, text.mask, g)
    )
    yield "durations", durations
    frames = int(torch.ceil(torch.exp(durations)).sum())
    z, mask = torch.randn(1, model.config.inter_channels, frames, generator=rng), torch.ones(1, 1, frames)
    z = model.flow.reverse(z, mask, g)
    yield "flow", z
    x = lay_out(model.dec.prepare(z, g))
    yield "decoder in", x
    for stage in range(len(model.dec.ups)):
        x = model.dec.stage(stage, x)
        yield f"stage {stage + 1}", x
    yield "decoder out", model.dec.tail(model.dec.finish(x)).audio


def interleave(actions: Sequence[Callable[[], object]], runs: int) -> list[list[float]]:
    """Seconds of each action, the actions in turns, after one round that does not count."""
    times: list[list[float]] = [[] for _ in actions]
    for run in range(runs + 1):
        for action, taken in zip(actions, times, strict=True):
            began = time.perf_counter()
            action()
            if run:
                taken.append(time.perf_counter() - began)
    return times


def _with_threads(numbers: Sequence[int]) -> Iterator[int]:
    before = torch.get_num_threads()
    try:
        for number in numbers:
            torch.set_num_threads(number)
            yield number
    finally:
        torch.set_num_threads(before)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
