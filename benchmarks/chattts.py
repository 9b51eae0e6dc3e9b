"""How fast ChatTTS speaks: a decoding step in every mode beside what memory allows and a public loop.

Full-size networks have random weights. A step is everything from one frame of codes to the next, heads and drawing
included, after a prompt of some length; the middle of all steps counts, and modes run in turns. The public loop is
transformers' Llama model with its own cache, the same weights, heads and drawing. Memory allows what a sum over a large
array reaches. On the CPU the kernels of torch for eight-bit matrices are measured too, on the matrices of one step.

    python -m benchmarks.chattts [--size full|tiny] [--device cpu|cuda] [--batches N...] [--steps N] [--runs N]
                                 [--modes NAME...] [--json FILE]
"""

import argparse
import copy
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from statistics import median

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.chattts_models import SIZES, Model, peer_of, random_model
from benchmarks.memory import memory_mb
from engine.nn.decoding.loop import generate
from engine.nn.decoding.masks import prefill_bias
from engine.nn.decoding.sampling import Noise, Sampler, Sampling
from engine.nn.decoding.step import CompiledStep, warm_up
from engine.nn.decoding.weights import EIGHT_BIT, FULL, LazyWeights, round_rows
from engine.systems.chattts.config import SAMPLE_RATE
from engine.systems.chattts.speaking import MIN_KEPT, PENALTY_WINDOW

PROMPT = 50
PUBLIC, NETWORK = "transformers", "float32, not compiled"
LOWER = {"bfloat16": torch.bfloat16, "float16": torch.float16}
CPU_MODES = (PUBLIC, NETWORK, FULL, EIGHT_BIT, *LOWER)
CUDA_MODES = (PUBLIC, NETWORK, *LOWER)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything and print it; 0 when our best is nowhere slower than the public loop, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chattts", description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=tuple(SIZES), default="full")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--batches", nargs="+", type=int)
    parser.add_argument("--steps", type=int, default=32)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--modes", nargs="+", choices=CPU_MODES)
    parser.add_argument("--seconds", type=float, default=6.0, help="of sound, for the real-time factor")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(arguments)
    device = torch.device(chosen.device)
    on_cpu = device.type == "cpu"
    modes = chosen.modes or (CPU_MODES if on_cpu else CUDA_MODES)
    _say(f"{chosen.size} size on {device}, torch {torch.__version__}, {torch.get_num_threads()} threads")
    with torch.inference_mode():
        bench = Bench(random_model(SIZES[chosen.size], device), device, modes)
        figures = {
            "bound_ms": bench.bound() if on_cpu else None,
            "steps": bench.race(chosen.batches or ((1, 4) if on_cpu else (1, 4, 16)), chosen.steps, chosen.runs),
            "speaking": bench.speak(chosen.batches or (1, 4), chosen.seconds),
            "kernels_ms": bench.kernels(chosen.runs) if on_cpu else {},
            "quality": bench.quality(chosen.steps) if on_cpu and EIGHT_BIT in modes else None,
        }
    peak = memory_mb("VmHWM") if on_cpu else torch.cuda.max_memory_allocated(device) / 2**20
    _say(f"\npeak memory, all modes side by side: {'-' if peak is None else f'{peak:.0f} MB'}")
    if chosen.json:
        chosen.json.write_text(json.dumps({**figures, "peak_mb": peak}, indent=2), encoding="utf-8")
    ratios = [row["ratio"] for row in figures["steps"] if row["mode"] in (FULL, EIGHT_BIT) and row["ratio"]]
    return 1 if any(ratio < 1 for ratio in ratios) else 0


class Bench:
    """A model, and the modes in which its steps are made."""

    def __init__(self, model: Model, device: torch.device, modes: Sequence[str]) -> None:
        self.model, self.device, self.modes = model, device, modes
        self.weights = {}
        if device.type == "cpu":
            prepared = LazyWeights(model.gpt.parts())
            for which in (FULL, EIGHT_BIT):
                if which in modes:
                    began = time.perf_counter()
                    self.weights[which] = prepared.get(which)
                    made = time.perf_counter()
                    warm_up(self.weights[which])
                    _say(f"{which}: weights made in {made - began:.2f} s, compiled or fetched in "
                         f"{time.perf_counter() - made:.2f} s")  # fmt: skip
        self.lower = {}
        for name in LOWER:
            if name in modes:
                self.lower[name] = copy.deepcopy(model.gpt)
                self.lower[name].reduce_precision(LOWER[name])
        self.peer = peer_of(model.gpt) if PUBLIC in modes else None
        self.vocabulary = model.embed.code_vocabulary()

    def bound(self) -> float:
        """Milliseconds that reading the transformer's float32 matrices takes, by a sum over as many bytes."""
        numbers = sum(p.numel() for p in self.model.gpt.layers.parameters() if p.dim() > 1)
        big = torch.ones(numbers)
        found = median(_timed(big.sum) for _ in range(9)) * 1e3
        _say(f"\nmemory: {4e-6 * numbers / found:.1f} GB/s; a float32 step is bound by {found:.2f} ms, "
             f"an eight-bit one by {found / 4:.2f} ms")  # fmt: skip
        return found

    def race(self, batches: Sequence[int], steps: int, runs: int) -> list[dict]:
        """Milliseconds of a step for each mode and batch, modes in turns."""
        _say("\nmode                    batch  ms a step  least   most  frames/s  times the public loop")
        rows = []
        for batch in batches:
            taken: dict[str, list[float]] = {mode: [] for mode in self.modes}
            for _ in range(runs):
                for mode in self.modes:
                    taken[mode] += self.times(mode, batch, steps)
            public = median(taken[PUBLIC]) if PUBLIC in taken else None
            for mode, times in taken.items():
                ratio = public / median(times) if public else None
                row = {"mode": mode, "batch": batch, "ms": median(times) * 1e3, "ratio": ratio}
                rows.append(row)
                _say(f"{mode:23} {batch:5} {row['ms']:10.2f} {min(times) * 1e3:6.2f} {max(times) * 1e3:6.2f} "
                     f"{batch / median(times):9.1f}  {'-' if ratio is None else f'{ratio:.2f}'}")  # fmt: skip
        return rows

    def times(self, mode: str, batch: int, steps: int) -> list[float]:
        """Seconds of each step after the first two."""
        stamps = []
        for _ in self.public(batch, steps) if mode == PUBLIC else self.ours(mode, batch, steps):
            if self.device.type == "cuda":
                torch.cuda.synchronize(self.device)
            stamps.append(time.perf_counter())
        return [b - a for a, b in pairwise(stamps[2:])]

    def ours(self, mode: str, batch: int, steps: int, temperature: float = 0.3) -> Iterator:
        """Our loop, as speaking uses it."""
        sampling = _sampling(steps, temperature)
        gpt = self.lower.get(mode, self.model.gpt)
        visible = torch.ones(batch, PROMPT, dtype=torch.bool, device=self.device)
        weights = self.weights.get(mode)
        prompt = self._prompt(batch)
        return generate(gpt, self.vocabulary, prompt, visible, sampling, Noise(1), weights=weights, stride=1)

    def public(self, batch: int, steps: int) -> Iterator[Tensor]:
        """A plain loop over transformers' model."""
        sampler = Sampler(_sampling(steps), self.device)
        shape = (batch, self.vocabulary.n_codebooks, self.vocabulary.n_classes)
        history = torch.full((*shape[:2], PENALTY_WINDOW), self.vocabulary.n_classes, device=self.device)
        x, past, noise = self._prompt(batch), None, Noise(1)
        for step in range(steps):
            out = self.peer(inputs_embeds=x, past_key_values=past, use_cache=True)
            past = out.past_key_values
            logits = self.vocabulary.logits(out.last_hidden_state[:, -1])
            ids = sampler(logits, history, noise.draw(shape, self.device), self.vocabulary.end)
            history[:, :, step % PENALTY_WINDOW] = ids
            x = self.vocabulary.embed(ids, step).unsqueeze(1)
            yield ids

    def speak(self, batches: Sequence[int], seconds: float) -> list[dict]:
        """Real-time factor of a stream, codes to sound included, the vocoder's part, and the first sound."""
        rows = []
        frames = round(seconds * SAMPLE_RATE / 512)
        first = next(count for count in range(1, frames + 200) if self.model.vocoder.settled(count) > 0)
        _say(f"\nsound that nothing can change any more is there from {first} frames on")
        _say("mode                    batch  real-time factor  decoder and vocoder  first audio ms")
        for mode in self.modes:
            for batch in batches if mode not in (PUBLIC, *(LOWER if self.device.type == "cpu" else ())) else ():
                row = self._speak(mode, batch, max(frames, first + 1), first)
                rows.append(row)
                _say(f"{mode:23} {batch:5} {row['rtf']:17.3f} {row['vocoder']:20.3f} {row['first_ms']:15.0f}")
        return rows

    def _speak(self, mode: str, batch: int, frames: int, first: int) -> dict:
        vocoder, began, first_ms = self.model.vocoder, time.perf_counter(), 0.0
        # The first sound is rendered for its own figure and again with the rest, so it is taken out of the whole.
        twice = 0.0
        for result in self.ours(mode, batch, frames):
            if result.steps == first:
                before = time.perf_counter()
                vocoder.render_span(result.hidden(0), 0, vocoder.settled(first)).cpu()
                first_ms = (time.perf_counter() - began) * 1e3
                twice = time.perf_counter() - before
        spoken = time.perf_counter()
        samples = [len(vocoder.render(result.hidden(row)).cpu()) for row in range(batch)]
        ended, sound = time.perf_counter(), sum(samples) / SAMPLE_RATE
        return {
            "mode": mode, "batch": batch, "rtf": (ended - began - twice) / sound, "vocoder": (ended - spoken) / sound,
            "first_frames": first, "first_ms": first_ms,
        }  # fmt: skip

    def kernels(self, runs: int) -> dict[str, float | None]:
        """Milliseconds of torch's own kernels for one row times all matrices of a step; None where it has none."""
        matrices = [p for p in self.model.gpt.layers.parameters() if p.dim() > 1]
        rounded = [round_rows(matrix) for matrix in matrices]
        inputs = {m.shape[1]: torch.ones(1, m.shape[1]) for m in matrices}

        def packed() -> Callable[[], object]:
            held = [
                torch.ops.quantized.linear_prepack(
                    torch.quantize_per_channel(
                        m.float(), s.double(), torch.zeros(len(s), dtype=torch.int64), 0, torch.qint8
                    ),
                    None,
                )
                for m, (_, s) in zip(matrices, rounded, strict=True)
            ]
            return lambda: [
                torch.ops.quantized.linear_dynamic(inputs[m.shape[1]], h) for m, h in zip(matrices, held, strict=True)
            ]

        def weight_only() -> Callable[[], object]:
            narrow = {width: x.bfloat16() for width, x in inputs.items()}
            scales = [s.bfloat16() for _, s in rounded]
            return lambda: [
                torch.ops.aten._weight_int8pack_mm(narrow[q.shape[1]], q, s)
                for (q, _), s in zip(rounded, scales, strict=True)
            ]

        def integers() -> Callable[[], object]:
            # It wants more than one row on some processors; here it gets 32, as it would have to be padded.
            rows = {width: torch.ones(32, width, dtype=torch.int8) for width in inputs}
            return lambda: [torch._int_mm(rows[q.shape[1]], q.T) for q, _ in rounded]

        ways = {
            "float32 linear": lambda: lambda: [F.linear(inputs[m.shape[1]], m) for m in matrices],
            "quantized.linear_dynamic": packed,
            "_weight_int8pack_mm": weight_only,
            "_int_mm": integers,
        }
        found: dict[str, float | None] = {}
        _say("\nkernel, all matrices of a step        ms")
        for name, build in ways.items():
            try:
                action = build()
                action()
                found[name] = median(_timed(action) for _ in range(2 * runs + 1)) * 1e3
            except RuntimeError:
                found[name] = None
            _say(f"{name:33} {'not here' if found[name] is None else f'{found[name]:.2f}'}")
        return found

    def quality(self, steps: int) -> dict[str, float]:
        """Eight-bit weights beside full ones that wrote the codes: both read the same, and score what is next."""
        *_, full = self.ours(FULL if FULL in self.weights else NETWORK, 1, steps, temperature=1e-5)
        expected = self.vocabulary.logits(full.hidden(0)).log_softmax(-1)
        gpt, found = self.model.gpt, []
        cache, positions = gpt.new_cache(1, PROMPT + steps), torch.arange(PROMPT).unsqueeze(0)
        visible = torch.ones(1, PROMPT, dtype=torch.bool)
        gpt(self._prompt(1), positions, cache, prefill_bias(visible, torch.float32))
        with closing(CompiledStep(self.weights[EIGHT_BIT], 1, PROMPT + steps)) as step:
            for index, ids in enumerate(full.ids(0)[:-1]):
                hidden, _ = step(
                    self.vocabulary.embed(ids.unsqueeze(0), index),
                    torch.tensor([PROMPT + index]),
                    cache,
                    torch.zeros(1).long(),
                )
                found.append(self.vocabulary.logits(hidden)[0])
        near, exact = torch.stack(found).log_softmax(-1), expected[1:]
        result = {
            "agreement": float((near.argmax(-1) == exact.argmax(-1)).float().mean()),
            "error": float((near - exact).abs().mean()),
            "spread": float(exact.std(-1).mean()),
        }
        _say(f"\neight bits, {near.shape[0] * near.shape[1]} distributions on the same codes: likeliest class the same "
             f"{result['agreement']:.1%}, log-probability off by {result['error']:.4f} (their spread is "
             f"{result['spread']:.2f})")  # fmt: skip
        return result

    def _prompt(self, batch: int) -> Tensor:
        rng = torch.Generator().manual_seed(3)
        return torch.randn(batch, PROMPT, self.model.gpt.config.hidden, generator=rng).to(self.device)


def _sampling(steps: int, temperature: float = 0.3) -> Sampling:
    """The defaults of ChatTTS, for so many steps."""
    return Sampling(
        temperature=(temperature,), top_p=0.7, top_k=20, min_kept=MIN_KEPT, repetition_penalty=1.05,
        penalty_window=PENALTY_WINDOW, max_new_tokens=steps, min_new_tokens=steps,
    )  # fmt: skip


def _timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
