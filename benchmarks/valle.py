"""How fast VALL-E X speaks: an AR step beside what memory allows, the NAR stages beside matrix products, and the whole.

Networks have random weights. A step is everything from one frame to the next, head and drawing included, after a prompt
of text and three seconds of codes; the middle of all steps counts, and modes run in turns. The public loop is rebuilt
of torch's own modules as the reference's is: in each step all frames are embedded, the last one goes through the
layers, and the cache grows by concatenation. Memory allows what a sum over as many bytes takes. The NAR stages are
counted by their matrix products, and compared with one large product; beside them the same in bfloat16, as they go with
eight-bit weights where the processor multiplies it by itself.

    python -m benchmarks.valle [--size full|tiny] [--rows N...] [--steps N] [--runs N] [--seconds N] [--busy]
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numba
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.codec_lm.blocks import AdaptiveLayerNorm
from engine.codec_lm.config import CodecLMConfig
from engine.codec_lm.generation import Utterance, all_codebooks, first_codebook
from engine.codec_lm.model import CodecLM, Loaded, place
from engine.codecs.vocos import CodesVocos, VocosSizes
from engine.device import multiplies_halves
from engine.nn.decoding.loop import Generated
from engine.nn.decoding.sampling import Noise, Sampler, Sampling
from engine.nn.decoding.step import warm_up
from engine.nn.decoding.weights import EIGHT_BIT, FULL
from engine.steps import finish

PUBLIC, NETWORK = "torch's modules", "float32, not compiled"
MODES = (PUBLIC, NETWORK, FULL, EIGHT_BIT)
TEXT, ENROLLED, PROMPT = 60, 20, 225
SAMPLING = Sampling(max_new_tokens=1 << 14, top_k_first=True, min_new_tokens=1 << 14)
SIZES = {"full": (1024, 16, 12, (128, 384, 1152, 8)), "tiny": (64, 4, 2, (16, 24, 48, 2))}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything and print it; 0 when no mode of ours is slower than the public loop, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.valle", description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=tuple(SIZES), default="full")
    parser.add_argument("--rows", nargs="+", type=int, default=(1, 5))
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of sound, for the stages and the whole")
    help = "the machine has other work: count one thread's processor time instead of the clock's"  # noqa: A001
    parser.add_argument("--busy", action="store_true", help=help)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(arguments)
    if chosen.busy:
        torch.set_num_threads(1)
        numba.set_num_threads(1)
    _say(f"{chosen.size} size, torch {torch.__version__}, {torch.get_num_threads()} threads")
    with torch.inference_mode():
        bench = Bench(chosen.size, time.process_time if chosen.busy else time.perf_counter)
        bound = bench.bound()
        figures = {
            "bound_ms": bound,
            "steps": bench.race(chosen.rows, chosen.steps, chosen.runs, bound),
            "nar": bench.stages(chosen.seconds, chosen.runs),
            "whole": bench.whole(chosen.seconds),
            "quality": bench.quality(chosen.steps),
        }
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    ours = [row["ratio"] for row in figures["steps"] if row["mode"] in (FULL, EIGHT_BIT)]
    return 1 if any(ratio < 1 for ratio in ours) else 0


@dataclass
class Public:
    """The AR stack of torch's own modules, and a loop that grows its cache by concatenation."""

    layers: list[tuple[nn.LayerNorm, nn.Linear, nn.Linear, nn.LayerNorm, nn.Linear, nn.Linear]]
    norm: nn.LayerNorm
    heads: int

    @classmethod
    def of(cls, loaded: Loaded) -> "Public":
        """With the weights of a model."""
        decoder = loaded.model.ar.decoder
        layers = [
            (
                _norm(each.norm1), _linear(each.self_attn.qkv_proj), _linear(each.self_attn.out_proj),
                _norm(each.norm2), _linear(each.linear1), _linear(each.linear2),
            )
            for each in decoder.layers
        ]  # fmt: skip
        return cls(layers, _norm(decoder.norm), decoder.heads)

    def __call__(self, x: Tensor, past: list[tuple[Tensor, Tensor]] | None, bias: Tensor | None) -> tuple:
        """Hidden states of ``x`` (B, T, H) after ``past``, and the past with it."""
        found = []
        for index, (first, qkv, out, second, inner, outer) in enumerate(self.layers):
            rows, columns, width = x.shape
            parts = qkv(first(x)).view(rows, columns, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            keys, values = parts[1], parts[2]
            if past is not None:
                keys, values = torch.cat((past[index][0], keys), 2), torch.cat((past[index][1], values), 2)
            found.append((keys, values))
            seen = F.scaled_dot_product_attention(parts[0], keys, values, attn_mask=bias)
            x = x + out(seen.transpose(1, 2).reshape(rows, columns, width))
            x = x + outer(F.relu(inner(second(x))))
        return self.norm(x), found


class Bench:
    """A model of random weights, in all modes."""

    def __init__(self, size: str, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock = clock
        width, heads, layers, vocos = SIZES[size]
        config = CodecLMConfig(
            n_text=512, width=width, heads=heads, layers=layers, nar_width=width, nar_heads=heads, nar_layers=layers,
            n_codebooks=8, norm_first=True, prenets=False, cross=False, begin=True, languages=3, prefix_mode=1,
        )  # fmt: skip
        model, rng = CodecLM(config), torch.Generator().manual_seed(1)
        for parameter in model.parameters():
            scale = parameter.shape[-1] ** -0.5 if parameter.dim() > 1 else 0.1
            parameter.data = torch.randn(parameter.shape, generator=rng) * scale
        # Norms about one, as trained ones are, so that what the layers work out counts beside what came in.
        for module in model.nar.modules():
            if isinstance(module, AdaptiveLayerNorm):
                module.norm.weight.data += 1
                module.project_layer.bias.data[:width] += 1
        model.nar.tabulate()
        self.loaded = place(model.eval(), torch.device("cpu"), torch.float32)
        code, hidden, inner, blocks = vocos
        sizes = VocosSizes(
            width=code, n_codes=16384, hidden=hidden, intermediate=inner, n_layers=blocks, n_bandwidths=4, n_fft=1280,
            hop=320,
        )  # fmt: skip
        self.vocos = CodesVocos(sizes).eval()
        self.vocos.feature_extractor.codebook_weights.data = torch.randn(16384, code, generator=rng)
        ids = tuple(range(1, TEXT + 1))
        self.utterance = Utterance(ids=ids, enrolled=ENROLLED, languages=(0,) * TEXT)
        self.prompt = torch.randint(0, 1024, (PROMPT, 8), generator=rng)
        for which in (FULL, EIGHT_BIT):
            warm_up(self.loaded.weights.get(which))
        self.loaded.model.nar.stack(half=True)
        self.public = Public.of(self.loaded)

    def bound(self) -> float:
        """Milliseconds that reading the AR stack's float32 matrices takes, by a sum over as many bytes."""
        big = torch.ones(self.loaded.model.ar.decoder.parts().numbers())
        found = median(self._timed(big.sum) for _ in range(9)) * 1e3
        _say(f"\nmemory: {4e-6 * len(big) / found:.1f} GB/s; a float32 step is bound by {found:.2f} ms, an eight-bit "
             f"one by {found / 4:.2f} ms")  # fmt: skip
        return found

    def race(self, rows: Sequence[int], steps: int, runs: int, bound: float) -> list[dict]:
        """Milliseconds of a step for each mode and number of takes, modes in turns."""
        _say("\nmode                    rows  ms a step  least   most  of the bound  times torch's modules")
        found = []
        for count in rows:
            taken: dict[str, list[float]] = {mode: [] for mode in MODES}
            for _ in range(runs):
                for mode in MODES:
                    stamps = [self.clock() for _ in self.steps(mode, count, steps)]
                    taken[mode] += [b - a for a, b in pairwise(stamps[1:])]
            for mode, times in taken.items():
                ms, least = median(times) * 1e3, bound / 4 if mode == EIGHT_BIT else bound
                row = {"mode": mode, "rows": count, "ms": ms, "of_bound": least / ms,
                       "ratio": median(taken[PUBLIC]) / median(times)}  # fmt: skip
                found.append(row)
                _say(f"{mode:23} {count:4} {ms:10.2f} {min(times) * 1e3:6.2f} {max(times) * 1e3:6.2f} "
                     f"{row['of_bound']:13.0%}  {row['ratio']:.2f}")  # fmt: skip
        return found

    def steps(self, mode: str, copies: int, steps: int) -> Iterator[Any]:
        """Something after each step of a mode."""
        if mode == PUBLIC:
            yield from self._public_steps(copies, steps)
            return
        weights = self.loaded.weights if mode in (FULL, EIGHT_BIT) else None
        loaded = Loaded(self.loaded.model, weights)
        for result in first_codebook(
            loaded, [self.utterance], self.prompt[:, 0], SAMPLING, Noise(torch.Generator().manual_seed(1)),
            weights=mode, copies=copies, limits=[steps],
        ):  # fmt: skip
            if result.steps:
                yield result

    def _public_steps(self, copies: int, steps: int) -> Iterator[Tensor]:
        ar, sampler = self.loaded.model.ar, Sampler(SAMPLING, torch.device("cpu"))
        text = ar.text(torch.tensor([self.utterance.ids]), torch.tensor([self.utterance.languages]))
        audio = ar.prompt(self.prompt[None, :, 0])
        x = torch.cat((text, audio), 1).repeat(copies, 1, 1)
        codes = self.prompt[None, :, 0].repeat(copies, 1)
        bias = torch.full((x.shape[1], x.shape[1]), float("-inf")).triu(1)
        bias[: text.shape[1], : text.shape[1]] = 0
        vocabulary, noise, past = ar.vocabulary(audio.shape[1]), Noise(torch.Generator().manual_seed(1)), None
        history = torch.zeros(copies, 1, 0, dtype=torch.int64)
        for _ in range(steps):
            hidden, past = self.public(x, past, bias if past is None else None)
            drawn = noise.draw((copies, 1, 1025), x.device)
            ids = sampler(vocabulary.logits(hidden[:, -1]), history, drawn, vocabulary.end)
            codes = torch.cat((codes, ids), 1)
            x = ar.prompt(codes)[:, -1:]
            yield ids

    def stages(self, seconds: float, runs: int) -> dict[str, float]:
        """The rate of the NAR stages' matrix products beside that of one large product, GFLOP/s, in turns.

        And the seconds in bfloat16, with how many of the codes are the same, and the difference of the first stage's
        log-probabilities.
        """
        frames, width = round(75 * seconds), self.loaded.model.config.nar_width
        first = self.prompt[:1, 0].repeat(frames)
        seen, layers = TEXT + PROMPT + frames, self.loaded.model.config.nar_layers
        # Of the last layer all but keys and values are worked out for the new frames alone.
        products = 24 * seen * width**2 * (layers - 1) + 4 * seen * width**2 + 20 * frames * width**2
        products += 4 * seen * width * (seen * (layers - 1) + frames)
        x, matrix = torch.randn(seen, width), torch.randn(4 * width, width)
        taken: dict[bool, list[float]] = {False: [], True: []}
        plain, codes = [], {}
        for _ in range(runs):
            plain.append(min(self._timed(lambda: F.linear(x, matrix)) for _ in range(10)))
            for half, times in taken.items():
                began = self.clock()
                codes[half] = finish(all_codebooks(self.loaded, self.utterance, self.prompt, first, half=half))
                times.append(self.clock() - began)
        seconds, half_seconds = median(taken[False]), median(taken[True])
        ours, rate = 7 * products / seconds / 1e9, 8 * seen * width**2 / median(plain) / 1e9
        same = float((codes[True] == codes[False])[:, 1:].float().mean())
        off, spread = self._stage_error(first)
        _say(f"\nNAR: seven stages over {seen} columns take {seconds:.2f} s, {ours:.0f} GFLOP/s; one product makes "
             f"{rate:.0f} ({ours / rate:.0%})")  # fmt: skip
        _say(f"in bfloat16 {half_seconds:.2f} s ({seconds / half_seconds:.2f} times as fast); {same:.1%} of the codes "
             f"are the same, log-probability off by {off:.4f} (their spread is {spread:.2f})")  # fmt: skip
        return {"seconds": seconds, "gflops": ours, "product_gflops": rate, "share": ours / rate,
                "half_seconds": half_seconds, "same": same, "off": off, "spread": spread}  # fmt: skip

    def _stage_error(self, first: Tensor) -> tuple[float, float]:
        """How far the first stage's log-probabilities are off in bfloat16, and their spread."""
        nar = self.loaded.model.nar
        text = nar.text(torch.tensor([self.utterance.ids]), torch.tensor([self.utterance.languages]))
        codes = torch.cat((self.prompt[:, 0], first))
        audio = nar.positioned(nar.audio_embeddings[0](codes[None]))
        exact, near = (
            nar.predict_layers[0](finish(nar.hidden(text, audio, 0, PROMPT, nar.stack(half=half)))).log_softmax(-1)
            for half in (False, True)
        )
        return float((near - exact).abs().mean()), float(exact.std(-1).mean())

    def whole(self, seconds: float) -> list[dict]:
        """Where the time goes from the prompt to the sound: seconds of reading, AR, NAR and Vocos."""
        _say("\nmode                    reading     AR    NAR  Vocos  real-time factor, first sound after s")
        found, frames = [], round(75 * seconds)
        for mode in (FULL, EIGHT_BIT):
            stamps = [self.clock()]
            *_, result = self._stamped(mode, frames, stamps)
            stamps.append(self.clock())
            half = mode == EIGHT_BIT and multiplies_halves()
            codes = finish(all_codebooks(self.loaded, self.utterance, self.prompt, result.ids(0)[:, 0], half=half))
            stamps.append(self.clock())
            self.vocos.decode(codes.T.unsqueeze(0))
            stamps.append(self.clock())
            reading, ar, nar, vocos = (b - a for a, b in pairwise(stamps))
            row = {"mode": mode, "reading": reading, "ar": ar, "nar": nar, "vocos": vocos,
                   "first_s": stamps[-1] - stamps[0], "rtf": (stamps[-1] - stamps[0]) / seconds}  # fmt: skip
            found.append(row)
            _say(f"{mode:23} {reading:7.2f} {ar:6.2f} {nar:6.2f} {vocos:6.2f}  {row['rtf']:.2f}, {row['first_s']:.2f}")
        return found

    def _stamped(self, mode: str, frames: int, stamps: list[float]) -> Iterator[Generated]:
        """The steps of a mode; when the first is made goes to ``stamps``."""
        for result in self.steps(mode, 1, frames):
            if len(stamps) == 1:
                stamps.append(self.clock())
            yield result

    def quality(self, steps: int) -> dict[str, float]:
        """How far eight bits are from full weights, as long as both have drawn the same greedy codes."""
        results = {}
        for mode in (FULL, EIGHT_BIT):
            *_, results[mode] = first_codebook(
                self.loaded, [self.utterance], self.prompt[:, 0],
                Sampling(max_new_tokens=steps, top_k=1, min_new_tokens=steps), Noise(1), weights=mode, limits=[steps],
            )  # fmt: skip
        ids = [results[mode].ids(0)[:, 0] for mode in (FULL, EIGHT_BIT)]
        same = int((ids[0] == ids[1]).long().cumprod(0).sum())
        heard = min(steps, same + 1)
        head = self.loaded.model.ar.predict_layer
        exact, near = (head(results[mode].hidden(0)[:heard]).log_softmax(-1) for mode in (FULL, EIGHT_BIT))
        found = {
            "same": same / steps,
            "error": float((near - exact).abs().mean()),
            "spread": float(exact.std(-1).mean()),
        }
        _say(f"\neight bits: the same greedy codes for {same} of {steps} steps, log-probability off by "
             f"{found['error']:.4f} (their spread is {found['spread']:.2f})")  # fmt: skip
        return found

    def _timed(self, action: Callable[[], object]) -> float:
        began = self.clock()
        action()
        return self.clock() - began


def _norm(norm: nn.Module) -> nn.LayerNorm:
    made = nn.LayerNorm(len(norm.weight))
    made.load_state_dict(norm.state_dict())
    return made


def _linear(linear: nn.Module) -> nn.Linear:
    made = nn.Linear(linear.weight.shape[1], linear.weight.shape[0])
    made.weight, made.bias = linear.weight, linear.bias
    return made


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
