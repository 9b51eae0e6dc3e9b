"""Models of the VITS family with random weights that behave: the public architectures, written as checkpoints."""

import dataclasses
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from engine.systems.vits.config import Config, parse
from engine.systems.vits.networks.model import Vits
from engine.training.checkpoint import public_state

# With a blank between any two symbols; without, each lasts twice as long.
FRAMES_PER_SYMBOL = 3

DATA = {
    "sampling_rate": 22_050, "filter_length": 1024, "hop_length": 256, "win_length": 1024, "n_mel_channels": 80,
    "text_cleaners": ["english_cleaners2"], "add_blank": True, "n_speakers": 0,
}  # fmt: skip
FULL = {
    "inter_channels": 192, "hidden_channels": 192, "filter_channels": 768, "n_heads": 2, "n_layers": 6,
    "kernel_size": 3, "p_dropout": 0.1, "resblock": "1", "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilation_sizes": [[1, 3, 5]] * 3, "upsample_initial_channel": 512,
}  # fmt: skip
MINI = {**FULL, "hidden_channels": 96, "n_layers": 3, "upsample_initial_channel": 256}
PLAIN = {"upsample_rates": [8, 8, 2, 2], "upsample_kernel_sizes": [16, 16, 4, 4], "use_sdp": True}
ISTFT = {"istft_vits": True, "upsample_rates": [8, 8], "upsample_kernel_sizes": [16, 16], "use_sdp": False}
BANDS = {"subbands": 4, "upsample_rates": [4, 4], "upsample_kernel_sizes": [16, 16], "use_sdp": False}
PUBLIC = {
    "plain": {**FULL, **PLAIN},
    "istft": {**FULL, **ISTFT},
    "mb": {**FULL, **BANDS, "mb_istft_vits": True},
    "ms": {**FULL, **BANDS, "ms_istft_vits": True},
    "mini-istft": {**MINI, **ISTFT},
    "mini-mb": {**MINI, **BANDS, "mb_istft_vits": True},
}
# What all of MMS has: the original's network at a lower rate, with a few letters for symbols.
MMS = {
    "data": {**DATA, "sampling_rate": 16_000, "text_cleaners": []},
    "model": {**FULL, **PLAIN},
    "symbols": list("abcdefghijklmnopqrstuvwxyz'-_ 01234567"),
}

# Factors that keep exponentials bounded and residual sums from growing, on weights of unit gain.
SCALES = {r"dec\.resblocks\..*weight": 0.4, r"dec\..*conv_post\.weight": 0.3, r"enc_p\.proj\..*": 0.3}


def configurations() -> dict[str, dict[str, Any]]:
    """config.json by name: the public architectures."""
    return {name: {"data": DATA, "model": model} for name, model in PUBLIC.items()}


def random_model(raw: Mapping[str, Any], seed: int = 0) -> tuple[Config, Vits]:
    """A network for speaking with random weights, in which a symbol lasts about as long as in a real voice."""
    config = parse(raw)
    model = Vits(dataclasses.replace(config.model, weight_norm=False), with_posterior=False)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.copy_(_sane(name, noise))
        _set_durations(model, FRAMES_PER_SYMBOL if config.text.add_blank else 2 * FRAMES_PER_SYMBOL)
    return config, model.eval().requires_grad_(False)


def write_checkpoint(raw: Mapping[str, Any], folder: Path) -> Path:
    """A folder in the published layout that holds a random model."""
    folder.mkdir()
    folder.joinpath("config.json").write_text(json.dumps(raw), encoding="utf-8")
    torch.save({"model": public_state(random_model(raw)[1])}, folder / "G_0.pth")
    return folder


def _sane(name: str, noise: torch.Tensor) -> torch.Tensor:
    if noise.dim() < 2:
        return (1.0 if name.endswith(("gamma", "weight")) else 0.0) + 0.1 * noise
    factor = next((factor for pattern, factor in SCALES.items() if re.fullmatch(pattern, name)), 1.0)
    return noise * factor / math.sqrt(noise[0].numel())


def _set_durations(model: Vits, frames: float) -> None:
    target = math.log(frames - 0.5)  # durations are rounded up
    if model.config.use_sdp:
        affine = model.dp.flows[0]  # sampling ends with (x - m) / exp(logs)
        affine.logs.fill_(3.0)
        affine.m.fill_(-target * math.exp(3.0))
    else:
        model.dp.proj.weight.mul_(0.1)
        model.dp.proj.bias.fill_(target)
