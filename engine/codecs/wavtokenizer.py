"""WavTokenizer (arXiv:2408.16532): sound at 24 kHz to one code 40 or 75 times a second, and back.

EnCodec's encoder, not causal here, and one codebook; back through Vocos' backbone, with convolutions and one attention
before it, and its inverse Fourier transform. Encoder, blocks and transform are those of the packages transformers and
vocos, as for EnCodec and Vocos. Weight norm is folded once.

Sound of any length is encoded in windows: the convolutions see all that they reach, and the LSTM's state is carried, so
the codes are those of one pass. The decoder looks at all of a sound at once, in attention and in norms over time; how
long sounds and streams are decoded is in `engine.codecs.windows`, and docs/codecs.md#windows has what it costs.

Letters: B batch, N samples, F frames (codes), W width of a codeword, H width of the backbone.
"""

import dataclasses
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrize
from transformers.models.encodec.modeling_encodec import EncodecEncoder
from vocos.heads import ISTFTHead
from vocos.modules import AdaLayerNorm, ConvNeXtBlock

from engine.codecs import windows
from engine.codecs.books import check_books
from engine.codecs.encodec import folded, transformers_config
from engine.codecs.encodec import published as encodec_name
from engine.codecs.encodec_config import SAMPLE_RATE
from engine.codecs.wavtokenizer_config import GROUPS, WavTokenizerSizes, padding, sizes
from engine.errors import OptionError, WeightsMismatch
from engine.steps import Steps, finish
from engine.weights import Unfilled, bounded, load_strictly
from engine.weights_cache import converted

# Raise the version whenever `_needed` changes.
LAYOUT = "wavtokenizer/1"
# Trained at random, so that any would do; the published programs take the first.
BANDWIDTH_ID = 0
# What one step encodes, and what it looks at before and after: more than the convolutions reach.
WINDOW_S, MARGIN = 4.0, 8

# Both public layouts, the published one and the port to safetensors; encoder and codebook are named as EnCodec's.
_NAMES = (
    ("feature_extractor.encodec.", ""),
    ("encoder_model.quantizer.codebook.", "quantizer.layers.0.codebook."),
    ("encoder_model.", ""),
    ("head.linear.", "head.out."),
)
_PARTS = ("feature_extractor.", "encoder_model.", "backbone.", "head.")
# A second decoder that is never used, and what only training needs.
_UNUSED = ("feature_extractor.encodec.decoder.", "encoder_model.decoder.")
_TRAINING = ("odebook.inited", "odebook.cluster_size", "odebook.embed_avg")
_BOOK, _WINDOW = "quantizer.layers.0.codebook.embed", "head.istft.window"


class _Residual(nn.Module):
    """(B, H, F) to the same: two convolutions, each after a norm and a swish, and what came in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, channels, eps=1e-6)
        self.conv1 = nn.Conv1d(channels, channels, 3, padding=1)
        self.norm2 = nn.GroupNorm(GROUPS, channels, eps=1e-6)
        self.conv2 = nn.Conv1d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(F.silu(self.norm1(x)))
        return x + self.conv2(F.silu(self.norm2(y)))


class _Attention(nn.Module):
    """(B, H, F) to the same: one head over all frames, without positions, and what came in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, channels, eps=1e-6)
        self.q, self.k, self.v, self.proj_out = (nn.Conv1d(channels, channels, 1) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(x)
        query, key, value = (part(y).transpose(1, 2).unsqueeze(1) for part in (self.q, self.k, self.v))
        seen = F.scaled_dot_product_attention(query, key, value).squeeze(1).transpose(1, 2)
        return x + self.proj_out(seen)


class Backbone(nn.Module):
    """Codewords (B, W, F) to (B, F, H): Vocos' backbone with a ``pos_net`` after its first convolution."""

    def __init__(self, config: WavTokenizerSizes) -> None:
        super().__init__()
        width, n_bandwidths = config.hidden, config.n_bandwidths
        self.embed = nn.Conv1d(config.encoder.width, width, 7, padding=3)
        self.pos_net = nn.Sequential(
            _Residual(width), _Residual(width), _Attention(width), _Residual(width), _Residual(width),
            nn.GroupNorm(GROUPS, width, eps=1e-6),
        )  # fmt: skip
        self.adaptive = n_bandwidths is not None
        self.norm = AdaLayerNorm(n_bandwidths, width) if n_bandwidths else nn.LayerNorm(width, eps=1e-6)
        self.convnext = nn.ModuleList(
            ConvNeXtBlock(width, config.intermediate, 1 / config.n_layers, n_bandwidths) for _ in range(config.n_layers)
        )
        self.final_layer_norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x: Tensor, bandwidth_id: int = BANDWIDTH_ID) -> Tensor:
        return finish(self.steps(x, bandwidth_id))

    def steps(self, x: Tensor, bandwidth_id: int = BANDWIDTH_ID) -> Steps[Tensor]:
        """The same in steps, of a layer each."""
        chosen = (torch.tensor([bandwidth_id], device=x.device),) if self.adaptive else ()
        x = self.embed(x)
        for layer in self.pos_net:
            x = layer(x)
            yield
        x = self.norm(x.transpose(1, 2), *chosen).transpose(1, 2)
        for block in self.convnext:
            x = block(x, *chosen)
            yield
        return self.final_layer_norm(x.transpose(1, 2))


class WavTokenizer(nn.Module):
    """Sound at 24 kHz to codes and back, in float32: of half the precision two codes of three would be others."""

    sample_rate = SAMPLE_RATE
    n_codebooks = 1

    def __init__(self, config: WavTokenizerSizes) -> None:
        super().__init__()
        self.config = config
        self.hop, self.codebook_size = config.hop, config.encoder.codebook_size
        self.encoder = EncodecEncoder(transformers_config(config.encoder, causal=False))
        for module in self.encoder.modules():
            if parametrize.is_parametrized(module):
                parametrize.remove_parametrizations(module, "weight")
        self.codebook = nn.Parameter(torch.empty(config.encoder.codebook_size, config.encoder.width))
        self.backbone = Backbone(config)
        self.head = ISTFTHead(config.hidden, config.n_fft, config.hop, padding=config.padding)

    @property
    def codes_per_s(self) -> float:
        """40 or 75 of the public ones."""
        return self.sample_rate / self.hop

    @property
    def bandwidth_kbps(self) -> float:
        """0.48 or 0.9 of the public ones."""
        return math.log2(self.codebook_size) * self.codes_per_s / 1000

    def codebooks(self, bandwidth: float | None = None) -> int:
        """One, at the only bandwidth that it has. Raises OptionError for another."""
        if bandwidth is not None and abs(bandwidth - self.bandwidth_kbps) > 0.01 * self.bandwidth_kbps:
            raise OptionError(
                "this WavTokenizer has {own:g} kbit/s, not {bandwidth:g}", own=self.bandwidth_kbps, bandwidth=bandwidth
            )
        return 1

    def embed(self, samples: Tensor) -> Tensor:
        """What is quantised: (B, W, F) of ``samples`` (B, N), where F = ⌈N / hop⌉."""
        pieces = list(self._embedded(samples))
        return torch.cat(pieces, dim=2) if pieces else samples.new_zeros(len(samples), self.config.encoder.width, 0)

    def quantize(self, embedded: Tensor) -> Tensor:
        """The codes (B, 1, F) of the codewords nearest to ``embedded`` (B, W, F); of equally near ones the first."""
        # Of the squared distance what differs from codeword to codeword: ‖e‖² - 2 x·e.
        near = F.linear(embedded.transpose(1, 2), self.codebook, -0.5 * self.codebook.square().sum(1))
        return near.argmax(2).unsqueeze(1)

    def features(self, codes: Tensor) -> Tensor:
        """The codewords (B, W, F) of ``codes`` (B, 1, F). Raises WeightsMismatch for what is no code of this codec."""
        check_books(codes, 1, "WavTokenizer")
        if codes.numel() and not 0 <= int(codes.min()) <= int(codes.max()) < self.codebook_size:
            raise WeightsMismatch(
                "the WavTokenizer that is here has codes of 0..{largest}, and there are others",
                largest=self.codebook_size - 1,
            )
        return F.embedding(codes[:, 0], self.codebook).transpose(1, 2)

    def encode(self, samples: Tensor, bandwidth: float | None = None) -> Tensor:
        """Codes (B, 1, F) int64 of ``samples`` (B, N), of any length. Raises OptionError for another bandwidth."""
        return finish(self.encode_steps(samples, bandwidth))

    @torch.inference_mode()
    def encode_steps(self, samples: Tensor, bandwidth: float | None = None) -> Steps[Tensor]:
        """The same in steps, of a window each; memory is needed for one."""
        self.codebooks(bandwidth)
        codes = [torch.zeros(len(samples), 1, 0, dtype=torch.int64, device=samples.device)]
        for embedded in self._embedded(samples):
            codes.append(self.quantize(embedded))
            yield
        return torch.cat(codes, dim=2)

    def decode(self, codes: Tensor) -> Tensor:
        """Samples (B, F · hop) of ``codes`` (B, 1, F); at one pass up to 9 s, and longer ones in windows of 10 s.

        Raises WeightsMismatch for what is no code of this codec.
        """
        return finish(self.decode_steps(codes))

    @torch.inference_mode()
    def decode_steps(self, codes: Tensor) -> Steps[Tensor]:
        """The same in steps, of a layer each."""
        stream = windows.Stream(self, windows.LONG)
        begun = yield from stream.push(codes)
        rest = yield from stream.finish()
        return torch.cat((begun, rest), dim=1)

    def stream(self, context: Tensor | None = None) -> "windows.Stream":
        """Takes codes as they are made and gives their sound soon after; ``context`` (B, 1, F) were spoken before."""
        return windows.Stream(self, windows.SOON, context)

    def streamed(self, pieces: Iterable[Tensor]) -> Iterator[Tensor]:
        """The sound (B, n) of ``pieces`` (B, 1, f) of codes, as soon as it is known. Closing it ends the work."""
        stream = self.stream()
        for piece in pieces:
            if (sound := finish(stream.push(piece))).numel():
                yield sound
        if (sound := finish(stream.finish())).numel():
            yield sound

    @torch.inference_mode()
    def decode_pass(self, codes: Tensor, bandwidth_id: int = BANDWIDTH_ID) -> Steps[Tensor]:
        """The sound of ``codes`` at one pass however long they are, in steps of a layer each."""
        features = self.features(codes)
        if not features.shape[2]:
            return features.new_zeros(len(codes), 0)
        hidden = yield from self.backbone.steps(features, bandwidth_id)
        if self.config.padding == "center" and hidden.shape[1] == 1:
            return hidden.new_zeros(len(codes), 0)
        return self.head(hidden)

    def _embedded(self, samples: Tensor) -> Iterator[Tensor]:
        """`embed` in pieces (B, W, f)."""
        *convolutions, memory, elu, last = self.encoder.layers
        frames = -(-samples.shape[1] // self.hop)
        reach = self.config.encoder.last_kernel // 2
        step = max(round(WINDOW_S * self.codes_per_s), 2 * reach + 1)
        state: Any = None
        # Frames that the last convolution must see again, and how many of them it has already answered.
        seen = samples.new_zeros(len(samples), memory.lstm.hidden_size, 0)
        answered = 0
        for begin in range(0, frames, step):
            end = min(begin + step, frames)
            first = max(0, begin - MARGIN)
            x = samples[:, None, first * self.hop : (end + MARGIN) * self.hop]
            for layer in convolutions:
                x = layer(x)
            x = x[..., begin - first : end - first].permute(2, 0, 1)
            remembered, state = memory.lstm(x, state)
            seen = torch.cat((seen, elu((remembered + x).permute(1, 2, 0))), dim=2)
            # It pads what it is given as if that were all; so it answers wrongly near an edge that is none.
            known = seen.shape[2] - (0 if end == frames else reach)
            yield last(seen)[..., answered:known]
            seen = seen[..., max(0, known - reach) :]
            answered = min(known, reach)


def load(path: Path) -> WavTokenizer:
    """WavTokenizer from a Lightning checkpoint or from the port's safetensors; a YAML beside it must agree.

    On the CPU, in float32. Only what is needed of a large checkpoint is read. Raises WeightsMissing, WeightsMismatch
    and ConfigError.
    """
    held = converted(path, _needed, layout=LAYOUT)
    state = folded({name: value.float() for key, value in held.items() if (name := published(key))})
    with bounded(state, path.name), Unfilled():
        config = sizes({key: tuple(value.shape) for key, value in state.items()}, path.name)
        config = dataclasses.replace(config, padding=padding(path, config))
        codec = WavTokenizer(config)
    # The port leaves out what can be reckoned.
    state.setdefault(_WINDOW, torch.hann_window(config.n_fft))
    state["codebook"] = state.pop(_BOOK)
    load_strictly(codec, state, path.name, assign=True)
    return codec.eval().requires_grad_(False)


def published(key: str) -> str:
    """Our name of a tensor in either layout."""
    for theirs, ours in _NAMES:
        if key.startswith(theirs):
            key = ours + key.removeprefix(theirs)
    return encodec_name(key)


def _needed(held: Any) -> dict[str, Tensor]:
    """The tensors of the parts that encode and decode, out of all that a trainer has written."""
    state = held.get("state_dict", held) if isinstance(held, dict) else None
    if not isinstance(state, dict):
        raise WeightsMismatch("the file holds no WavTokenizer: no tensors by name")
    return {
        key: value
        for key, value in state.items()
        if isinstance(key, str)
        and isinstance(value, Tensor)
        and key.startswith(_PARTS)
        and not key.startswith(_UNUSED)
        and not key.endswith(_TRAINING)
    }
