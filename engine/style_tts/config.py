"""The sizes of the networks as frozen dataclasses, named as in published configuration files. Imports no torch.

What cannot be built is a ConfigError.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from engine.config_file import check, nested_wholes, whole, wholes
from engine.errors import WeightsMismatch

SAMPLE_RATE = 24_000
# One aligned frame is 25 ms; pitch and energy have two values for each.
SAMPLES_PER_FRAME = 600
SAMPLES_PER_PITCH = SAMPLES_PER_FRAME // 2

# The public PL-BERT, of which neither a checkpoint's tensors nor its configuration need to tell these two.
PLBERT_HEADS, PLBERT_LAYERS = 12, 12

Shapes = Mapping[str, Sequence[int]]


class DecoderKind(Enum):
    """How features become sound: transposed convolutions all the way, an inverse STFT at their end, or two filters."""

    HIFIGAN = "hifigan"
    ISTFTNET = "istftnet"
    HARMONIC = "harmonic"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderConfig:
    """The decoder; ``width`` and ``residual_width`` are the channels of its blocks and of the text beside them."""

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
        rates, sizes = self.upsample_rates, self.upsample_kernel_sizes
        check(len(rates) == len(sizes), "the decoder's upsample_rates and upsample_kernel_sizes do not pair up")
        fits = all(size == 2 * rate > 0 for rate, size in zip(rates, sizes, strict=True))
        check(
            fits,
            "the decoder's upsample_kernel_sizes={sizes} are not twice upsample_rates={rates}",
            sizes=sizes,
            rates=rates,
        )
        kernels, dilations = self.resblock_kernel_sizes, self.resblock_dilation_sizes
        check(len(kernels) == len(dilations), "the decoder's resblock_kernel_sizes and dilation_sizes do not pair up")
        check(
            all(k > 0 and k % 2 for k in kernels),
            "the decoder's resblock_kernel_sizes={kernels} must be odd",
            kernels=kernels,
        )
        fits = all(d > 0 for inner in dilations for d in inner)
        check(fits, "the decoder's resblock_dilation_sizes={dilations} must be positive", dilations=dilations)
        width = self.upsample_initial_channel
        fits = width % 2 ** len(rates) == 0
        check(
            fits,
            "the decoder's upsample_initial_channel={width} cannot be halved at each of {count} stages",
            width=width,
            count=len(rates),
        )
        n_fft, hop = self.gen_istft_n_fft, self.gen_istft_hop_size
        fits = 0 < hop < n_fft and n_fft % hop == 0 and n_fft % 2 == 0
        check(fits, "the decoder's inverse STFT of size {n_fft} does not go with a hop of {hop}", n_fft=n_fft, hop=hop)
        made = math.prod(rates) * (hop if self.kind is DecoderKind.ISTFTNET else 1)
        check(
            made == SAMPLES_PER_PITCH,
            "the decoder makes {made} samples of a pitch value, but {wanted} are needed",
            made=made,
            wanted=SAMPLES_PER_PITCH,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmonicConfig:
    """The small decoder of `engine.style_tts.harmonic`: ``n_layer`` blocks of ``width`` channels."""

    width: int
    n_layer: int
    kernel_size: int
    kind: DecoderKind = DecoderKind.HARMONIC

    def __post_init__(self) -> None:
        check(
            self.kernel_size % 2 == 1,
            "the decoder's kernel_size={kernel_size} must be odd",
            kernel_size=self.kernel_size,
        )


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
        fits = heads > 0 and width % heads == 0
        check(
            fits,
            "num_attention_heads={heads} cannot share PL-BERT's {width} channels; it is another PL-BERT's",
            heads=heads,
            width=width,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesizerConfig:
    """What makes sound of phonemes in a given style.

    ``float32_constants`` says that two constants are rounded as with Kokoro: docs/style-tts.md#order-of-operations
    """

    n_token: int
    hidden_dim: int
    n_layer: int
    max_dur: int
    style_dim: int
    decoder: DecoderConfig | HarmonicConfig
    plbert: PLBertConfig
    float32_constants: bool = False

    def __post_init__(self) -> None:
        check(
            self.hidden_dim % 2 == 0,
            "hidden_dim={hidden_dim} is odd; an LSTM's two directions share it",
            hidden_dim=self.hidden_dim,
        )


def parse_decoder(raw: Mapping[str, Any], kind: DecoderKind, shapes: Shapes) -> DecoderConfig:
    """The decoder of ``kind`` from the section of a configuration, and the widths that only its tensors tell.

    ``shapes`` are those of a state dict as `weights.own_state` makes it. Raises ConfigError and WeightsMismatch.
    """
    stft = {key: whole(raw, key) for key in ("gen_istft_n_fft", "gen_istft_hop_size") if key in raw}
    return DecoderConfig(
        kind=kind,
        width=shape(shapes, "decoder.encode.conv1.weight", 3)[0],
        residual_width=shape(shapes, "decoder.asr_res.weight", 3)[0],
        upsample_initial_channel=whole(raw, "upsample_initial_channel", least=1),
        upsample_rates=wholes(raw.get("upsample_rates"), "upsample_rates"),
        upsample_kernel_sizes=wholes(raw.get("upsample_kernel_sizes"), "upsample_kernel_sizes"),
        resblock_kernel_sizes=wholes(raw.get("resblock_kernel_sizes"), "resblock_kernel_sizes"),
        resblock_dilation_sizes=nested_wholes(raw, "resblock_dilation_sizes"),
        **stft,
    )


def parse_harmonic(raw: Mapping[str, Any]) -> HarmonicConfig:
    """The small decoder from its section of a configuration. Raises ConfigError."""
    return HarmonicConfig(
        width=whole(raw, "width", least=1),
        n_layer=whole(raw, "n_layer", least=1),
        kernel_size=whole(raw, "kernel_size", least=1),
    )


def parse_plbert(raw: Mapping[str, Any], shapes: Shapes) -> PLBertConfig:
    """PL-BERT: all but the counts of heads and of layers stands in the shapes; these are the public ones unless given.

    Raises ConfigError and WeightsMismatch.
    """
    vocab, embedding = shape(shapes, "bert.embeddings.word_embeddings.weight", 2)
    intermediate, hidden = shape(shapes, "bert.layer.ffn.weight", 2)
    return PLBertConfig(
        vocab_size=vocab,
        embedding_size=embedding,
        hidden_size=hidden,
        num_attention_heads=whole(raw, "num_attention_heads", PLBERT_HEADS, least=1),
        intermediate_size=intermediate,
        max_position_embeddings=shape(shapes, "bert.embeddings.position_embeddings.weight", 2)[0],
        num_hidden_layers=whole(raw, "num_hidden_layers", PLBERT_LAYERS, least=1),
    )


def shape(shapes: Shapes, key: str, axes: int) -> Sequence[int]:
    """The shape of a tensor that must be there and have so many ``axes``. Raises WeightsMismatch."""
    if key not in shapes:
        raise WeightsMismatch("the checkpoint has no {key}; it is no complete model", key=key)
    if len(shapes[key]) != axes:
        raise WeightsMismatch(
            "{key} has the shape {shapes}; {axes} axes are needed", key=key, shapes=list(shapes[key]), axes=axes
        )
    return shapes[key]
