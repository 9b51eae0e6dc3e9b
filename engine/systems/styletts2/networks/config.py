"""The sizes of the networks as frozen dataclasses, named as in published configuration files. Imports no torch.

What cannot be built is a ConfigError.
"""

import math
from dataclasses import dataclass
from enum import Enum

from engine.config_file import check

SAMPLE_RATE = 24_000
# One aligned frame is 25 ms; pitch and energy have two values for each.
SAMPLES_PER_FRAME = 600
SAMPLES_PER_PITCH = SAMPLES_PER_FRAME // 2


class DecoderKind(Enum):
    """How features become sound: transposed convolutions all the way, or an inverse STFT at their end."""

    HIFIGAN = "hifigan"
    ISTFTNET = "istftnet"


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
    """What makes sound of phonemes in a given style."""

    n_token: int
    hidden_dim: int
    n_layer: int
    max_dur: int
    style_dim: int
    decoder: DecoderConfig
    plbert: PLBertConfig

    def __post_init__(self) -> None:
        check(
            self.hidden_dim % 2 == 0,
            "hidden_dim={hidden_dim} is odd; an LSTM's two directions share it",
            hidden_dim=self.hidden_dim,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffusionConfig:
    """The style denoiser. ``sigma_data`` is the spread of the styles that it was trained on."""

    num_layers: int
    num_heads: int
    head_features: int
    multiplier: int
    sigma_data: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig(SynthesizerConfig):
    """A whole StyleTTS 2: with the style encoders, and the diffusion that samples styles."""

    n_mels: int
    dim_in: int
    multispeaker: bool
    diffusion: DiffusionConfig
