"""Validation while a model trains: losses on recordings that are not trained on, and a sentence to listen to."""

import torch

from engine.systems.vits.networks.model import Scales, Vits
from engine.systems.vits.training.config import Run
from engine.systems.vits.training.data import Recordings, collate
from engine.systems.vits.training.objective import LossConfig, generate, generator_losses, real_segments
from engine.training.metrics import MetricsLog

UTTERANCES = 8
SEED = 0


@torch.no_grad()
def evaluate(model: Vits, recordings: Recordings, run: Run, metrics: MetricsLog, step: int) -> None:
    """Write the mean losses of the first recordings to ``metrics``, and how the first of them is spoken.

    The same random numbers every time, and training's own are left as they were.
    """
    device = next(model.parameters()).device
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(SEED)
        model.eval()
        try:
            metrics.write(step, {f"val_{name}": value for name, value in _losses(model, recordings, run).items()})
            samples = _speak(model, recordings)
        finally:
            model.train()
    rate = run.model.audio.sampling_rate
    metrics.sample(step, "spoken", samples.numpy(), rate)
    metrics.sample(0, "recorded", recordings[0].samples.numpy(), rate)


def _losses(model: Vits, recordings: Recordings, run: Run) -> dict[str, float]:
    frames = run.train.segment_size // run.model.audio.hop_length
    long_enough = [i for i, utterance in enumerate(recordings.utterances) if utterance.frames >= frames]
    sums: dict[str, float] = {}
    chosen = long_enough[:UTTERANCES]
    for number in chosen:
        batch = collate([recordings[number]]).to(next(model.parameters()).device)
        generated = generate(model, batch, frames)
        real = real_segments(batch, generated.starts, frames, run.model.audio.hop_length)
        config = LossConfig(mel=run.train.c_mel, kl=run.train.c_kl)
        losses = generator_losses(generated, batch, real, run.model.audio, config, run.model.model.decoder)
        for name, loss in losses.items():
            sums[name] = sums.get(name, 0.0) + loss.item() / len(chosen)
    return sums


def _speak(model: Vits, recordings: Recordings) -> torch.Tensor:
    batch = collate([recordings[0]]).to(next(model.parameters()).device)
    rng = torch.Generator().manual_seed(SEED)
    sid = batch.speakers if model.emb_g is not None else None
    # An untrained model may give a symbol minutes.
    spoken = model.infer(
        batch.ids, batch.id_lengths, rng=rng, sid=sid, scales=Scales(), max_frames=2 * int(batch.frame_lengths[0])
    )
    return spoken.decoded.audio[0, 0].float().cpu()
