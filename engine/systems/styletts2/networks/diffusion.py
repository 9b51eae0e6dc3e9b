"""Style diffusion: noise to a style that suits the text. Specification, section 5.5.

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
from engine.systems.styletts2.config import DiffusionConfig
from engine.systems.styletts2.networks.adain import AdaLayerNorm

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
    """The denoising transformer and its sampler. With ``reference_channels`` it also listens to a reference style."""

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
        """What `sampling` returns."""
        return finish(self.sampling(embedding, noise, step_noise, scale=scale, features=features))

    def sampling(
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
        # Nothing of the mapping depends on the style that takes shape: all levels at once.
        mappings = self.mapping(levels, features)
        context = self.guided(embedding, scale)
        known = self.known(context, features)
        x = sigmas[0].to(noise) * noise
        for number, step in enumerate(steps):
            before, after = mappings[2 * number], mappings[2 * number + 1]
            sigma, middle = levels[2 * number], levels[2 * number + 1]
            slope = (x - self.denoise(x, sigma, before, context, scale, features, known)) / sigma
            midway = x + slope * (middle - sigma)
            slope = (midway - self.denoise(midway, middle, after, context, scale, features, known)) / middle
            x = x + slope * (step.down - sigma) + step_noise[number] * step.up
            yield
        return x.squeeze(1)

    def guided(self, embedding: Tensor, scale: float) -> Tensor:
        """What the network reads: the embedding, and where there is guidance, below it one that says nothing."""
        if scale == 1:
            return embedding
        return torch.cat((embedding, self.null_embedding.weight[: embedding.shape[1]].expand_as(embedding)))

    def known(self, context: Tensor, features: Tensor | None) -> "tuple[Known, Known]":
        """What the first block's queries, and its keys and values, make of ``context``: the same in every call."""
        runs = 1 if features is None else context.shape[0] // features.shape[0]
        still = F.pad(context, (self.to_out.out_channels, 0))
        return self.blocks[0].attention.known(still, _repeated(features, runs))

    def denoise(
        self,
        x: Tensor,
        sigma: Tensor,
        mapping: Tensor,
        context: Tensor,
        scale: float,
        features: Tensor | None,
        known: "tuple[Known, Known] | None" = None,
    ) -> Tensor:
        """The guess (B, 1, C) at the clean style behind ``x`` (B, 1, C), which holds noise of level ``sigma``."""
        data = self.sigma_data
        total = sigma**2 + data**2
        guess = self.network(x * total**-0.5, mapping, context, scale, features, known)
        return data**2 / total * x + guess * (sigma * data * total**-0.5)

    def network(
        self,
        x: Tensor,
        mapping: Tensor,
        context: Tensor,
        scale: float,
        features: Tensor | None,
        known: "tuple[Known, Known] | None" = None,
    ) -> Tensor:
        """The raw network's answer (B, 1, C), guided where ``context`` is; ``known`` of it saves work."""
        runs = context.shape[0] // x.shape[0]
        modulation = _repeated(features, runs)
        mapping = mapping.repeat(runs, 1).unsqueeze(1)
        moved = F.pad(x.repeat(runs, 1, 1), (0, context.shape[-1])) + mapping
        h, recall = F.pad(context, (x.shape[-1], 0)) + moved, known and Recall(moved, known)
        *blocks, last = self.blocks
        for block in blocks:
            h, recall = block(h, modulation, recall) + mapping, None
        answer = self.to_out(last.mean(h, modulation, recall).unsqueeze(-1)).transpose(1, 2)
        if runs == 1:
            return answer
        heard, unheard = answer.chunk(2)
        return unheard + (heard - unheard) * scale

    def mapping(self, levels: Tensor, features: Tensor | None) -> Tensor:
        """What the network is told of the noise ``levels`` (n,) and the reference style (B, C): (n, B or 1, M)."""
        told = self.time_embedding(levels).unsqueeze(1)
        if self.to_features is not None:
            told = told + F.gelu(self.to_features(features))
        return self.to_mapping(told)

    def time_embedding(self, levels: Tensor) -> Tensor:
        """(n, M) of the noise ``levels`` (n,)."""
        time = (torch.log(levels) * 0.25).unsqueeze(1)
        angles = time * self.frequencies * 2 * math.pi
        return F.gelu(self.to_time(torch.cat((time, angles.sin(), angles.cos()), dim=-1)))


@dataclass(frozen=True, slots=True)
class Known:
    """A projection W of the norm of h = still + moved, of which ``moved`` (B, 1, M) alone changes from call to call.

    With a norm's scale g and shift b, W(g·(h - mean)/deviation + b) is a sum of products that are known and one with a
    single row. ``scale`` is g, (B, 1, M); the others are W's products with g·still, g and b.
    """

    scale: Tensor
    still: Tensor
    ones: Tensor
    shift: Tensor

    def project(self, weight: Tensor, moved: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
        """W of the norm of still + ``moved``, whose ``mean`` and ``deviation`` (B, T, 1) are over its channels."""
        return (self.still + F.linear(self.scale * moved, weight) - mean * self.ones) / deviation + self.shift


@dataclass(frozen=True, slots=True)
class Recall:
    """What has moved, (B, 1, M), and what is known of the rest for the queries, and for the keys and values."""

    moved: Tensor
    known: tuple[Known, Known]


class Block(nn.Module):
    """Attention and a feed-forward net, each with a residual sum."""

    def __init__(self, config: DiffusionConfig, width: int, features: int | None) -> None:
        super().__init__()
        self.attention = Attention(config, width, features)
        inner = width * config.multiplier
        self.feed_forward = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))

    def forward(self, h: Tensor, features: Tensor | None, recall: Recall | None = None) -> Tensor:
        """(B, T, M), with the reference styles (B, C) where the model has them."""
        h = self.attention(h, features, recall) + h
        return self.feed_forward(h) + h

    def mean(self, h: Tensor, features: Tensor | None, recall: Recall | None = None) -> Tensor:
        """The mean (B, M) of `forward` over the phonemes, taken before the last linear map, a ninth of the work."""
        h = self.attention(h, features, recall) + h
        widen, gelu, narrow = self.feed_forward
        return narrow(gelu(widen(h)).mean(1)) + h.mean(1)


class Attention(nn.Module):
    """Self-attention whose queries and keys see two different norms. Separate operations, as in PL-BERT."""

    def __init__(self, config: DiffusionConfig, width: int, features: int | None) -> None:
        super().__init__()
        inner = config.num_heads * config.head_features
        self.heads = config.num_heads
        self.norm, self.norm_context = (_norm(width, features) for _ in range(2))
        self.to_q = nn.Linear(width, inner, bias=False)
        self.to_kv = nn.Linear(width, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, width)

    def known(self, still: Tensor, features: Tensor | None) -> tuple[Known, Known]:
        """What the queries, and the keys and values, make of ``still`` (B, T, M)."""
        found = []
        for norm, weight in ((self.norm, self.to_q.weight), (self.norm_context, self.to_kv.weight)):
            scale, shift = _scale_and_shift(norm, features)
            found.append(Known(scale, *(F.linear(part, weight) for part in (scale * still, scale, shift))))
        return found[0], found[1]

    def forward(self, h: Tensor, features: Tensor | None, recall: Recall | None = None) -> Tensor:
        if recall is None:
            told = () if features is None else (features,)
            q, kv = self.to_q(self.norm(h, *told)), self.to_kv(self.norm_context(h, *told))
        else:
            variance, mean = torch.var_mean(h, dim=-1, correction=0, keepdim=True)
            moments = recall.moved, mean, torch.sqrt(variance + EPS)
            of_q, of_kv = recall.known
            q, kv = of_q.project(self.to_q.weight, *moments), of_kv.project(self.to_kv.weight, *moments)
        k, v = kv.chunk(2, dim=-1)
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (q, k, v))
        scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        heard = torch.softmax(scores, dim=-1) @ v
        return self.to_out(heard.transpose(1, 2).flatten(2))


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
