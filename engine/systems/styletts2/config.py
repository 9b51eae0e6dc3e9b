"""A checkpoint's config.yml, and what only its tensors tell, as frozen dataclasses. Imports no torch.

Specification, section 2.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import yaml

from engine.errors import ConfigError, WeightsMismatch, WeightsMissing

SAMPLE_RATE = 24_000
# One aligned frame is 25 ms; pitch and energy have two values for each.
SAMPLES_PER_FRAME = 600
SAMPLES_PER_PITCH = SAMPLES_PER_FRAME // 2
MAX_CONFIG_BYTES = 1 << 20
# The public PL-BERT, of which neither a checkpoint's tensors nor its config.yml tell these two.
PLBERT_HEADS, PLBERT_LAYERS = 12, 12

Shapes = Mapping[str, Sequence[int]]


class DecoderKind(Enum):
    """How features become sound: transposed convolutions all the way, or an inverse STFT at their end."""

    HIFIGAN = "hifigan"
    ISTFTNET = "istftnet"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderConfig:
    """The decoder. ``width`` and ``residual_width`` stand in no config.yml and come from the tensors."""

    kind: DecoderKind
    width: int
    residual_width: int
    upsample_initial_channel: int
    upsample_rates: tuple[int, ...]
    upsample_kernel_sizes: tuple[int, ...]
    resblock_kernel_sizes: tuple[int, ...]
    resblock_dilation_sizes: tuple[tuple[int, ...], ...]
    gen_istft_n_fft: int = 20
    gen_istft_hop_size: int = 5

    def __post_init__(self) -> None:
        rates, sizes, name = self.upsample_rates, self.upsample_kernel_sizes, "model_params.decoder"
        _check(len(rates) == len(sizes), f"{name}.upsample_rates and upsample_kernel_sizes do not pair up")
        fits = all(size == 2 * rate > 0 for rate, size in zip(rates, sizes, strict=True))
        _check(fits, f"{name}.upsample_kernel_sizes={sizes} are not twice upsample_rates={rates}")
        kernels, dilations = self.resblock_kernel_sizes, self.resblock_dilation_sizes
        _check(len(kernels) == len(dilations), f"{name}.resblock_kernel_sizes and dilation_sizes do not pair up")
        _check(all(k > 0 and k % 2 for k in kernels), f"{name}.resblock_kernel_sizes={kernels} must be odd")
        _check(all(d > 0 for inner in dilations for d in inner), f"{name}.resblock_dilation_sizes must be positive")
        width = self.upsample_initial_channel
        _check(width % 2 ** len(rates) == 0, f"{name}.upsample_initial_channel={width} cannot be halved at each stage")
        n_fft, hop = self.gen_istft_n_fft, self.gen_istft_hop_size
        _check(0 < hop < n_fft and n_fft % hop == 0 and n_fft % 2 == 0, f"{name}: an STFT of {n_fft} with hop {hop}")
        made = math.prod(rates) * (hop if self.kind is DecoderKind.ISTFTNET else 1)
        wanted = f"{SAMPLES_PER_PITCH} are needed"
        _check(made == SAMPLES_PER_PITCH, f"{name} makes {made} samples of a pitch value, but {wanted}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffusionConfig:
    """The style denoiser. ``sigma_data`` is the spread of the styles that it was trained on."""

    num_layers: int
    num_heads: int
    head_features: int
    multiplier: int
    sigma_data: float

    def __post_init__(self) -> None:
        _check(self.sigma_data > 0, f"model_params.diffusion.dist.sigma_data={self.sigma_data} is not positive")


@dataclass(frozen=True, slots=True, kw_only=True)
class PLBertConfig:
    """PL-BERT, an ALBERT over phonemes, whose one layer is applied ``num_hidden_layers`` times."""

    vocab_size: int
    embedding_size: int
    hidden_size: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    num_hidden_layers: int

    def __post_init__(self) -> None:
        width, heads = self.hidden_size, self.num_attention_heads
        hint = "; put the Utils/PLBERT/config.yml that belongs to it beside the checkpoint"
        _check(heads > 0 and width % heads == 0, f"PL-BERT is {width} wide, which {heads} heads cannot share{hint}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """The architecture that inference needs; names as in config.yml."""

    n_token: int
    n_mels: int
    dim_in: int
    hidden_dim: int
    n_layer: int
    max_dur: int
    style_dim: int
    multispeaker: bool
    decoder: DecoderConfig
    diffusion: DiffusionConfig
    plbert: PLBertConfig

    def __post_init__(self) -> None:
        _check(self.hidden_dim % 2 == 0, f"model_params.hidden_dim={self.hidden_dim} is odd; two directions share it")


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in ``path``. Raises WeightsMissing when there is no such file, ConfigError when it is no mapping."""
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise ConfigError(f"{path} is larger than any config.yml")
        raw = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise WeightsMissing(f"there is no {path.name} in {path.parent}; it belongs beside the weights") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ConfigError(f"{path} cannot be read as YAML: {reason}") from None
    _check(isinstance(raw, dict), f"{path} holds no YAML mapping")
    return raw


def parse(raw: Mapping[str, Any], plbert: Mapping[str, Any] | None, shapes: Shapes) -> ModelConfig:
    """The architecture from the mapping in config.yml, that of PL-BERT or None, and the checkpoint's shapes.

    ``shapes`` are those of its state dict as `own_state` makes it. Raises ConfigError, which names the key, and
    WeightsMismatch when a tensor is missing from which a width is read.
    """
    model = _section(raw, "model_params", "config.yml")
    return ModelConfig(
        n_token=_int(model, "n_token"),
        n_mels=_int(model, "n_mels"),
        dim_in=_int(model, "dim_in"),
        hidden_dim=_int(model, "hidden_dim"),
        n_layer=_int(model, "n_layer"),
        max_dur=_int(model, "max_dur"),
        style_dim=_shape(shapes, "style_encoder.unshared.bias")[0],
        multispeaker=_flag(model, "multispeaker"),
        decoder=_decoder(_section(model, "decoder", "model_params"), shapes),
        diffusion=_diffusion(_section(model, "diffusion", "model_params")),
        plbert=_plbert(plbert, shapes),
    )


def _decoder(raw: Mapping[str, Any], shapes: Shapes) -> DecoderConfig:
    kinds = {kind.value: kind for kind in DecoderKind}
    kind = kinds.get(str(raw.get("type")))
    _check(kind is not None, f"model_params.decoder.type={raw.get('type')!r} is none of {', '.join(kinds)}")
    stft = {key: _int(raw, key) for key in ("gen_istft_n_fft", "gen_istft_hop_size") if key in raw}
    nested = raw.get("resblock_dilation_sizes")
    _check(isinstance(nested, list), f"model_params.decoder.resblock_dilation_sizes={nested!r} is no list of lists")
    return DecoderConfig(
        kind=kind,
        width=_shape(shapes, "decoder.encode.conv1.weight")[0],
        residual_width=_shape(shapes, "decoder.asr_res.weight")[0],
        upsample_initial_channel=_int(raw, "upsample_initial_channel"),
        upsample_rates=_ints(raw.get("upsample_rates"), "upsample_rates"),
        upsample_kernel_sizes=_ints(raw.get("upsample_kernel_sizes"), "upsample_kernel_sizes"),
        resblock_kernel_sizes=_ints(raw.get("resblock_kernel_sizes"), "resblock_kernel_sizes"),
        resblock_dilation_sizes=tuple(_ints(inner, "resblock_dilation_sizes") for inner in nested),
        **stft,
    )


def _diffusion(raw: Mapping[str, Any]) -> DiffusionConfig:
    transformer = _section(raw, "transformer", "model_params.diffusion")
    sigma = _section(raw, "dist", "model_params.diffusion").get("sigma_data")
    numeric = isinstance(sigma, int | float) and math.isfinite(sigma)
    _check(numeric, f"model_params.diffusion.dist.sigma_data={sigma!r} is no number; the sampler depends on it")
    return DiffusionConfig(
        num_layers=_int(transformer, "num_layers"),
        num_heads=_int(transformer, "num_heads"),
        head_features=_int(transformer, "head_features"),
        multiplier=_int(transformer, "multiplier"),
        sigma_data=float(sigma),
    )


def _plbert(raw: Mapping[str, Any] | None, shapes: Shapes) -> PLBertConfig:
    """All but the counts of heads and of layers stands in the shapes, and these are the public ones unless given."""
    vocab, embedding = _shape(shapes, "bert.embeddings.word_embeddings.weight")
    model = {} if raw is None else _section(raw, "model_params", "PL-BERT's config.yml")
    return PLBertConfig(
        vocab_size=vocab,
        embedding_size=embedding,
        hidden_size=_shape(shapes, "bert.layer.ffn.weight")[1],
        num_attention_heads=_int(model, "num_attention_heads", PLBERT_HEADS),
        intermediate_size=_shape(shapes, "bert.layer.ffn.weight")[0],
        max_position_embeddings=_shape(shapes, "bert.embeddings.position_embeddings.weight")[0],
        num_hidden_layers=_int(model, "num_hidden_layers", PLBERT_LAYERS),
    )


def _shape(shapes: Shapes, key: str) -> Sequence[int]:
    if key not in shapes:
        raise WeightsMismatch(f"the checkpoint has no {key}; it is no complete StyleTTS2 model of the second stage")
    return shapes[key]


def _section(raw: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    _check(isinstance(raw.get(name), dict), f"{where} has no section {name!r}; it belongs to another kind of model")
    return raw[name]


def _int(raw: Mapping[str, Any], key: str, default: int | None = None) -> int:
    value = raw.get(key, default)
    _check(type(value) is int and value > 0, f"{key}={value!r} is no positive whole number")
    return value


def _flag(raw: Mapping[str, Any], key: str) -> bool:
    _check(isinstance(raw.get(key), bool), f"{key}={raw.get(key)!r} is neither true nor false")
    return raw[key]


def _ints(value: Any, key: str) -> tuple[int, ...]:
    valid = isinstance(value, list) and value and all(type(item) is int for item in value)
    _check(valid, f"{key}={value!r} is no list of whole numbers")
    return tuple(value)


def _check(condition: bool, message: str) -> None:
    if not condition:
        raise ConfigError(message)
