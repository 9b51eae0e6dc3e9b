"""The architecture of a checkpoint as frozen dataclasses, read off asset/gpt/config.json and the tensors' shapes.

Only the number of attention heads and the constants of norm and rotation stand in config.json; all other sizes are
those of the tensors, and what config.json says of them must agree (docs/systems/chattts.md#shapes).
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.config_file import check, number, whole
from engine.errors import WeightsMismatch
from engine.nn.llama_config import LlamaConfig

SAMPLE_RATE = 24_000
HOP_LENGTH = 256  # samples per mel frame
MEL_PER_CODE = 2  # mel frames per frame of codes
LEVELS = (5, 5, 5, 5)  # values of each dimension of the quantiser; not stored in the files

# Of a rotation table that config.json may ask for; the public model has 4096.
MOST_POSITIONS = 1 << 17

Shapes = Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedConfig:
    """Tables and heads: ``n_text`` text tokens; ``n_audio`` classes per codebook, the last of them the end."""

    hidden: int
    n_text: int
    n_audio: int
    n_codebooks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StackConfig:
    """One ConvNeXt stack."""

    n_in: int
    bottleneck: int
    hidden: int
    n_layers: int
    n_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderConfig:
    """Hidden states to mel: a stack, then ``n_mels`` channels."""

    stack: StackConfig
    n_mels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DvaeConfig:
    """Mel to codes and back. ``width`` channels enter the encoder; the quantiser sees ``encoder.n_out`` of them."""

    encoder: StackConfig
    decoder: StackConfig
    n_mels: int
    n_fft: int
    width: int
    n_groups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VocosConfig:
    """Mel to samples."""

    n_mels: int
    hidden: int
    intermediate: int
    n_layers: int
    n_fft: int


def gpt_config(raw: Mapping[str, Any], shapes: Shapes) -> LlamaConfig:
    """The transformer from its config.json and shapes. Raises ConfigError where they disagree or ask for the unknown.

    Biases, grouped keys, scaled rotation and another activation are not of this model, so they are refused.
    """
    hidden = _size(shapes, "norm.weight", 0)
    config = LlamaConfig(
        hidden=hidden,
        intermediate=_size(shapes, "layers.0.mlp.gate_proj.weight", 0),
        n_layers=_count(shapes, "layers"),
        n_heads=whole(raw, "num_attention_heads", least=1),
        norm_eps=number(raw, "rms_norm_eps", 1e-6, above=0),
        rope_base=number(raw, "rope_theta", 10_000.0, above=0),
        max_positions=whole(raw, "max_position_embeddings", 4096, least=1),
    )
    asked = f"max_position_embeddings={config.max_positions}"
    check(
        config.max_positions <= MOST_POSITIONS,
        "config.json says {asked}; at most {most_positions} are known",
        asked=asked,
        most_positions=MOST_POSITIONS,
    )
    expected = {
        "hidden_size": hidden,
        "intermediate_size": config.intermediate,
        "num_hidden_layers": config.n_layers,
        "num_key_value_heads": config.n_heads,
        "attention_bias": False,
        "mlp_bias": False,
        "rope_scaling": None,
        "hidden_act": "silu",
    }
    for name, value in expected.items():
        found = raw.get(name, value)
        check(
            found == value,
            "config.json says {name}={found!r}, but this model has {value!r}",
            name=name,
            found=found,
            value=value,
        )
    divides = hidden % config.n_heads == 0 and config.head_dim % 2 == 0
    check(
        divides,
        "config.json says num_attention_heads={n_heads}, which does not divide {hidden}",
        n_heads=config.n_heads,
        hidden=hidden,
    )
    return config


def embed_config(shapes: Shapes) -> EmbedConfig:
    """The tables and heads from their shapes. Raises WeightsMismatch."""
    config = EmbedConfig(
        hidden=_size(shapes, "emb_text.weight", 1),
        n_text=_size(shapes, "emb_text.weight", 0),
        n_audio=_size(shapes, "emb_code.0.weight", 0),
        n_codebooks=_count(shapes, "emb_code"),
    )
    if config.n_audio != math.prod(LEVELS) + 1:
        raise WeightsMismatch(
            "the codebooks have {n_audio} classes instead of {levels}",
            n_audio=config.n_audio,
            levels=math.prod(LEVELS) + 1,
        )
    return config


def decoder_config(shapes: Shapes) -> DecoderConfig:
    """The network from hidden states to mel from its shapes. Raises WeightsMismatch."""
    return DecoderConfig(stack=_stack(shapes, "decoder"), n_mels=_size(shapes, "out_conv.weight", 0))


def dvae_config(shapes: Shapes) -> DvaeConfig:
    """The audio autoencoder from its shapes. Raises WeightsMismatch."""
    return DvaeConfig(
        encoder=_stack(shapes, "encoder"),
        decoder=_stack(shapes, "decoder"),
        n_mels=_size(shapes, "out_conv.weight", 0),
        n_fft=_size(shapes, "mel.spectrogram.window", 0),
        width=_size(shapes, "downsample_conv.0.weight", 0),
        n_groups=_count(shapes, "quantizer.rvqs"),
    )


def vocos_config(shapes: Shapes) -> VocosConfig:
    """The vocoder from its shapes. Raises WeightsMismatch."""
    return VocosConfig(
        n_mels=_size(shapes, "backbone.embed.weight", 1),
        hidden=_size(shapes, "backbone.embed.weight", 0),
        intermediate=_size(shapes, "backbone.convnext.0.pwconv1.weight", 0),
        n_layers=_count(shapes, "backbone.convnext"),
        n_fft=_size(shapes, "head.out.weight", 0) - 2,
    )


def _stack(shapes: Shapes, name: str) -> StackConfig:
    return StackConfig(
        n_in=_size(shapes, f"{name}.conv_in.0.weight", 1),
        bottleneck=_size(shapes, f"{name}.conv_in.0.weight", 0),
        hidden=_size(shapes, f"{name}.conv_in.2.weight", 0),
        n_layers=_count(shapes, f"{name}.decoder_block"),
        n_out=_size(shapes, f"{name}.conv_out.weight", 0),
    )


def _size(shapes: Shapes, key: str, dim: int) -> int:
    if key not in shapes:
        raise WeightsMismatch("there is no tensor {key}; this is not the ChatTTS file that its name says", key=key)
    if len(shapes[key]) <= dim:
        raise WeightsMismatch("the tensor {key} has too few dimensions: {shapes}", key=key, shapes=list(shapes[key]))
    return shapes[key][dim]


def _count(shapes: Shapes, name: str) -> int:
    """How many modules ``name``.0, ``name``.1, … there are."""
    found = {int(match[1]) for key in shapes if (match := re.match(rf"{re.escape(name)}\.(\d+)\.", key))}
    if not found:
        raise WeightsMismatch("there is no tensor {name}.0; this is not the ChatTTS file that its name says", name=name)
    return max(found) + 1
