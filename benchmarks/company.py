"""What it costs to speak for several at once: streams whose steps are made together, and the same apart.

Streams are runs of the decoding loop on threads of their own, as the server has them, each with its own prompt, drawing
and cache. Apart, every run steps by itself, as if there were no others. Networks are of the size of ChatTTS, with
random weights. The frames of all streams together, per second, from when all have read their prompts; in turns, the
best of the runs.

    python -m benchmarks.company [--size full|tiny] [--streams N...] [--modes full 8-bit] [--steps N] [--runs N]
"""

import argparse
import dataclasses
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import torch

from benchmarks.chattts_models import SIZES, random_model
from engine.nn.decoding.company import Company
from engine.nn.decoding.loop import generate
from engine.nn.decoding.sampling import Noise, Sampling
from engine.nn.decoding.step import warm_up
from engine.nn.decoding.weights import EIGHT_BIT, FULL, LazyWeights, Weights

PROMPT = 50
TOGETHER, APART = "together", "apart"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 when several streams are faster together than apart, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.company", description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=tuple(SIZES), default="full")
    parser.add_argument("--streams", nargs="+", type=int, default=[1, 2, 4, 8])
    parser.add_argument("--modes", nargs="+", choices=(FULL, EIGHT_BIT), default=[FULL, EIGHT_BIT])
    parser.add_argument("--steps", type=int, default=48)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args(arguments)
    model = random_model(SIZES[chosen.size], torch.device("cpu"))
    prepared = LazyWeights(model.gpt.parts())
    _say(f"{chosen.size} size, torch {torch.__version__}, {torch.get_num_threads()} threads")
    _say("\nweights  streams  frames/s together  apart  times apart  times one stream")
    slower = False
    for mode in chosen.modes:
        weights = prepared.get(mode)
        assert weights is not None
        warm_up(weights)
        one = None
        for streams in chosen.streams:
            found: dict[str, list[float]] = {TOGETHER: [], APART: []}
            for _ in range(chosen.runs):
                for way, rates in found.items():
                    rates.append(_rate(model, weights, streams, chosen.steps, apart=way == APART))
            together, apart = max(found[TOGETHER]), max(found[APART])
            one = one or together / streams
            slower |= streams > 1 and together < apart
            _say(f"{mode:8} {streams:7} {together:18.1f} {apart:6.1f} {together / apart:12.2f} {together / one:17.2f}")
    return int(slower)


def _rate(model, weights: Weights, streams: int, steps: int, *, apart: bool) -> float:
    """Frames of all streams per second."""
    sampling = Sampling(
        max_new_tokens=steps, min_new_tokens=steps, temperature=(0.3,), top_k=20, repetition_penalty=1.05
    )
    read = Barrier(streams, timeout=600)
    spans = []

    @torch.inference_mode()
    def speak(number: int) -> None:
        own = dataclasses.replace(weights, company=Company()) if apart else weights
        prompt = torch.randn(1, PROMPT, model.gpt.config.hidden, generator=torch.Generator().manual_seed(number))
        visible = torch.ones(1, PROMPT, dtype=torch.bool)
        vocabulary = model.embed.code_vocabulary()
        for result in generate(model.gpt, vocabulary, prompt, visible, sampling, Noise(number), weights=own, stride=1):
            if result.steps == 1:
                read.wait()
                began = time.perf_counter()
        spans.append((began, time.perf_counter()))

    with ThreadPoolExecutor(streams) as pool:
        list(pool.map(speak, range(streams)))
    return streams * (steps - 1) / (max(end for _, end in spans) - min(begin for begin, _ in spans))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
