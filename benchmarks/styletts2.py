"""How fast StyleTTS 2 speaks, part by part, beside the straightforward pass and the machine's matrix product.

Both public architectures with random weights, 5 s of sound from 100 phonemes. The peer is `benchmarks.styletts2_eager`:
the same parameters, operation by operation. What is compared runs in turns, and the middle
of several runs counts. "of the machine" is the rate of a part over that of a large float32 matrix product in the same
turns. Then, through the system, how long a text of five sentences takes until its first sound, over how long its first
sentence takes alone; and how long one takes that begins with a long sentence.

    python -m benchmarks.styletts2 [--models NAME...] [--threads N] [--runs N] [--device cpu|cuda] [--json FILE]
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import styletts2_eager as eager
from benchmarks.memory import forget_peak, memory_mb
from engine.events import AudioChunk
from engine.style_tts.config import DecoderConfig, DecoderKind, PLBertConfig
from engine.style_tts.source import HARMONICS
from engine.style_tts.synthesizer import EncodedText
from engine.systems.styletts2.networks.config import DiffusionConfig, ModelConfig
from engine.systems.styletts2.networks.model import StyleTTS2
from engine.systems.styletts2.options import Options
from engine.systems.styletts2.system import StyleTTS2System
from engine.systems.styletts2.voices import voice_of

PHONEMES, FRAMES, SECONDS = 100, 200, 5.0
DIFFUSION_STEPS = 5
FIVE = (
    "The first light of the morning fell on the quiet harbour.",
    "Nobody was there to see it, for the boats had left in the night.",
    "A dog walked along the pier and looked at the water.",
    "Far away a bell rang three times, and then it was still again.",
    "By noon the fishermen came back with more than they had hoped for.",
)
LONG = (
    "When the first light of the morning fell on the quiet harbour, nobody was there to see it, because the boats had "
    "left in the night and a dog that walked along the pier looked only at the water below."
)
PRODUCT = 2048  # rows and columns of the large matrix product

ISTFTNET = DecoderConfig(
    kind=DecoderKind.ISTFTNET, width=1024, residual_width=64, upsample_initial_channel=512,
    upsample_rates=(10, 6), upsample_kernel_sizes=(20, 12),
    resblock_kernel_sizes=(3, 7, 11), resblock_dilation_sizes=((1, 3, 5),) * 3,
)  # fmt: skip
HIFIGAN = replace(
    ISTFTNET, kind=DecoderKind.HIFIGAN, upsample_rates=(10, 5, 3, 2), upsample_kernel_sizes=(20, 10, 6, 4)
)
LJSPEECH = ModelConfig(
    n_token=178, n_mels=80, dim_in=64, hidden_dim=512, n_layer=3, max_dur=50, style_dim=128, multispeaker=False,
    decoder=ISTFTNET,
    diffusion=DiffusionConfig(num_layers=3, num_heads=8, head_features=64, multiplier=2, sigma_data=0.457),
    plbert=PLBertConfig(
        vocab_size=178, embedding_size=128, hidden_size=768, num_attention_heads=12, intermediate_size=2048,
        max_position_embeddings=512, num_hidden_layers=12,
    ),
)  # fmt: skip
MODELS = {"ljspeech": LJSPEECH, "libritts": replace(LJSPEECH, multispeaker=True, decoder=HIFIGAN)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part: seconds, ours and the peer's; multiplications and additions; the machine's rate in the same turns."""

    name: str
    ours_s: float
    peer_s: float
    gflop: float
    machine_gflops: float

    @property
    def of_machine(self) -> float:
        """The share of the machine's rate."""
        return self.gflop / self.ours_s / self.machine_gflops


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A model: its parts, real-time factors, the waits for a first sound, and MiB that the process grew at most.

    The waits are for five sentences, the first of them alone, and a long sentence.
    """

    model: str
    threads: int
    parts: tuple[Part, ...]
    rtf: float
    rtf_peer: float
    first_s: float
    alone_s: float
    long_s: float
    memory_mb: float | None

    @property
    def decoder(self) -> float:
        """The share of the machine's rate that the whole decoder reaches."""
        parts = [part for part in self.parts if part.name in DECODER]
        return sum(part.gflop for part in parts) / sum(part.ours_s * part.machine_gflops for part in parts)

    @property
    def machine_gflops(self) -> float:
        """GFLOP/s of the large matrix product, in the middle."""
        return median(part.machine_gflops for part in self.parts)


DECODER = ("decoder front", "source", "generator")


class Sentence:
    """One sentence through a random model; each part begins from what the one before it has made."""

    def __init__(self, config: ModelConfig, device: str, phonemes: int = PHONEMES, frames: int = FRAMES) -> None:
        torch.manual_seed(0)
        self.model = StyleTTS2(config).eval().requires_grad_(False).to(device)
        self.device = device
        rng = torch.Generator().manual_seed(1)

        def randn(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=rng).to(device)

        self.ids = torch.randint(1, config.n_token, (1, phonemes), generator=rng).to(device)
        self.lengths = torch.tensor([phonemes], device=device)
        width = 2 * config.style_dim
        self.start, self.step_noise = randn(1, 1, width), randn(DIFFUSION_STEPS - 1, 1, 1, width)
        self.reference = randn(1, width) * 0.3 if config.multispeaker else None
        self.frames = torch.full((phonemes,), frames // phonemes, device=device)
        self.noise = torch.randn(1, 600 * frames, HARMONICS, generator=rng)
        self.style = randn(1, width) * 0.3
        # About four frames for each phoneme, as in speech.
        bias: Tensor = self.model.predictor.duration_proj.bias
        bias.fill_(-4.0)
        bias[:4] = 4.0

    def parts(self) -> Iterator[tuple[str, Callable[[], object], Callable[[], object]]]:
        """The name of each part, ours and the peer's; where there is one way only, they are the same."""
        model, lengths = self.model, self.lengths
        with torch.inference_mode():
            acoustic = model.text_encoder(self.ids, lengths)
            bert = model.bert(self.ids, torch.ones_like(self.ids, dtype=torch.bool))
            text = EncodedText(lengths, acoustic, bert, model.bert_encoder(bert).transpose(1, 2))
            durations = model.predict_durations(text, self.style)
            inputs = model.predict_contours(text, durations, self.style, self.frames)
            pitch = inputs.pitch.abs() + 100.0
            style, decoder = model.acoustic(self.style), model.decoder
            features = decoder.features(inputs.text, pitch, inputs.energy, style)
            source = decoder.generator.source(pitch, self.noise).to(features)

        def both(name: str, ours: Callable[[], object]) -> tuple[str, Callable[[], object], Callable[[], object]]:
            return name, ours, ours

        mask = torch.ones_like(self.ids, dtype=torch.bool)
        yield both("PL-BERT", lambda: model.bert(self.ids, mask))
        yield both("text encoder", lambda: model.text_encoder(self.ids, lengths))
        given = (text.bert, self.start, self.step_noise)
        yield (
            "diffusion",
            lambda: model.diffusion.sample(*given, features=self.reference),
            lambda: eager.sample(model.diffusion, *given, features=self.reference),
        )
        yield both("durations", lambda: model.predict_durations(text, self.style))
        yield both("pitch, energy", lambda: model.predict_contours(text, durations, self.style, self.frames))
        yield both("decoder front", lambda: decoder.features(inputs.text, pitch, inputs.energy, style))
        yield both("source", lambda: decoder.generator.source(pitch, self.noise))
        yield (
            "generator",
            lambda: decoder.generator(features, style, source),
            lambda: eager.generate(decoder.generator, features, style, source),
        )

    def first_audio(self, text: str) -> float:
        """Seconds until the first sound of ``text``, through the system."""
        system = StyleTTS2System(self.model, torch.device(self.device), {})
        style = self.style.cpu().numpy()
        voice = voice_of(style, "", multispeaker=True) if self.model.config.multispeaker else system.voice("")
        options, began = Options(diffusion_steps=DIFFUSION_STEPS), time.perf_counter()
        segments = system.segment(text, "en", options)
        events = system.synthesize(segments, voice, options, torch.Generator().manual_seed(0))
        next(event for event in events if isinstance(event, AudioChunk))
        waited = time.perf_counter() - began
        events.close()
        return waited


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print tables, and return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.styletts2", description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="*", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args(arguments)
    before = torch.get_num_threads()
    torch.set_num_threads(options.threads)
    try:
        results = [measure(name, MODELS[name], options.device, options.runs) for name in options.models]
    finally:
        torch.set_num_threads(before)
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=2), encoding="utf-8")
    return 0


@torch.inference_mode()
def measure(name: str, config: ModelConfig, device: str, runs: int, phonemes: int = PHONEMES) -> Result:
    """Every part of a model, and the whole."""
    held = memory_mb("VmRSS")
    forget_peak()
    sentence = Sentence(config, device, phonemes, 2 * phonemes)
    parts = [measure_part(part, ours, peer, device, runs) for part, ours, peer in sentence.parts()]
    waits = interleave([partial(sentence.first_audio, text) for text in (" ".join(FIVE), FIVE[0], LONG)], runs, device)
    peak = memory_mb("VmHWM")
    seconds = SECONDS * phonemes / PHONEMES
    result = Result(
        model=name,
        threads=torch.get_num_threads(),
        parts=tuple(parts),
        rtf=sum(part.ours_s for part in parts) / seconds,
        rtf_peer=sum(part.peer_s for part in parts) / seconds,
        first_s=median(waits[0]),
        alone_s=median(waits[1]),
        long_s=median(waits[2]),
        memory_mb=None if held is None or peak is None else peak - held,
    )
    _show(result, device)
    return result


def measure_part(name: str, ours: Callable[[], object], peer: Callable[[], object], device: str, runs: int) -> Part:
    """Ours, the peer and a large matrix product in turns; the work is counted on the peer."""
    counter = FlopCounterMode(display=False)
    with counter:
        peer()
    a, b = (torch.randn(PRODUCT, PRODUCT, device=device) for _ in range(2))
    product, *times = interleave((lambda: a @ b, ours, *([peer] if peer is not ours else [])), runs, device)
    return Part(
        name=name,
        ours_s=median(times[0]),
        peer_s=median(times[-1]),
        gflop=counter.get_total_flops() / 1e9,
        machine_gflops=2 * PRODUCT**3 / 1e9 / median(product),
    )


def interleave(actions: Sequence[Callable[[], object]], runs: int, device: str) -> list[list[float]]:
    """Seconds of each action, the actions in turns, after one round that does not count."""
    times: list[list[float]] = [[] for _ in actions]
    for run in range(runs + 1):
        for action, taken in zip(actions, times, strict=True):
            began = time.perf_counter()
            action()
            if device == "cuda":
                torch.cuda.synchronize()
            if run:
                taken.append(time.perf_counter() - began)
    return times


def _show(result: Result, device: str) -> None:
    where = torch.cuda.get_device_name() if device == "cuda" else platform.processor() or platform.machine()
    memory = "" if result.memory_mb is None else f", {result.memory_mb:.0f} MB"
    _say(f"\n{result.model} on {where}, {result.threads} threads, torch {torch.__version__}{memory}")
    _say(f"a product of {PRODUCT} x {PRODUCT} matrices: {result.machine_gflops:.0f} GFLOP/s")
    _say("part             ours s  peer s  ours/peer   GFLOP  of the machine")
    for part in result.parts:
        _say(
            f"{part.name:15} {part.ours_s:7.3f} {part.peer_s:7.3f} {part.ours_s / part.peer_s:10.2f} "
            f"{part.gflop:7.1f} {part.of_machine:15.0%}"
        )
    _say(f"the decoder reaches {result.decoder:.0%} of the machine's rate")
    _say(f"real-time factor {result.rtf:.3f}, of the straightforward pass {result.rtf_peer:.3f}")
    _say(
        f"first sound of five sentences after {result.first_s:.2f} s, {result.first_s / result.alone_s:.2f} times "
        "as long as the first sentence takes alone"
    )
    _say(f"first sound of a sentence of {len(LONG)} characters after {result.long_s:.2f} s")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
