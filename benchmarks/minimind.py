"""How fast MiniMind-TTS speaks: a step of the language model beside what memory allows, and the whole, codec included.

Networks have random weights: the small model (512 wide, 8 layers) and a WavTokenizer of the public size. A step is
everything from one code to the next, head and drawing included; the middle of all steps counts, and modes go in turns.
The plain loop is of torch's own functions, as the published layers are written: a matrix each for queries, keys and
values, complex rotation, a cache that grows by concatenation, keys repeated for each head of queries. Memory allows
what a sum over as many bytes takes.

    python -m benchmarks.minimind [--size small|full|tiny] [--rate 40|75] [--steps N] [--runs N] [--seconds N] [--busy]
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numba
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.codecs.encodec_config import EncodecSizes
from engine.codecs.wavtokenizer import WavTokenizer
from engine.codecs.wavtokenizer_config import WavTokenizerSizes
from engine.nn.decoding.loop import generate
from engine.nn.decoding.sampling import Noise, Sampling
from engine.nn.decoding.step import warm_up
from engine.nn.decoding.weights import EIGHT_BIT, FULL, LazyWeights
from engine.steps import finish
from engine.systems.minimind.config import LMConfig
from engine.systems.minimind.networks.lm import LanguageModel, lay_out
from engine.systems.minimind.weights import State, published

PLAIN, NETWORK = "plain loop", "float32, not compiled"
MODES = (PLAIN, NETWORK, FULL, EIGHT_BIT)
TEXT, TEMPERATURE, TOP_K = 60, 0.8, 25
RATIOS = {40: (6, 5, 5, 4), 75: (8, 5, 4, 2)}
# Width, hidden, layers, heads, heads of keys, codes; and of the codec filters, width, hidden, inner, blocks.
SIZES = {
    "small": ((512, 1408, 8, 16, 8, 4096), (32, 512, 768, 2304, 12)),
    "full": ((768, 2048, 16, 16, 8, 4096), (32, 512, 768, 2304, 12)),
    "tiny": ((64, 176, 2, 4, 2, 64), (4, 32, 64, 96, 2)),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything and print it; 0 when no mode of ours is slower than the plain loop, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.minimind", description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=tuple(SIZES), default="small")
    parser.add_argument("--rate", choices=tuple(RATIOS), type=int, default=40)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="of sound, for the whole")
    help = "the machine has other work: count one thread's processor time instead of the clock's"  # noqa: A001
    parser.add_argument("--busy", action="store_true", help=help)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(arguments)
    if chosen.busy:
        torch.set_num_threads(1)
        numba.set_num_threads(1)
    threads = torch.get_num_threads()
    _say(f"{chosen.size} size, {chosen.rate} codes a second, torch {torch.__version__}, {threads} threads")
    with torch.inference_mode():
        bench = Bench(chosen.size, chosen.rate, time.process_time if chosen.busy else time.perf_counter)
        figures: dict[str, Any] = bench.race(chosen.steps, chosen.runs)
        figures["whole"] = bench.whole(chosen.seconds)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    ours = [row["ratio"] for row in figures["steps"] if row["mode"] in (FULL, EIGHT_BIT)]
    return 1 if any(ratio < 1 for ratio in ours) else 0


class Bench:
    """A language model and a codec of random weights, in all modes."""

    def __init__(self, size: str, rate: int, clock: Callable[[], float] = time.perf_counter) -> None:
        (width, hidden, layers, heads, groups, codes), (filters, code, backbone, inner, blocks) = SIZES[size]
        self.clock, self.rate = clock, rate
        config = LMConfig(
            width=width, hidden=hidden, n_layers=layers, n_heads=heads, n_kv_heads=groups, n_text=256, n_codes=codes
        )
        self.lm, rng = LanguageModel(config), torch.Generator().manual_seed(1)
        for parameter in self.lm.parameters():
            scale = parameter.shape[-1] ** -0.5 if parameter.dim() > 1 else 0.1
            parameter.data = torch.randn(parameter.shape, generator=rng) * scale + (parameter.dim() == 1)
        # Before full weights take the matrices over, so that both read memory of their own.
        self.plain = Plain(
            {key: value.clone() for key, value in published(self.lm.state_dict(), config).items()}, config
        )
        self.weights = LazyWeights(self.lm.parts())
        for which in (FULL, EIGHT_BIT):
            warm_up(self.weights.get(which))
        encoder = EncodecSizes(
            n_filters=filters, width=code, ratios=RATIOS[rate], n_codebooks=1, codebook_size=codes, kernel=7,
            last_kernel=7, residual_kernel=3, n_lstm_layers=2,
        )  # fmt: skip
        sizes = WavTokenizerSizes(
            encoder=encoder, hidden=backbone, intermediate=inner, n_layers=blocks, n_bandwidths=4,
            n_fft=4 * encoder.hop,
        )  # fmt: skip
        self.codec = WavTokenizer(sizes).eval()
        self.codec.codebook.data = torch.randn(codes, code, generator=rng)
        self.text = list(range(1, TEXT + 1))

    def bound(self) -> float:
        """Milliseconds that reading what a float32 step needs takes, the head's matrix included."""
        numbers = self.lm.parts().numbers()
        big = torch.ones(numbers)
        big.sum()
        return min(self._timed(big.sum) for _ in range(9)) * 1e3

    def race(self, steps: int, runs: int) -> dict[str, Any]:
        """Milliseconds of a step for each mode, modes and the bound in turns."""
        taken: dict[str, list[float]] = {mode: [] for mode in MODES}
        bounds = []
        for _ in range(runs):
            bounds.append(self.bound())
            for mode in MODES:
                stamps = [self.clock() for _ in self.steps(mode, steps)]
                taken[mode] += [b - a for a, b in pairwise(stamps[1:])]
        bound = median(bounds)
        numbers = self.lm.parts().numbers()
        _say(f"\nmemory: {4e-6 * numbers / bound:.1f} GB/s; a float32 step is bound by {bound:.2f} ms")
        _say("\nmode                    ms a step  least   most  of the bound  times the plain loop  times float32")
        found = []
        for mode, times in taken.items():
            ms = median(times) * 1e3
            row = {"mode": mode, "ms": ms, "least": min(times) * 1e3, "of_bound": bound / ms,
                   "ratio": median(taken[PLAIN]) / median(times),
                   "of_full": median(taken[FULL]) / median(times)}  # fmt: skip
            found.append(row)
            _say(f"{mode:23} {ms:9.2f} {row['least']:6.2f} {max(times) * 1e3:6.2f} {row['of_bound']:13.0%}  "
                 f"{row['ratio']:20.2f}  {row['of_full']:.2f}")  # fmt: skip
        return {"bound_ms": bound, "steps": found}

    def steps(self, mode: str, steps: int) -> Iterator[Tensor]:
        """The codes so far, after each step of a mode."""
        rng = torch.Generator().manual_seed(1)
        if mode == PLAIN:
            yield from self.plain(self.text, steps, rng)
            return
        laid = lay_out([self.text], [[]], closed=False)
        sampling = Sampling(max_new_tokens=steps, temperature=(TEMPERATURE,), top_k=TOP_K, min_new_tokens=steps)
        weights = self.weights.get(mode) if mode in (FULL, EIGHT_BIT) else None
        drawn = generate(
            self.lm.body, self.lm.vocabulary(), self.lm.embed(laid), laid.visible, sampling, Noise(rng), weights=weights
        )
        with closing(drawn):
            for result in drawn:
                if result.steps:
                    yield result.ids(0)[:, 0]

    def whole(self, seconds: float) -> list[dict[str, Any]]:
        """From text to sound, which leaves while codes are made: the real-time factor, and when the first is heard."""
        found, codes = [], round(seconds * self.rate)
        _say("\nmode                    model  codec  real-time factor, first sound after s")
        for mode in MODES:
            stream, given, decoding, first = self.codec.stream(), 0, 0.0, None
            began = self.clock()
            for made in self.steps(mode, codes):
                if len(made) - given >= self.rate // 10:
                    at = self.clock()
                    sound = finish(stream.push(made[given:].view(1, 1, -1)))
                    given, decoding = len(made), decoding + self.clock() - at
                    if sound.numel() and first is None:
                        first = self.clock() - began
            at = self.clock()
            finish(stream.push(made[given:].view(1, 1, -1)))
            finish(stream.finish())
            decoding += self.clock() - at
            taken = self.clock() - began
            row = {"mode": mode, "model": taken - decoding, "codec": decoding, "rtf": taken / seconds,
                   "first_s": taken if first is None else first}  # fmt: skip
            found.append(row)
            _say(f"{mode:23} {row['model']:5.2f} {decoding:6.2f}  {row['rtf']:.2f}, {row['first_s']:.2f}")
        return found

    def _timed(self, action: Callable[[], object]) -> float:
        began = self.clock()
        action()
        return self.clock() - began


class Plain:
    """The published layers with torch's own functions, over tensors by their published names."""

    def __init__(self, state: State, config: LMConfig) -> None:
        self._state, self._config = state, config
        half = config.width // config.n_heads // 2
        angles = torch.outer(torch.arange(2048.0), 10_000.0 ** (-torch.arange(half) / half))
        self._turns = torch.polar(torch.ones_like(angles), angles)

    def __call__(self, text: Sequence[int], steps: int, rng: torch.Generator) -> Iterator[Tensor]:
        """The codes so far, after each step."""
        state, end = self._state, self._config.end
        marks = state["llm_embedding.weight"]
        x = torch.cat((marks[:1], state["tok_embeddings.weight"][torch.tensor(text)], marks[1:2]))
        past: list[tuple[Tensor, Tensor]] = []
        codes = torch.zeros(0, dtype=torch.int64)
        for _ in range(steps):
            logits = F.linear(self._layers(x, past)[-1], state["output.weight"]) / TEMPERATURE
            logits[logits < logits.topk(TOP_K).values[-1]] = float("-inf")
            logits[end] = float("-inf")
            code = torch.multinomial(logits.softmax(-1), 1, generator=rng)
            codes = torch.cat((codes, code))
            yield codes
            x = state["speech_embeddings.weight"][code]

    def _layers(self, x: Tensor, past: list[tuple[Tensor, Tensor]]) -> Tensor:
        config, state = self._config, self._state
        length, head = len(x), config.width // config.n_heads
        before = past[0][0].shape[1] if past else 0
        turns = self._turns[before : before + length]
        for index in range(config.n_layers):
            name = f"layers.{index}."
            y = F.rms_norm(x, x.shape[-1:], state[f"{name}attention_norm.weight"], config.norm_eps)
            queries, keys, values = (
                F.linear(y, state[f"{name}attention.{part}.weight"]).view(length, -1, head).transpose(0, 1)
                for part in ("wq", "wk", "wv")
            )
            queries, keys = (
                torch.view_as_real(torch.view_as_complex(each.reshape(*each.shape[:-1], -1, 2)) * turns).flatten(-2)
                for each in (queries, keys)
            )
            if len(past) > index:
                keys, values = torch.cat((past[index][0], keys), 1), torch.cat((past[index][1], values), 1)
                past[index] = keys, values
            else:
                past.append((keys, values))
            copies = config.n_heads // config.n_kv_heads
            seen = F.scaled_dot_product_attention(
                queries, keys.repeat_interleave(copies, 0), values.repeat_interleave(copies, 0), is_causal=length > 1
            )
            x = x + F.linear(seen.transpose(0, 1).reshape(length, -1), state[f"{name}attention.wo.weight"])
            y = F.rms_norm(x, x.shape[-1:], state[f"{name}ffn_norm.weight"], config.norm_eps)
            w1, w2, w3 = (state[f"{name}feed_forward.{part}.weight"] for part in ("w1", "w2", "w3"))
            x = x + F.linear(F.silu(F.linear(y, w1)) * F.linear(y, w3), w2)
        return F.rms_norm(x, x.shape[-1:], state["norm.weight"], config.norm_eps)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
