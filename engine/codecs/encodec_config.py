"""EnCodec's sizes, read off the shapes of its tensors, and what its configuration may say. Imports no torch.

EnCodec is described in arXiv:2210.13438, section 3.2. All that is read here is its causal model of 24 kHz.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.config_file import check
from engine.errors import WeightsMismatch

SAMPLE_RATE = 24_000
# What the public model is and a configuration could change: another value makes another network.
_PUBLIC = {
    "sampling_rate": SAMPLE_RATE,
    "audio_channels": 1,
    "normalize": False,
    "chunk_length_s": None,
    "norm_type": "weight_norm",
    "num_residual_layers": 1,
    "use_causal_conv": True,
    "pad_mode": "reflect",
    "use_conv_shortcut": True,
    "trim_right_ratio": 1.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodecSizes:
    """``ratios`` are the decoder's, the first the deepest: a frame is their product in samples."""

    n_filters: int
    width: int
    ratios: tuple[int, ...]
    n_codebooks: int
    codebook_size: int
    kernel: int
    last_kernel: int
    residual_kernel: int
    n_lstm_layers: int

    @property
    def hop(self) -> int:
        """Samples per frame."""
        product = 1
        for ratio in self.ratios:
            product *= ratio
        return product


def sizes(shapes: Mapping[str, Sequence[int]], source: str) -> EncodecSizes:
    """The sizes of tensors in transformers' names, with folded weight norm. Raises WeightsMismatch."""
    try:
        first, book = shapes["encoder.layers.0.conv.weight"], shapes["quantizer.layers.0.codebook.embed"]
        # Each stage of the encoder is a residual block, an ELU and a convolution of twice the ratio.
        strides: list[int] = []
        while (layer := f"encoder.layers.{3 * len(strides) + 3}.conv.weight") in shapes:
            strides.append(shapes[layer][2] // 2)
        last = max(int(name.split(".")[2]) for name in shapes if name.startswith("encoder.layers."))
        # The last convolution stands after an LSTM and an ELU, where the next stage's would be.
        ratios = tuple(reversed(strides[: (last - 3) // 3]))
        return EncodecSizes(
            n_filters=first[0],
            width=book[1],
            ratios=ratios,
            n_codebooks=_count(shapes, r"quantizer\.layers\.(\d+)\."),
            codebook_size=book[0],
            kernel=first[2],
            last_kernel=shapes[f"encoder.layers.{last}.conv.weight"][2],
            residual_kernel=shapes["encoder.layers.1.block.1.conv.weight"][2],
            n_lstm_layers=_count(shapes, r"encoder\.layers\.\d+\.lstm\.weight_hh_l(\d+)"),
        )
    except (KeyError, IndexError, ValueError):
        raise WeightsMismatch("{source} holds no EnCodec of 24 kHz", source=source) from None


def check_config(raw: Mapping[str, Any]) -> None:
    """Raises ConfigError where transformers' config.json describes another EnCodec than that of 24 kHz."""
    for name, value in _PUBLIC.items():
        found = raw.get(name, value)
        check(
            found == value,
            "config.json says {name}={found!r}, but EnCodec of 24 kHz has {value!r}; take encodec_24khz",
            name=name,
            found=found,
            value=value,
        )


def _count(shapes: Mapping[str, Sequence[int]], pattern: str) -> int:
    return 1 + max(int(match[1]) for name in shapes if (match := re.match(pattern, name)))
