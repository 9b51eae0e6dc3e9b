"""Style diffusion: noise to a style that suits the text (arXiv 2306.07691).

The denoiser is that of Karras et al. (arXiv 2206.00364), sampled with ancestral DPM-2 steps (ADPM2) and guided without
a classifier (arXiv 2207.12598). Letters: B batch, T phonemes, E channels of their embedding, C = 2·S channels of a
style (its acoustic, then its prosodic half), M = C + E.
"""

import itertools
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.steps import Steps, finish
from engine.style_tts.adain import AdaLayerNorm
from engine.systems.styletts2.networks.config import DiffusionConfig

SIGMA_MIN, SIGMA_MAX, RHO = 1e-4, 3.0, 9.0
EPS = 1e-5


@dataclass(frozen=True, slots=True)
class Step:
    """One ancestral step: the noise levels where the denoiser is asked, the level it goes down to, the noise put back.

    ``sigma`` and ``middle`` are float32 scalars, ``down`` and ``up`` were computed in double precision, as published.
    """

    sigma: Tensor
    middle: Tensor
    down: float
    up: float


def schedule(steps: int) -> Tensor:
    """The ``steps`` noise levels from SIGMA_MAX down to SIGMA_MIN, float32."""
    if steps < 2:
        raise ValueError(f"style diffusion needs two steps or more, not {steps}")
    root = 1 / RHO
    fractions = torch.arange(steps, dtype=torch.float32) / (steps - 1)
    return (SIGMA_MAX**root + fractions * (SIGMA_MIN**root - SIGMA_MAX**root)) ** RHO


def ancestral_steps(sigmas: Tensor) -> list[Step]:
    """The steps between neighbours of ``sigmas``, one less than there are levels."""
    steps = []
    for sigma, lower in itertools.pairwise(sigmas):
        up = math.sqrt(lower**2 * (sigma**2 - lower**2) / sigma**2)
        down = math.sqrt(lower**2 - up**2)
        steps.append(Step(sigma, (sigma + down) / 2, down, up))
    return steps


def draw_noise(channels: int, steps: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """The noise of one sampling with ``steps`` noise levels: the start (1, 1, C), and each step's (steps - 1, 1, 1, C).

    On the CPU, with the numbers that the reference draws for the same seed.
    """
    start = torch.randn(1, 1, channels, generator=rng)
    return start, torch.stack([torch.randn(1, 1, channels, generator=rng) for _ in range(steps - 1)])


class StyleDiffusion(nn.Module):
    """The denoising transformer and its sampler. With ``reference`` it is conditioned on a reference style, too."""

    def __init__(
        self, config: DiffusionConfig, channels: int, embedding_channels: int, max_length: int, *, reference: bool
    ) -> None:
        super().__init__()
        width = channels + embedding_channels
        self.sigma_data = config.sigma_data
        self.frequencies = nn.Parameter(torch.randn(channels // 2))
        self.to_time = nn.Linear(channels + 1, width)
        self.to_features = nn.Linear(channels, width) if reference else None
        self.to_mapping = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, width), nn.GELU())
        features = channels if reference else None
        self.blocks = nn.ModuleList(Block(config, width, features) for _ in range(config.num_layers))
        self.to_out = nn.Conv1d(width, channels, 1)
        self.null_embedding = nn.Embedding(max_length, embedding_channels)

    def sample(
        self,
        embedding: Tensor,
        noise: Tensor,
        step_noise: Tensor,
        *,
        scale: float = 1.0,
        features: Tensor | None = None,
    ) -> Tensor:
        """What `sample_steps` returns."""
        return finish(self.sample_steps(embedding, noise, step_noise, scale=scale, features=features))

    def sample_steps(
        self,
        embedding: Tensor,
        noise: Tensor,
        step_noise: Tensor,
        *,
        scale: float = 1.0,
        features: Tensor | None = None,
    ) -> Steps[Tensor]:
        """Styles (B, C) for ``embedding`` (B, T, E), all of it text, from ``noise`` (B, 1, C).

        ``step_noise`` (n - 1, B, 1, C) is what each of the n - 1 steps puts back; ``scale`` is the strength of the
        guidance, and 1 is none; ``features`` (B, C) is the reference style of a model that wants one.
        """
        sigmas = schedule(len(step_noise) + 1)
        steps = ancestral_steps(sigmas)
        levels = torch.stack([level for step in steps for level in (step.sigma, step.middle)]).to(embedding)
        # The mapping does not depend on the style that is denoised: all levels at once.
        mappings = self.mapping(levels, features)
        context = self.guidance_context(embedding, scale)
        cache = self.cache(context, features)
        x = sigmas[0].to(noise) * noise
        for number, step in enumerate(steps):
            before, after = mappings[2 * number], mappings[2 * number + 1]
            sigma, middle = levels[2 * number], levels[2 * number + 1]
            slope = (x - self.denoise(x, sigma, before, context, scale, features, cache)) / sigma
            midway = x + slope * (middle - sigma)
            slope = (midway - self.denoise(midway, middle, after, context, scale, features, cache)) / middle
            x = x + slope * (step.down - sigma) + step_noise[number] * step.up
            yield
        return x.squeeze(1)

    def guidance_context(self, embedding: Tensor, scale: float) -> Tensor:
        """The embedding, and where there is guidance, below it the unconditional one: (B or 2B, T, E)."""
        if scale == 1:
            return embedding
        return torch.cat((embedding, self.null_embedding.weight[: embedding.shape[1]].expand_as(embedding)))

    def cache(self, context: Tensor, features: Tensor | None) -> "AttentionCache":
        """What the first block's attention makes of ``context``, which is the same at every noise level."""
        runs = 1 if features is None else context.shape[0] // features.shape[0]
        padded = F.pad(context, (self.to_out.out_channels, 0))
        return self.blocks[0].attention.cache(padded, _repeated(features, runs))

    def denoise(
        self,
        x: Tensor,
        sigma: Tensor,
        mapping: Tensor,
        context: Tensor,
        scale: float,
        features: Tensor | None,
        cache: "AttentionCache | None" = None,
    ) -> Tensor:
        """The guess (B, 1, C) at the clean style behind ``x`` (B, 1, C), which holds noise of level ``sigma``."""
        data = self.sigma_data
        total = sigma**2 + data**2
        guess = self.network(x * total**-0.5, mapping, context, scale, features, cache)
        return data**2 / total * x + guess * (sigma * data * total**-0.5)

    def network(
        self,
        x: Tensor,
        mapping: Tensor,
        context: Tensor,
        scale: float,
        features: Tensor | None,
        cache: "AttentionCache | None" = None,
    ) -> Tensor:
        """The raw network's answer (B, 1, C), guided where ``context`` is; a ``cache`` of it saves work."""
        runs = context.shape[0] // x.shape[0]
        modulation = _repeated(features, runs)
        mapping = mapping.repeat(runs, 1).unsqueeze(1)
        offset = F.pad(x.repeat(runs, 1, 1), (0, context.shape[-1])) + mapping
        h, cached = F.pad(context, (x.shape[-1], 0)) + offset, cache and CachedInput(offset, cache)
        *blocks, last = self.blocks
        for block in blocks:
            h, cached = block(h, modulation, cached) + mapping, None
        answer = self.to_out(last.mean(h, modulation, cached).unsqueeze(-1)).transpose(1, 2)
        if runs == 1:
            return answer
        conditional, unconditional = answer.chunk(2)
        return unconditional + (conditional - unconditional) * scale

    def mapping(self, levels: Tensor, features: Tensor | None) -> Tensor:
        """The conditioning on the noise ``levels`` (n,) and the reference style (B, C): (n, B or 1, M)."""
        conditioning = self.time_embedding(levels).unsqueeze(1)
        if self.to_features is not None:
            conditioning = conditioning + F.gelu(self.to_features(features))
        return self.to_mapping(conditioning)

    def time_embedding(self, levels: Tensor) -> Tensor:
        """(n, M) of the noise ``levels`` (n,)."""
        time = (torch.log(levels) * 0.25).unsqueeze(1)
        angles = time * self.frequencies * 2 * math.pi
        return F.gelu(self.to_time(torch.cat((time, angles.sin(), angles.cos()), dim=-1)))


@dataclass(frozen=True, slots=True)
class CachedProjection:
    """A projection W of the norm of h = context + offset, of which the ``offset`` (B, 1, M) alone changes with noise.

    With a norm's scale g and shift b, W(g·(h - mean)/deviation + b) is a sum of products that are constant and one with
    a single row. ``scale`` is g, (B, 1, M); the others are W's products with g·context, g and b.
    """

    scale: Tensor
    context: Tensor
    ones: Tensor
    shift: Tensor

    def project(self, weight: Tensor, offset: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
        """W of the norm of context + ``offset``, whose ``mean`` and ``deviation`` (B, T, 1) are over its channels."""
        return (self.context + F.linear(self.scale * offset, weight) - mean * self.ones) / deviation + self.shift


@dataclass(frozen=True, slots=True)
class AttentionCache:
    """The projections of an attention layer whose input is a constant context and an offset."""

    queries: CachedProjection
    keys_values: CachedProjection


@dataclass(frozen=True, slots=True)
class CachedInput:
    """The input of the first block in parts: the ``offset`` (B, 1, M), and the ``cache`` of its context."""

    offset: Tensor
    cache: AttentionCache


class Block(nn.Module):
    """Attention and a feed-forward net, each with a residual sum."""

    def __init__(self, config: DiffusionConfig, width: int, features: int | None) -> None:
        super().__init__()
        self.attention = Attention(config, width, features)
        inner = width * config.multiplier
        self.feed_forward = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))

    def forward(self, h: Tensor, features: Tensor | None, cached: CachedInput | None = None) -> Tensor:
        """(B, T, M), with the reference styles (B, C) where the model has them."""
        h = self.attention(h, features, cached) + h
        return self.feed_forward(h) + h

    def mean(self, h: Tensor, features: Tensor | None, cached: CachedInput | None = None) -> Tensor:
        """The mean (B, M) of `forward` over the phonemes, taken before the last linear map, a ninth of the work."""
        h = self.attention(h, features, cached) + h
        widen, gelu, narrow = self.feed_forward
        return narrow(gelu(widen(h)).mean(1)) + h.mean(1)


class Attention(nn.Module):
    """Self-attention whose queries and keys see two different norms; not fused, as in PL-BERT."""

    def __init__(self, config: DiffusionConfig, width: int, features: int | None) -> None:
        super().__init__()
        inner = config.num_heads * config.head_features
        self.heads = config.num_heads
        self.norm, self.norm_context = (_norm(width, features) for _ in range(2))
        self.to_q = nn.Linear(width, inner, bias=False)
        self.to_kv = nn.Linear(width, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, width)

    def cache(self, context: Tensor, features: Tensor | None) -> AttentionCache:
        """What the projections make of a ``context`` (B, T, M) that all inputs have in common."""
        projections = []
        for norm, weight in ((self.norm, self.to_q.weight), (self.norm_context, self.to_kv.weight)):
            scale, shift = _scale_and_shift(norm, features)
            products = (F.linear(part, weight) for part in (scale * context, scale, shift))
            projections.append(CachedProjection(scale, *products))
        return AttentionCache(*projections)

    def forward(self, h: Tensor, features: Tensor | None, cached: CachedInput | None = None) -> Tensor:
        if cached is None:
            modulation = () if features is None else (features,)
            q, kv = self.to_q(self.norm(h, *modulation)), self.to_kv(self.norm_context(h, *modulation))
        else:
            variance, mean = torch.var_mean(h, dim=-1, correction=0, keepdim=True)
            moments = cached.offset, mean, torch.sqrt(variance + EPS)
            q = cached.cache.queries.project(self.to_q.weight, *moments)
            kv = cached.cache.keys_values.project(self.to_kv.weight, *moments)
        k, v = kv.chunk(2, dim=-1)
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (q, k, v))
        scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        attended = torch.softmax(scores, dim=-1) @ v
        return self.to_out(attended.transpose(1, 2).flatten(2))


def _norm(width: int, features: int | None) -> nn.Module:
    return nn.LayerNorm(width, eps=EPS) if features is None else AdaLayerNorm(features, width)


def _scale_and_shift(norm: nn.Module, features: Tensor | None) -> tuple[Tensor, Tensor]:
    """What a norm multiplies with and adds, both (B or 1, 1, M)."""
    if features is None:
        return norm.weight[None, None], norm.bias[None, None]
    gamma, beta = norm.modulation(features)
    return 1 + gamma, beta


def _repeated(features: Tensor | None, runs: int) -> Tensor | None:
    return None if features is None else features.repeat(runs, 1)
