"""The straightforward passes of StyleTTS 2: what benchmarks and tests compare the fast ones with.

Each goes operation by operation, as published, on the parameters of our modules. Letters as there.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.style_tts.adain import AdaIN
from engine.style_tts.generator import Generator
from engine.style_tts.snake import SnakeBlock
from engine.systems.styletts2.networks.diffusion import StyleDiffusion, ancestral_steps, schedule


def generate(generator: Generator, x: Tensor, style: Tensor, source: Tensor) -> Tensor:
    """Sound (B, 1, N) of features ``x`` (B, C, P), channels first throughout, operation by operation."""
    source = generator.source_features(source)
    for stage in range(len(generator.ups)):
        added = snake_block(generator.noise_res[stage], generator.noise_convs[stage](source), style)
        x = generator.align(stage, generator.ups[stage](generator.activate(stage, x))) + added
        blocks = generator.resblocks[stage * generator.n_kernels : (stage + 1) * generator.n_kernels]
        x = torch.stack([snake_block(block, x, style) for block in blocks]).mean(0)
    return generator.to_waveform(generator.conv_post(generator.activate(len(generator.ups), x)))


def snake_block(block: SnakeBlock, x: Tensor, style: Tensor) -> Tensor:
    """(B, C, n) through one residual block."""
    layers = zip(block.convs1, block.convs2, block.adain1, block.adain2, block.alpha1, block.alpha2, strict=True)
    for conv1, conv2, norm1, norm2, alpha1, alpha2 in layers:
        y = conv1(_snake(norm1, x, style, alpha1))
        x = conv2(_snake(norm2, y, style, alpha2)) + x
    return x


def _snake(norm: AdaIN, x: Tensor, style: Tensor, alpha: Tensor) -> Tensor:
    gamma, beta = norm.fc(style).unsqueeze(-1).chunk(2, dim=1)
    x = (1 + gamma) * F.instance_norm(x, eps=1e-5) + beta
    # The published snake, x + sin²(alpha·x)/alpha; the weights that follow it expect alpha times as much.
    return alpha * (x + (1 / alpha) * torch.sin(alpha * x) ** 2)


def sample(
    diffusion: StyleDiffusion,
    embedding: Tensor,
    noise: Tensor,
    step_noise: Tensor,
    *,
    scale: float = 1.0,
    features: Tensor | None = None,
) -> Tensor:
    """Styles (B, C), each noise level and each run of the guidance by itself."""
    sigmas = schedule(len(step_noise) + 1)
    x = sigmas[0] * noise
    for step, added in zip(ancestral_steps(sigmas), step_noise, strict=True):
        slope = (x - _denoise(diffusion, x, step.sigma, embedding, scale, features)) / step.sigma
        midway = x + slope * (step.middle - step.sigma)
        slope = (midway - _denoise(diffusion, midway, step.middle, embedding, scale, features)) / step.middle
        x = x + slope * (step.down - step.sigma) + step.up * added
    return x.squeeze(1)


def _denoise(
    diffusion: StyleDiffusion, x: Tensor, sigma: Tensor, embedding: Tensor, scale: float, features: Tensor | None
) -> Tensor:
    data = diffusion.sigma_data
    total = sigma**2 + data**2
    guess = _network(diffusion, x * total**-0.5, sigma, embedding, features)
    if scale != 1:
        null = diffusion.null_embedding.weight[: embedding.shape[1]].expand_as(embedding)
        unconditional = _network(diffusion, x * total**-0.5, sigma, null, features)
        guess = unconditional + (guess - unconditional) * scale
    return data**2 / total * x + guess * (sigma * data * total**-0.5)


def _network(diffusion: StyleDiffusion, x: Tensor, sigma: Tensor, embedding: Tensor, features: Tensor | None) -> Tensor:
    conditioning = diffusion.time_embedding(sigma.unsqueeze(0))
    if features is not None:
        conditioning = conditioning + F.gelu(diffusion.to_features(features))
    mapping = diffusion.to_mapping(conditioning).unsqueeze(1)
    h = torch.cat((x.expand(-1, embedding.shape[1], -1), embedding), dim=-1)
    for block in diffusion.blocks:
        h = block(h + mapping, features)
    return diffusion.to_out(h.mean(1).unsqueeze(-1)).transpose(1, 2)
