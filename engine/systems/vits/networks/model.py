"""The whole network: text encoder, durations, prior flow, decoder.

VITS (arXiv 2106.06103); docs/systems/vits.md#the-figure-as-files. Letters: B batch, T symbols, F frames,
c latent channels, G channels of the speaker embedding, N samples.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.errors import WeightsMismatch
from engine.steps import Steps, finish
from engine.systems.vits.config import ModelConfig
from engine.systems.vits.networks.decoder import Decoded, build_decoder
from engine.systems.vits.networks.duration import DurationPredictor, StochasticDurationPredictor
from engine.systems.vits.networks.flow import CouplingFlow
from engine.systems.vits.networks.posterior import PosteriorEncoder
from engine.systems.vits.networks.text_encoder import EncodedText, TextEncoder, length_mask

MAX_FRAMES_PER_SYMBOL = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """The controls of inference: temperatures of the prior and of the durations, and a factor on the durations."""

    noise: float = 0.667
    noise_w: float = 0.8
    length: float = 1.0


@dataclass(frozen=True, slots=True)
class Latents:
    """The decoder's input ``z`` (B, c, F) with ``mask`` (B, 1, F), and the intermediate results on the way there.

    ``log_durations`` and ``durations`` are (B, 1, T), the latter in whole frames; ``mean``, ``log_std`` and ``z_p``
    are (B, c, F).
    """

    z: Tensor
    mask: Tensor
    text: EncodedText
    log_durations: Tensor
    durations: Tensor
    mean: Tensor
    log_std: Tensor
    z_p: Tensor


@dataclass(frozen=True, slots=True)
class Inferred:
    """Sound (B, 1, N), of which item b has ``upsampling`` · its frames, and the latents that it was decoded from."""

    decoded: Decoded
    latents: Latents


@dataclass(frozen=True, slots=True)
class Converted:
    """Sound (B, 1, N) in another voice, and the latents of the source, of the prior, and of the target."""

    decoded: Decoded
    z: Tensor
    z_p: Tensor
    z_hat: Tensor


class Vits(nn.Module):
    """The network. Attribute names are the published ones. ``enc_q`` is there only ``with_posterior``."""

    def __init__(self, config: ModelConfig, *, with_posterior: bool = True) -> None:
        super().__init__()
        self.config = config
        self.enc_p = TextEncoder(config)
        self.dec = build_decoder(config)
        self.enc_q = PosteriorEncoder(config) if with_posterior else None
        self.flow = CouplingFlow(config)
        self.dp = StochasticDurationPredictor(config) if config.use_sdp else DurationPredictor(config)
        self.emb_g = nn.Embedding(config.n_speakers, config.gin_channels) if config.n_speakers else None

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.parameters()).device

    def speaker(self, sid: Tensor | None) -> Tensor | None:
        """The speaker embeddings (B, G, 1) of the numbers ``sid`` (B,); None where the model has one speaker."""
        if self.emb_g is None:
            return None
        if sid is None:
            raise ValueError("this model has several speakers; name one")
        return self.emb_g(sid).unsqueeze(-1)

    def infer(
        self,
        ids: Tensor,
        lengths: Tensor,
        *,
        rng: torch.Generator,
        sid: Tensor | None = None,
        scales: Scales | None = None,
        max_frames: int | None = None,
    ) -> Inferred:
        """Sound of ``ids`` (B, T), of which ``lengths`` (B,) count, cut to ``max_frames``."""
        latents = self.latents(ids, lengths, rng=rng, sid=sid, scales=scales)
        z = (latents.z * latents.mask)[..., :max_frames]
        return Inferred(self.dec(z, self.speaker(sid)), latents)

    def latents(
        self,
        ids: Tensor,
        lengths: Tensor,
        *,
        rng: torch.Generator,
        sid: Tensor | None = None,
        scales: Scales | None = None,
    ) -> Latents:
        """All but the decoder. ``rng`` is a CPU generator; the numbers it gives are those of the reference."""
        return finish(self.latents_in_steps(ids, lengths, rng=rng, sid=sid, scales=scales))

    def latents_in_steps(
        self,
        ids: Tensor,
        lengths: Tensor,
        *,
        rng: torch.Generator,
        sid: Tensor | None = None,
        scales: Scales | None = None,
    ) -> Steps[Latents]:
        """The same, with a step after each block of the encoder, each network and each part of the flow."""
        scales = scales or Scales()
        g = self.speaker(sid)
        text = yield from self.enc_p.steps(ids, lengths)
        log_durations = self._log_durations(text, scales.noise_w, rng, g)
        durations = torch.ceil(torch.exp(log_durations) * text.mask * scales.length)
        frames = durations.sum((1, 2)).clamp(min=1)
        if not bool((frames < MAX_FRAMES_PER_SYMBOL * ids.shape[1]).all()):
            raise WeightsMismatch("the durations that this checkpoint predicts are out of all bounds; it is damaged")
        mask = length_mask(frames, int(frames.max())).to(text.mean.dtype)
        mean, log_std = expand(text.mean, durations, mask), expand(text.log_std, durations, mask)
        z_p = mean + _prior_noise(mean, rng) * torch.exp(log_std) * scales.noise
        yield
        z = yield from self.flow.reverse_in_steps(z_p, mask, g)
        return Latents(z, mask, text, log_durations, durations, mean, log_std, z_p)

    def convert(
        self, spectrogram: Tensor, lengths: Tensor, *, rng: torch.Generator, source: Tensor, target: Tensor
    ) -> Converted:
        """Voice conversion: ``spectrogram`` (B, bins, F) of speaker ``source`` (B,) decoded as ``target`` (B,)."""
        if self.enc_q is None:
            raise ValueError("voice conversion needs the posterior encoder, which this model was built without")
        mask = length_mask(lengths, spectrogram.shape[-1]).to(spectrogram.dtype)
        g_source, g_target = self.speaker(source), self.speaker(target)
        noise = self.posterior_noise(spectrogram.shape[0], spectrogram.shape[-1], rng).to(spectrogram)
        z = self.enc_q(spectrogram, mask, noise, g_source).z
        z_p = self.flow(z, mask, g_source)
        z_hat = self.flow.reverse(z_p, mask, g_target)
        return Converted(self.dec(z_hat * mask, g_target), z, z_p, z_hat)

    def posterior_noise(self, batch: int, frames: int, rng: torch.Generator) -> Tensor:
        """Standard normal noise (B, c, F) for the posterior encoder, with the numbers that the reference draws."""
        return torch.randn((batch, self.config.inter_channels, frames), generator=rng)

    @property
    def conversion_context(self) -> int:
        """How many frames to each side a frame of converted latents depends on: all layers are 5 wide."""
        layers = self.config.posterior_layers + 2 * self.config.flow_count * self.config.flow_layers
        return 2 * layers

    def _log_durations(self, text: EncodedText, noise_w: float, rng: torch.Generator, g: Tensor | None) -> Tensor:
        if not self.config.use_sdp:
            return self.dp(text.hidden, text.mask, g)
        batch, _, length = text.hidden.shape
        noise = torch.randn(batch, 2, length, generator=rng).to(text.hidden) * noise_w
        return self.dp(text.hidden, text.mask, noise, g)


def expand(statistics: Tensor, durations: Tensor, mask: Tensor) -> Tensor:
    """Repeat each symbol's column of ``statistics`` (B, c, T) for its ``durations`` (B, 1, T) in frames: (B, c, F).

    Frames outside ``mask`` (B, 1, F), and those that no symbol owns, are zero.
    """
    ends = durations.squeeze(1).long().cumsum(-1)
    frames = torch.arange(mask.shape[-1], device=ends.device).expand(ends.shape[0], -1).contiguous()
    owner = torch.searchsorted(ends, frames, right=True).unsqueeze(1)
    owned = mask * (frames < ends[:, -1:]).unsqueeze(1)
    index = owner.clamp(max=ends.shape[-1] - 1).expand(-1, statistics.shape[1], -1)
    return statistics.gather(-1, index) * owned


def _prior_noise(like: Tensor, rng: torch.Generator) -> Tensor:
    """Standard normal noise (B, c, F), with the numbers that the reference draws for the same seed.

    There the tensor lies in memory as (B, F, c), and a CPU generator fills a transposed tensor one by one, which gives
    other numbers than a contiguous one. docs/systems/vits.md#random-numbers.
    """
    batch, channels, frames = like.shape
    noise = torch.empty(batch, frames, channels).transpose(1, 2)
    return noise.normal_(generator=rng).to(like)
