"""Both stages of a checkpoint, built and filled strictly."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.codec_lm.ar import ArStage
from engine.codec_lm.config import CodecLMConfig, parse
from engine.codec_lm.nar import NarStage
from engine.codec_lm.weights import ours
from engine.nn.decoding.weights import LazyWeights
from engine.weights import bounded, load_strictly


class CodecLM(nn.Module):
    """VALL-E's two stages: ``ar`` for the first codebook, ``nar`` for the others."""

    def __init__(self, config: CodecLMConfig) -> None:
        super().__init__()
        self.config = config
        self.ar, self.nar = ArStage(config), NarStage(config)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model on its device; ``weights`` are those of compiled steps, None where no step can be compiled."""

    model: CodecLM
    weights: LazyWeights | None

    @property
    def device(self) -> torch.device:
        """Where its matrices are."""
        return self.model.ar.decoder.device


def build(state: Mapping[str, Tensor], told: Mapping[str, object], source: str) -> CodecLM:
    """The model of a state dict in its published names, on the CPU in float32; ``told`` as in `parse`.

    Raises WeightsMismatch.
    """
    config = parse({key: tuple(value.shape) for key, value in state.items()}, told, source)
    with bounded(state, source):
        model = CodecLM(config)
    load_strictly(
        model,
        {key: value.float() if value.is_floating_point() else value for key, value in ours(state).items()},
        source,
    )
    model.nar.tabulate()
    return model.eval().requires_grad_(False)


def place(model: CodecLM, device: torch.device, dtype: torch.dtype) -> Loaded:
    """The model on ``device``, with its stacks' matrices in ``dtype``."""
    model.ar.decoder.reduce_precision(dtype)
    if model.config.n_codebooks > 1:
        model.nar.decoder.reduce_precision(dtype)
    model = model.to(device)
    parts = model.ar.decoder.parts()
    return Loaded(model, None if parts is None else LazyWeights(parts))
