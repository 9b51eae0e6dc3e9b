"""From nothing to the folder that ships: the stages in their order, each resumed where it was left."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from engine.events import Progress
from engine.systems.vits.config import Config, parse
from engine.systems.vits.networks.model import Vits
from engine.training.checkpoint import save
from recipes.bundled_voice import acoustic, vocoder
from recipes.bundled_voice.data import Corpus, build
from recipes.bundled_voice.features import SAMPLE_RATE
from recipes.bundled_voice.texts import training_sentences

logger = logging.getLogger(__name__)

CONFIG = Path(__file__).with_name("config.json")
# The prior's noise, times the usual noise_scale, is about what stage two added to its latents: takes differ, pitch
# moves a little, and no word changes.
LOG_STD = -3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much of everything: sentences per speaker, and minutes of wall time for each stage on one thread."""

    sentences: int = 12_000
    seed: int = 1
    acoustic_minutes: float = 110.0
    spectral_minutes: float = 50.0
    adversarial_minutes: float = 60.0
    polishing_minutes: float = 80.0


def make(work: Path, target: Path, plan: Plan = Plan()) -> Iterator[Progress]:
    """Make the voice: intermediate files under ``work``, the result under ``target``."""
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "corpus" / "index.json").exists():
        yield from build(training_sentences(plan.sentences, plan.seed), work / "corpus")
    corpus, config = Corpus.open(work / "corpus"), configuration()
    yield from acoustic.train(corpus, config, work / "acoustic.pt", minutes=plan.acoustic_minutes)
    yield from vocoder.train(corpus, config, work / "spectral.pt", minutes=plan.spectral_minutes)
    if not (work / "predicted.npy").exists():
        yield from predict(corpus, work / "acoustic.pt", work / "predicted.npy")
    predicted = vocoder.Predicted(corpus, np.load(work / "predicted.npy", mmap_mode="r"))
    for stage, begins_from, minutes in (
        ("adversarial", "spectral", plan.adversarial_minutes),
        ("polished", "adversarial", plan.polishing_minutes),  # spectral losses again: they hold the pitch best
    ):
        checkpoint = work / f"{stage}.pt"
        if not checkpoint.exists():
            checkpoint.write_bytes((work / f"{begins_from}.pt").read_bytes())
        yield from vocoder.train(
            corpus, config, checkpoint, minutes=minutes, predicted=predicted, adversarial=stage == "adversarial"
        )
    assemble(corpus, predicted, work / "acoustic.pt", work / "polished.pt", target)
    yield Progress(done=1, total=1, label=f"written to {target}")


def predict(corpus: Corpus, checkpoint: Path, target: Path) -> Iterator[Progress]:
    """Write what stage one makes of every sentence with the teacher's durations, (frames, 64) float16."""
    config = configuration()
    model = acoustic_model(config, checkpoint)
    symbols = set(config.text.symbols)
    latents = np.array(corpus.latents)  # where a sentence cannot be predicted the teacher's own latents stay
    batches = acoustic.Batches(corpus, config.text.symbols, [], seed=0)
    mean, std = corpus.mean[:, 0], corpus.std[:, 0]
    latents = ((latents - mean) / std).astype(np.float16)
    for item, (_, phonemes, first, frames, _) in enumerate(corpus.index):
        if set(phonemes) <= symbols:
            with torch.inference_mode():
                z = acoustic.predict(model, batches.batch([item]))[0]
            latents[first : first + frames] = z[0].T.numpy().astype(np.float16)
        if item % 100 == 0:
            yield Progress(done=item, total=len(corpus.index), label="predicting latents")
    np.save(target, latents)


def configuration() -> Config:
    """The architecture of the voice."""
    return parse(json.loads(CONFIG.read_text(encoding="utf-8")))


def acoustic_model(config: Config, checkpoint: Path) -> Vits:
    """The whole network with the averaged weights of stage one; its decoder is not trained yet."""
    model = Vits(config.model, with_posterior=False).eval()
    model.load_state_dict(averaged(checkpoint))
    return model


def averaged(checkpoint: Path) -> dict[str, torch.Tensor]:
    """The moving average of the weights in a stage's checkpoint."""
    state = torch.load(checkpoint, weights_only=True)["average"]
    return {key.removeprefix("module."): value for key, value in state.items() if key.startswith("module.")}


def assemble(corpus: Corpus, predicted: vocoder.Predicted, text_side: Path, decoder: Path, target: Path) -> None:
    """Join both stages, calibrate pace and spectrum, and write the checkpoint in the public layout, in float16."""
    config = configuration()
    model = acoustic_model(config, text_side)
    model.dec.load_state_dict(averaged(decoder))
    freeze_variance(model)
    calibrate_durations(model, corpus)
    calibrate_spectrum(model, corpus, predicted)
    target.mkdir(parents=True, exist_ok=True)
    raw = json.loads(CONFIG.read_text(encoding="utf-8"))
    raw["symbols"] = list(config.text.symbols)
    (target / "config.json").write_text(json.dumps(raw, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    step = torch.load(decoder, weights_only=True)["step"]
    for old in target.glob("G_*.pth"):
        old.unlink()
    state = {key: value.to(torch.float16) for key, value in model.state_dict().items()}
    save(target / f"G_{step}.pth", {"model": state, "iteration": 1, "optimizer": {}, "learning_rate": 0.0})


def freeze_variance(model: Vits) -> None:
    """Set the prior's log standard deviation to LOG_STD everywhere: stage one does not train it."""
    half = model.config.inter_channels
    model.enc_p.proj.weight.data[half:] = 0.0
    model.enc_p.proj.bias.data[half:] = LOG_STD


def calibrate_durations(model: Vits, corpus: Corpus, *, items: int = 160) -> None:
    """Move the bias of the log-durations until the length is the teacher's: regressed logarithms come out short."""
    symbols = configuration().text.symbols
    sample = range(0, len(corpus.index), max(1, len(corpus.index) // items))
    chosen = [i for i in sample if set(corpus.tokens(i)[0]) <= set(symbols)]
    batches = acoustic.Batches(corpus, symbols, [], seed=0)
    with torch.inference_mode():
        logs = torch.cat([acoustic.predict(model, batches.batch([i]))[2].flatten() for i in chosen])
    frames = sum(int(corpus.tokens(i)[1].sum()) for i in chosen)
    slow, fast = 0.3, -0.3
    for _ in range(20):
        middle = (slow + fast) / 2
        slow, fast = (middle, fast) if float((logs + middle).exp().ceil().sum()) > frames else (slow, middle)
    model.dp.proj.bias.data += slow


@torch.inference_mode()
def calibrate_spectrum(
    model: Vits, corpus: Corpus, predicted: vocoder.Predicted, *, rounds: int = 3, items: int = 80
) -> None:
    """Move the decoder's long-term spectrum onto the teacher's: an equaliser in the bias of its last convolution.

    Regression loses energy where it is uncertain: docs/bundled-voice.md#calibration. Each sub-band's inverse STFT has
    nine bins, 250 Hz apart, and the bias of a bin's log-magnitude is a gain; odd sub-bands run from high to low.
    """
    chosen = range(0, len(corpus.index), max(1, len(corpus.index) // items))
    hz = np.fft.rfftfreq(1024, 1 / SAMPLE_RATE)
    centres = _bin_frequencies()
    bias = model.dec.subband_conv_post.bias.view(4, 2, 9)[:, 0]
    target = _spectrum([corpus.sound(i) for i in chosen])
    for _ in range(rounds):
        spoken = [model.dec(torch.from_numpy(predicted.latent(i))[None]).audio[0, 0].numpy() for i in chosen]
        measured = _spectrum(spoken)
        for band in range(4):
            for index in range(9):
                near = np.abs(hz - centres[band, index]) < 125
                # Powers, not their logarithms: what is between the harmonics must not move them.
                difference = np.log(target[near].sum() / measured[near].sum())
                bias[band, index] += float(0.5 * np.clip(difference, -1.5, 1.5))


def _bin_frequencies() -> np.ndarray:
    """The frequency in Hz at the middle of each bin (9) of each sub-band (4)."""
    steps = np.arange(9) * 250.0
    return np.stack([2000.0 * band + (steps if band % 2 == 0 else 2000.0 - steps) for band in range(4)])


def _spectrum(sounds: list[np.ndarray]) -> np.ndarray:
    """Mean power (513,) of the short-time spectra of all sounds."""
    window = torch.hann_window(1024)
    powers = [
        torch.stft(torch.from_numpy(s), 1024, 256, window=window, return_complex=True).abs().square().mean(1)
        for s in sounds
    ]
    return torch.stack(powers).mean(0).numpy() + 1e-9
