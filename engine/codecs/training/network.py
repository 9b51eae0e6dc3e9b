"""A codec that learns: the networks of WavTokenizer with weight norm in the encoder and a codebook that follows.

Letters: B batch, N samples, F frames.
"""

from typing import Any, NamedTuple

import torch
import yaml
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from engine.codecs.encodec_config import SAMPLE_RATE
from engine.codecs.wavtokenizer import WavTokenizer
from engine.codecs.wavtokenizer_config import WavTokenizerSizes
from engine.training.checkpoint import public_state
from engine.training.quantizer import Codebook

_ENCODER = "feature_extractor.encodec.encoder.model."
_BOOK = "feature_extractor.encodec.quantizer.vq.layers.0._codebook."


class Reconstruction(NamedTuple):
    """The sound (B, N) that was made of ``codes`` (B, F), and how far the vectors were from their entries, ()."""

    samples: Tensor
    codes: Tensor
    commitment: Tensor


class Learner(nn.Module):
    """Sound to codes and back with gradients all the way."""

    def __init__(self, sizes: WavTokenizerSizes) -> None:
        super().__init__()
        self.sizes = sizes
        codec = WavTokenizer(sizes)
        self.encoder, self.backbone, self.head = codec.encoder, codec.backbone, codec.head
        for module in list(self.encoder.modules()):
            if isinstance(module, nn.Conv1d):
                weight_norm(module)
        for module in self.backbone.modules():
            if isinstance(module, nn.Conv1d | nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
        self.codebook = Codebook(sizes.encoder.codebook_size, sizes.encoder.width)

    def forward(self, samples: Tensor, bandwidth_id: int, autocast: torch.autocast) -> Reconstruction:
        """What becomes of ``samples`` (B, N), N a multiple of the hop. Codebook and head are float32."""
        with autocast:
            embedded = self.encoder(samples.unsqueeze(1))
        vectors, codes, commitment = self.codebook(embedded)
        with autocast:
            hidden = self.backbone(vectors, bandwidth_id)
        return Reconstruction(self.head(hidden.float()), codes, commitment)


def public(learner: Learner) -> dict[str, Tensor]:
    """The tensors under their published names."""
    found = {}
    for key, value in public_state(learner).items():
        part, _, rest = key.partition(".")
        if part == "encoder":
            # Every convolution there is wrapped once more.
            key = _ENCODER + rest.removeprefix("layers.").replace(".conv.", ".conv.conv.")
        elif part == "codebook":
            key = _BOOK + rest
        found[key] = value.detach()
    return found


def described(sizes: WavTokenizerSizes) -> str:
    """The YAML of a codec, in the public layout."""
    encoder, hidden = sizes.encoder, sizes.hidden
    parts: dict[str, dict[str, Any]] = {
        "feature_extractor": {
            "num_quantizers": 1,
            "dowmsamples": list(encoder.ratios),  # so it is spelt there
            "vq_bins": encoder.codebook_size,
        },
        "backbone": {
            "input_channels": encoder.width,
            "dim": hidden,
            "intermediate_dim": sizes.intermediate,
            "num_layers": sizes.n_layers,
            "adanorm_num_embeddings": sizes.n_bandwidths,
        },
        "head": {"dim": hidden, "n_fft": sizes.n_fft, "hop_length": sizes.hop, "padding": sizes.padding},
    }
    inner = {name: {"init_args": arguments} for name, arguments in parts.items()}
    return yaml.safe_dump({"model": {"init_args": {"sample_rate": SAMPLE_RATE} | inner}}, sort_keys=False)
