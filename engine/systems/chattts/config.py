"""The architecture of a checkpoint as frozen dataclasses, read off asset/gpt/config.json and the tensors' shapes.

Only the number of attention heads and the constants of norm and rotation stand in config.json; all other sizes are
those of the tensors, and what config.json says of them must agree. Specification, sections 2.1, 5.2 and 5.4.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import ConfigError, WeightsMismatch, WeightsMissing

SAMPLE_RATE = 24_000
HOP_LENGTH = 256  # samples per mel frame
MEL_PER_CODE = 2  # mel frames per frame of codes
LEVELS = (5, 5, 5, 5)  # values of each dimension of the quantiser; not stored in the files

# Of a rotation table that config.json may ask for; the public model has 4096.
MOST_POSITIONS = 1 << 17

Shapes = Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GptConfig:
    """The Llama-like network."""

    hidden: int
    intermediate: int
    n_layers: int
    n_heads: int
    norm_eps: float = 1e-6
    rope_base: float = 10_000.0
    max_positions: int = 4096

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.hidden // self.n_heads


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


def read_json(path: Path) -> dict[str, Any]:
    """The object in ``path``. Raises WeightsMissing when there is no such file, ConfigError when it is no object."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise WeightsMissing(f"there is no {path.name} in {path.parent}; fetch the checkpoint again") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read as JSON: {error}") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{path} holds no JSON object")
    return raw


def gpt_config(raw: Mapping[str, Any], shapes: Shapes) -> GptConfig:
    """The transformer from its config.json and shapes. Raises ConfigError where they disagree or ask for the unknown.

    Biases, grouped keys, scaled rotation and another activation are not of this model, so they are refused.
    """
    hidden = _size(shapes, "norm.weight", 0)
    config = GptConfig(
        hidden=hidden,
        intermediate=_size(shapes, "layers.0.mlp.gate_proj.weight", 0),
        n_layers=_count(shapes, "layers"),
        n_heads=_whole(raw, "num_attention_heads"),
        norm_eps=_positive(raw, "rms_norm_eps", 1e-6),
        rope_base=_positive(raw, "rope_theta", 10_000.0),
        max_positions=_whole(raw, "max_position_embeddings", 4096),
    )
    if config.max_positions > MOST_POSITIONS:
        raise ConfigError(
            f"config.json says max_position_embeddings={config.max_positions}; at most {MOST_POSITIONS} are known"
        )
    said = {"hidden_size": hidden, "intermediate_size": config.intermediate, "num_hidden_layers": config.n_layers}
    expected = {
        **said,
        "num_key_value_heads": config.n_heads,
        "attention_bias": False,
        "mlp_bias": False,
        "rope_scaling": None,
        "hidden_act": "silu",
    }
    for name, value in expected.items():
        if raw.get(name, value) != value:
            raise ConfigError(f"config.json says {name}={raw[name]!r}, but this model has {value!r}")
    if hidden % config.n_heads or config.head_dim % 2:
        raise ConfigError(f"config.json says num_attention_heads={config.n_heads}, which does not divide {hidden}")
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
        raise WeightsMismatch(f"the codebooks have {config.n_audio} classes instead of {math.prod(LEVELS) + 1}")
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
        raise WeightsMismatch(f"there is no tensor {key}; this is not the ChatTTS file that its name says")
    if len(shapes[key]) <= dim:
        raise WeightsMismatch(f"the tensor {key} has too few dimensions: {list(shapes[key])}")
    return shapes[key][dim]


def _count(shapes: Shapes, name: str) -> int:
    """How many modules ``name``.0, ``name``.1, … there are."""
    found = {int(match[1]) for key in shapes if (match := re.match(rf"{re.escape(name)}\.(\d+)\.", key))}
    if not found:
        raise WeightsMismatch(f"there is no tensor {name}.0; this is not the ChatTTS file that its name says")
    return max(found) + 1


def _whole(raw: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = raw.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ConfigError(f"config.json says {name}={value!r}; it must be a whole number above zero")
    return value


def _positive(raw: Mapping[str, Any], name: str, default: float) -> float:
    value = raw.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < math.inf:
        raise ConfigError(f"config.json says {name}={value!r}; it must be a number above zero")
    return float(value)
