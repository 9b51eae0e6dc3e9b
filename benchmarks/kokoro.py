"""How fast Kokoro speaks, beside onnxruntime on the 8-bit file of the same weights, and its decoder beside the machine.

Real weights, as `recipes.kokoro_weights` makes them, in the voice jf_alpha, on a piece of a long text. What is compared
runs in turns with the same threads, and the middle of several runs counts; beside the seconds on the clock stand those
of the processor, which other programs do not lengthen. The decoder's share is its rate over that of a large float32
product of torch's in the same turns. Then, through the system, how long a long text takes until its first sound.

    python -m benchmarks.kokoro [--threads N] [--runs N] [--checkpoint FOLDER] [--json FILE]
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import styletts2_eager as eager
from engine.events import AudioChunk
from engine.steps import finish
from engine.systems.kokoro.options import Options
from engine.systems.kokoro.speaking import Prepared, Speaking
from engine.systems.kokoro.system import KokoroSystem, load
from engine.systems.kokoro.voices import pack_of
from recipes.kokoro_weights.build import build, graph

SENTENCE = "The quick brown fox jumps over the lazy dog, and then it sleeps in the shade of the tree for an hour."
LONG = " ".join([SENTENCE] * 10)
PRODUCT = 2048  # rows and columns of the large matrix product


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Seconds of something in the middle of its runs: on the clock, and of the processor."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """All that is measured; ``audio_s`` is how long the piece sounds. ``peer`` is None without onnxruntime."""

    threads: int
    audio_s: float
    ours: Spent
    peer: Spent | None
    decoder: Spent
    decoder_gflop: float
    machine_gflops: float
    first_sound_s: float

    @property
    def decoder_share(self) -> float:
        """The share of the machine's rate that the decoder reaches, by the processor's seconds."""
        return self.decoder_gflop / (self.decoder.cpu_s / self.threads) / self.machine_gflops


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kokoro", description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--checkpoint", type=Path, default=None, help="a folder of recipes.kokoro_weights")
    parser.add_argument("--json", type=Path, default=None)
    chosen = parser.parse_args(arguments)
    before = torch.get_num_threads()
    torch.set_num_threads(chosen.threads)
    try:
        with tempfile.TemporaryDirectory() as temporary:
            folder = chosen.checkpoint or build(Path(temporary))
            system = finish(load(folder, torch.device("cpu"), torch.float32))
            result = measure(system, chosen.runs, peer=session(chosen.threads))
    finally:
        torch.set_num_threads(before)
    if chosen.json:
        chosen.json.write_text(json.dumps(asdict(result), indent=2), encoding="utf-8")
    return 0


@torch.inference_mode()
def measure(system: KokoroSystem, runs: int, peer: Callable[..., object] | None) -> Result:
    """One piece, whole and in the decoder alone, beside ``peer`` (`session`); and the wait for a long text."""
    voice, options = system.voice(""), Options()
    (read,) = system.front_end.read(system.segment(LONG, "en-us", options)[1:2], options)
    piece, pack = read.pieces[0], pack_of(voice)
    speaking = Speaking(system.model, options, pack)
    prepared = finish(speaking.prepare(piece))

    def ours() -> object:
        return finish(speaking.play(finish(speaking.prepare(piece)), torch.Generator().manual_seed(0)))

    style = pack[piece.row][None]
    given = {"tokens": np.array([piece.ids]), "style": style, "speed": np.ones(1, np.float32)}
    a, b = (torch.randn(PRODUCT, PRODUCT) for _ in range(2))
    decode, gflop = _decoder(speaking, prepared)
    actions = [lambda: a @ b, ours, decode, *([lambda: peer(None, given)] if peer else [])]
    product, whole, decoder, *others = interleave(actions, runs)
    result = Result(
        threads=torch.get_num_threads(),
        audio_s=prepared.seconds,
        ours=whole,
        peer=others[0] if others else None,
        decoder=decoder,
        decoder_gflop=gflop,
        machine_gflops=2 * PRODUCT**3 / 1e9 / (product.cpu_s / torch.get_num_threads()),
        first_sound_s=median(first_sound(system) for _ in range(runs)),
    )
    _show(result)
    return result


def session(threads: int) -> Callable[..., object] | None:
    """How onnxruntime runs the 8-bit file; None where it is not installed."""
    try:
        import onnxruntime
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    return onnxruntime.InferenceSession(graph(), options, providers=["CPUExecutionProvider"]).run


def first_sound(system: KokoroSystem) -> float:
    """Seconds until the first sound of LONG, from its text on."""
    began = time.perf_counter()
    segments = system.segment(LONG, "en-us", Options())
    events = system.synthesize(segments, system.voice(""), Options(), torch.Generator().manual_seed(0))
    next(event for event in events if isinstance(event, AudioChunk))
    waited = time.perf_counter() - began
    events.close()
    return waited


def interleave(actions: Sequence[Callable[[], object]], runs: int) -> list[Spent]:
    """What each action takes, the actions in turns, after one round that does not count."""
    walls: list[list[float]] = [[] for _ in actions]
    cpus: list[list[float]] = [[] for _ in actions]
    for run in range(runs + 1):
        for action, wall, cpu in zip(actions, walls, cpus, strict=True):
            began, worked = time.perf_counter(), time.process_time()
            action()
            if run:
                wall.append(time.perf_counter() - began)
                cpu.append(time.process_time() - worked)
    return [Spent(wall_s=median(wall), cpu_s=median(cpu)) for wall, cpu in zip(walls, cpus, strict=True)]


def _decoder(speaking: Speaking, prepared: Prepared) -> tuple[Callable[[], Tensor], float]:
    """The decoder on a score, and its work in GFLOP, counted on the straightforward pass."""
    model = speaking.model
    inputs, style, noise = speaking.decoded_from(prepared, torch.Generator().manual_seed(0))
    decoder, acoustic = model.decoder, model.acoustic(style)
    counter = FlopCounterMode(display=False)
    with counter:
        features = decoder.features(inputs.text, inputs.pitch, inputs.energy, acoustic)
        eager.generate(decoder.generator, features, acoustic, decoder.generator.source(inputs.pitch, noise))
    return lambda: model.decode(inputs, style, noise), counter.get_total_flops() / 1e9


def _show(result: Result) -> None:
    _say(f"{result.audio_s:.2f} s of sound, {result.threads} threads, torch {torch.__version__}")
    _say(f"ours         {result.ours.wall_s:.2f} s, of the processor {result.ours.cpu_s:.2f} s")
    if result.peer:
        _say(f"onnxruntime  {result.peer.wall_s:.2f} s, of the processor {result.peer.cpu_s:.2f} s")
        wall, cpu = result.ours.wall_s / result.peer.wall_s, result.ours.cpu_s / result.peer.cpu_s
        _say(f"ours takes {wall:.2f} times as long, and {cpu:.2f} times the processor")
    _say(f"real-time factor {result.ours.wall_s / result.audio_s:.3f}")
    _say(f"a product of {PRODUCT} x {PRODUCT} matrices: {result.machine_gflops:.0f} GFLOP/s a thread")
    _say(f"the decoder reaches {result.decoder_share:.0%} of the machine's rate ({result.decoder_gflop:.0f} GFLOP)")
    _say(f"first sound of a text of {len(LONG)} characters after {result.first_sound_s:.2f} s")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
