"""The training objective: the forward pass with alignment, and the losses of both sides.

VITS (arXiv 2106.06103); docs/systems/vits.md#losses.

Letters: B batch, T symbols, F frames, S frames of a segment, c latent channels, K sub-bands, N samples of a segment.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.audio.mel import log_mel, mel_bank
from engine.audio.pqmf import PQMF
from engine.audio.stft import linear_spectrogram
from engine.errors import ConfigError
from engine.systems.vits.config import AudioConfig, DecoderKind
from engine.systems.vits.networks.decoder import Decoded
from engine.systems.vits.networks.model import Vits
from engine.systems.vits.networks.posterior import Posterior
from engine.systems.vits.networks.text_encoder import EncodedText, length_mask
from engine.systems.vits.training.alignment import log_likelihoods, monotonic_path
from engine.systems.vits.training.data import Batch
from engine.training.discriminators import Discriminators
from engine.training.losses import (
    SUBBAND_RESOLUTIONS,
    Resolution,
    discriminator_loss,
    duration_loss,
    feature_loss,
    generator_loss,
    kl_loss,
    subband_loss,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """Weights of the losses, and the resolutions of the sub-band one. What has no weight here counts once."""

    mel: float = 45.0
    kl: float = 1.0
    resolutions: tuple[Resolution, ...] = SUBBAND_RESOLUTIONS


@dataclass(frozen=True, slots=True)
class Generated:
    """One forward pass: the decoded segment, where it was cut, and all that the losses compare.

    ``starts`` (B,) in frames; ``path`` (B, F, T); ``mask`` (B, 1, F); ``mean`` and ``log_std`` (B, c, F) of the prior,
    ``z_p`` (B, c, F).
    """

    decoded: Decoded
    starts: Tensor
    path: Tensor
    mask: Tensor
    posterior: Posterior
    mean: Tensor
    log_std: Tensor
    z_p: Tensor
    duration_loss: Tensor


def generate(model: Vits, batch: Batch, segment_frames: int) -> Generated:
    """Encode text and sound, align them, and decode a random segment of ``segment_frames`` of each item.

    Under autocast the networks run in its precision and the likelihoods in float32. Random numbers are drawn from
    torch's own generators, in the published order.
    """
    if int(batch.frame_lengths.min()) < segment_frames:
        raise ConfigError(
            "a recording of {frame_lengths} frames is shorter than a segment of {segment_frames}: make "
            "train.segment_size smaller",
            frame_lengths=int(batch.frame_lengths.min()),
            segment_frames=segment_frames,
        )
    if model.enc_q is None:
        raise ValueError("this model has no posterior encoder; build it with one to train it")
    g = model.speaker(batch.speakers if model.emb_g is not None else None)
    text = model.enc_p(batch.ids, batch.id_lengths)
    mask = length_mask(batch.frame_lengths, batch.spectrograms.shape[-1]).to(batch.spectrograms.dtype)
    posterior = model.enc_q(batch.spectrograms, mask, None, g)
    z_p = model.flow(posterior.z, mask, g)
    with torch.autocast(z_p.device.type, enabled=False):
        z_p, mean, log_std = z_p.float(), text.mean.float(), text.log_std.float()
        with torch.no_grad():
            scores = log_likelihoods(z_p, mean, log_std)
            path = monotonic_path(scores, batch.frame_lengths, batch.id_lengths)
        durations = path.sum(1, keepdim=True)
        loss = _duration_loss(model, text, durations, g)
        # A product with a 0/1 matrix: slower than a gather, but its gradient is the same sum in every run.
        mean, log_std = mean @ path.transpose(1, 2), log_std @ path.transpose(1, 2)
    # Drawn on the CPU, so that a seed cuts the same segments on any device.
    starts = (torch.rand(len(batch.ids)) * (batch.frame_lengths.cpu() - segment_frames + 1)).long().to(mask.device)
    decoded = model.dec(cut(posterior.z, starts, segment_frames), g)
    return Generated(decoded, starts, path, mask, posterior, mean, log_std, z_p, loss)


def _duration_loss(model: Vits, text: EncodedText, durations: Tensor, g: Tensor | None) -> Tensor:
    """In float32 throughout: the splines and logarithms of the stochastic predictor need it."""
    hidden, mask = text.hidden.float(), text.mask.float()
    if model.config.use_sdp:
        return (model.dp.loss(hidden, mask, durations, None, g) / mask.sum()).sum()
    return duration_loss(model.dp(hidden, mask, g), durations, mask)


def cut(values: Tensor, starts: Tensor, length: int) -> Tensor:
    """``length`` columns of each item of ``values`` (B, C, n), from its own start on: (B, C, length)."""
    columns = starts[:, None] + torch.arange(length, device=values.device)
    return values.gather(2, columns[:, None].expand(-1, values.shape[1], -1))


def real_segments(batch: Batch, starts: Tensor, segment_frames: int, hop_length: int) -> Tensor:
    """The recordings (B, 1, N) where `generate` has decoded."""
    return cut(batch.samples, starts * hop_length, segment_frames * hop_length)


def generator_losses(
    generated: Generated, batch: Batch, real: Tensor, audio: AudioConfig, config: LossConfig, kind: DecoderKind
) -> dict[str, Tensor]:
    """The losses that need no discriminator, already weighted: mel, kl, dur, and subband for the multi-band decoder."""
    fake = generated.decoded.audio.float()
    bank = mel_bank(audio.sampling_rate, audio.filter_length, audio.n_mel_channels, audio.mel_fmin, audio.mel_fmax)
    segment_frames = real.shape[-1] // audio.hop_length
    mel = log_mel(cut(batch.spectrograms, generated.starts, segment_frames), bank)
    fake_spectrogram = linear_spectrogram(fake[:, 0], audio.filter_length, audio.hop_length, audio.win_length)
    log_std_q = generated.posterior.log_std.float()
    losses = {
        "mel": config.mel * F.l1_loss(mel, log_mel(fake_spectrogram, bank)),
        "kl": config.kl * kl_loss(generated.z_p, log_std_q, generated.mean, generated.log_std, generated.mask),
        "dur": generated.duration_loss,
    }
    subbands = generated.decoded.subbands
    if kind is DecoderKind.MULTI_BAND and subbands is not None:
        bands = PQMF(subbands.shape[1]).to(real.device).analysis(real)
        losses["subband"] = subband_loss(subbands.float(), bands, config.resolutions)
    return losses


def discriminators_loss(discriminators: Discriminators, real: Tensor, fake: Tensor) -> Tensor:
    """The loss of the discriminators; ``fake`` (B, 1, N) is a constant here."""
    of_real, of_fake = discriminators.compare(real, fake.detach())
    return discriminator_loss([d.logit.float() for d in of_real], [d.logit.float() for d in of_fake])


def adversarial_losses(discriminators: Discriminators, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
    """The generator's losses through discriminators whose weights are held: gen and fm."""
    with torch.no_grad():
        of_real = discriminators(real)
    of_fake = discriminators(fake)
    return {
        "gen": generator_loss([d.logit.float() for d in of_fake]),
        "fm": feature_loss(*([[f.float() for f in d.features] for d in side] for side in (of_real, of_fake))),
    }
