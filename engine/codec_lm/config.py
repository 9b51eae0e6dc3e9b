"""The architecture of a checkpoint, read off the tensors' shapes and what it says of itself. Imports no torch.

docs/codec-lm.md#the-checkpoint
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import WeightsMismatch

CODES = 1024
# Classes of the first codebook beside the codes.
END, BEGIN = CODES, CODES + 1
HEAD_WIDTH = 64
PREFIX_MODES = (0, 1, 2, 4)
# Sizes that no checkpoint goes beyond; what a file claims is bounded before it is built.
MOST_LAYERS, MOST_CODEBOOKS = 96, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecLMConfig:
    """Sizes of both stages: AR has ``width``, ``heads`` and ``layers``, NAR the same with nar_ before.

    ``cross`` is VALL-F, in which text is seen by cross-attention. ``begin`` puts an id of its own before the codes.
    ``languages`` is how many the text may be in, 0 where the model is not told. ``prefix_mode`` is how the NAR stages
    were trained with a prompt (docs/codec-lm.md#the-prefix-modes).
    """

    n_text: int
    width: int
    heads: int
    layers: int
    nar_width: int
    nar_heads: int
    nar_layers: int
    n_codebooks: int
    norm_first: bool
    prenets: bool
    cross: bool
    begin: bool
    languages: int
    prefix_mode: int


def parse(shapes: Mapping[str, Sequence[int]], told: Mapping[str, Any], source: str) -> CodecLMConfig:
    """The architecture of a state dict in its published names; ``told`` is what stands beside it in the checkpoint.

    Sizes are those of the tensors. Only the number of heads and the prefix mode are taken from ``told``; without it
    heads are 64 wide and the mode is 1. Raises WeightsMismatch.
    """
    try:
        n_text, width = shapes["ar_text_embedding.word_embeddings.weight"]
        nar_width = shapes["nar_text_embedding.word_embeddings.weight"][1]
        rows = shapes["ar_audio_embedding.word_embeddings.weight"][0]
        predicted = shapes["ar_predict_layer.weight"][0]
    except (KeyError, ValueError, IndexError):
        raise WeightsMismatch("{source} holds no model of VALL-E", source=source) from None
    codebooks = _count(shapes, r"nar_predict_layers\.(\d+)\.") + 1
    layers, nar_layers = (_count(shapes, rf"{stage}_decoder\.layers\.(\d+)\.") for stage in ("ar", "nar"))
    if predicted != CODES + 1 or rows not in (CODES + 1, CODES + 2):
        raise WeightsMismatch(
            "{source} predicts {predicted} codes of {rows}; VALL-E has 1025 of 1025 or 1026",
            source=source,
            predicted=predicted,
            rows=rows,
        )
    if not 1 <= layers <= MOST_LAYERS or nar_layers > MOST_LAYERS or codebooks > MOST_CODEBOOKS:
        raise WeightsMismatch(
            "{source} has {layers} and {nar_layers} layers and {codebooks} codebooks, which is no model of VALL-E",
            source=source,
            layers=layers,
            nar_layers=nar_layers,
            codebooks=codebooks,
        )
    heads = _whole(told, "nhead", max(1, width // HEAD_WIDTH), source)
    nar_heads = max(1, int(heads * _scale(told, nar_width / width, source)))
    mode = _whole(told, "prefix_mode", 1, source)
    for size, count in ((width, heads), (nar_width, nar_heads)):
        if size % count or size % 2:
            raise WeightsMismatch(
                "{source} says nhead={count}, which does not divide its width of {size}",
                source=source,
                count=count,
                size=size,
            )
    if mode not in PREFIX_MODES:
        raise WeightsMismatch("{source} says prefix_mode={mode}; there are 0, 1, 2 and 4", source=source, mode=mode)
    language = shapes.get("ar_language_embedding.word_embeddings.weight")
    return CodecLMConfig(
        n_text=n_text,
        width=width,
        heads=heads,
        layers=layers,
        nar_width=nar_width,
        nar_heads=nar_heads,
        nar_layers=nar_layers,
        n_codebooks=codebooks,
        norm_first="ar_decoder.norm.weight" in shapes,
        prenets="ar_text_prenet.1.weight" in shapes,
        cross="ar_decoder.layers.0.multihead_attn.in_proj_weight" in shapes,
        begin=rows == CODES + 2,
        languages=language[0] if language else 0,
        prefix_mode=mode,
    )


def _count(shapes: Mapping[str, Sequence[int]], pattern: str) -> int:
    return len({match[1] for name in shapes if (match := re.match(pattern, name))})


def _whole(told: Mapping[str, Any], name: str, default: int, source: str) -> int:
    value = told.get(name)
    if value is None:
        return default
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or not 0 <= value <= 4096
        or (name == "nhead" and not value)
    ):
        raise WeightsMismatch(
            "{source} says {name}={value!r:.40}, which is no number of them", source=source, name=name, value=value
        )
    return value


def _scale(told: Mapping[str, Any], default: float, source: str) -> float:
    value = told.get("scale_factor", told.get("nar_scale_factor", default))
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 16 or not math.isfinite(value):
        raise WeightsMismatch("{source} says scale_factor={value!r:.40}, which is no scale", source=source, value=value)
    return float(value)
