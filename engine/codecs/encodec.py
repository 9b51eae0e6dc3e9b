"""EnCodec of 24 kHz (arXiv:2210.13438), from either of its public layouts.

The network is transformers' ``EncodecModel``: with the same weights it gives the codes and, bit for bit, the sound of
the package ``encodec``, which is no longer maintained. Its weight norm is folded, so that it is not computed anew for
every sound.

Letters: B batch, N samples, K codebooks, F frames, W width of a codeword.
"""

import math
from pathlib import Path

import torch
import torchaudio
from torch import Tensor, nn
from torch.nn.utils import parametrize
from transformers import EncodecConfig, EncodecModel

from engine.codecs.books import check_books
from engine.codecs.encodec_config import SAMPLE_RATE, EncodecSizes, check_config, sizes
from engine.config_file import read_json
from engine.errors import OptionError, WeightsMismatch, WeightsMissing
from engine.steps import Steps, finish
from engine.weights import bounded, load_strictly, read_checkpoint

# The names of the package ``encodec`` and of transformers; the rest is equal.
_NAMES = (
    ("encoder.model.", "encoder.layers."),
    ("decoder.model.", "decoder.layers."),
    ("quantizer.vq.layers.", "quantizer.layers."),
    (".conv.conv.", ".conv."),
    (".convtr.convtr.", ".conv."),
    ("._codebook.", ".codebook."),
    (".parametrizations.weight.original0", ".weight_g"),
    (".parametrizations.weight.original1", ".weight_v"),
)
USUAL_KBPS = 6.0
WEIGHTS = ("model.safetensors", "pytorch_model.bin")


class Encodec(nn.Module):
    """Sound at 24 kHz to codes at 75 frames a second and back. Nothing is normalised, clipped or trimmed."""

    sample_rate = SAMPLE_RATE

    def __init__(self, config: EncodecSizes) -> None:
        super().__init__()
        self.config = config
        self.hop, self.codebook_size, self.n_codebooks = config.hop, config.codebook_size, config.n_codebooks
        self.model = EncodecModel(transformers_config(config))
        for module in self.model.modules():
            if parametrize.is_parametrized(module):
                parametrize.remove_parametrizations(module, "weight")

    def codebooks(self, bandwidth: float) -> int:
        """How many codebooks so many kbit/s are: 8 of 1024 codes at 6. Raises OptionError for fewer than one."""
        each = math.log2(self.codebook_size) * math.ceil(SAMPLE_RATE / self.hop) / 1000
        count = int(bandwidth / each + 1e-6)
        if not 1 <= count <= self.n_codebooks:
            raise OptionError(
                "EnCodec has {least:g} to {most:g} kbit/s, not {bandwidth:g}",
                least=each,
                most=each * self.n_codebooks,
                bandwidth=bandwidth,
            )
        return count

    def embed(self, samples: Tensor) -> Tensor:
        """What is quantised: (B, W, F) of ``samples`` (B, N), where F = ⌈N / hop⌉."""
        return finish(self._embed_steps(samples))

    def quantize(self, embedded: Tensor, n_codebooks: int) -> Tensor:
        """The codes (B, K, F) of ``embedded`` (B, W, F): each codebook takes what the ones before have left."""
        codes = []
        for layer in self.model.quantizer.layers[:n_codebooks]:
            codes.append(layer.encode(embedded))
            embedded = embedded - layer.decode(codes[-1])
        return torch.stack(codes, dim=1)

    def dequantize(self, codes: Tensor) -> Tensor:
        """The sum of the codewords (B, W, F) that ``codes`` (B, K, F) stand for."""
        return self.model.quantizer.decode(codes.transpose(0, 1))

    def encode(self, samples: Tensor, bandwidth: float | None = None) -> Tensor:
        """Codes (B, K, F) int64 of ``samples`` (B, N), by default at 6 kbit/s.

        Raises OptionError for a bandwidth that there is not.
        """
        return finish(self.encode_steps(samples, bandwidth))

    @torch.inference_mode()
    def encode_steps(self, samples: Tensor, bandwidth: float | None = None) -> Steps[Tensor]:
        """The same in steps, of a layer each."""
        n_codebooks = self.codebooks(USUAL_KBPS if bandwidth is None else bandwidth)
        embedded = yield from self._embed_steps(samples)
        return self.quantize(embedded, n_codebooks)

    def decode(self, codes: Tensor) -> Tensor:
        """Samples (B, F · hop) of ``codes`` (B, K, F). Raises WeightsMismatch for more codebooks than there are."""
        return finish(self.decode_steps(codes))

    @torch.inference_mode()
    def decode_steps(self, codes: Tensor) -> Steps[Tensor]:
        """The same in steps, of a layer each."""
        check_books(codes, self.n_codebooks, "EnCodec")
        x = self.dequantize(codes)
        for layer in self.model.decoder.layers:
            residual = x
            # Of a residual block its layers, so that no step is long.
            for part in getattr(layer, "block", (layer,)):
                yield
                x = part(x)
            if hasattr(layer, "block"):
                x = layer.shortcut(residual) + x
        return x[:, 0]

    def _embed_steps(self, samples: Tensor) -> Steps[Tensor]:
        x = samples.unsqueeze(1)
        for layer in self.model.encoder.layers:
            x = layer(x)
            yield
        return x


def load(path: Path) -> Encodec:
    """EnCodec from transformers' folder (config.json with model.safetensors or pytorch_model.bin) or a package's file.

    On the CPU, in float32. Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    if path.is_dir():
        found = [path / name for name in WEIGHTS if (path / name).is_file()] or sorted(path.glob("*.th"))
        if not found:
            raise WeightsMissing(
                "there is no EnCodec in {path}; it needs {weights} with config.json, or a .th file",
                path=path,
                weights=" or ".join(WEIGHTS),
            )
        if found[0].name in WEIGHTS:
            check_config(read_json(path / "config.json"))
        path = found[0]
    held = read_checkpoint(path)
    if not isinstance(held, dict) or not all(isinstance(value, Tensor) for value in held.values()):
        raise WeightsMismatch("{path} holds more than tensors; it is no file of EnCodec", path=path.name)
    state = folded({published(key): value.float() for key, value in held.items()})
    with bounded(state, path.name):
        codec = Encodec(sizes({key: tuple(value.shape) for key, value in state.items()}, path.name))
    load_strictly(codec.model, state, path.name)
    return codec.eval().requires_grad_(False)


def published(name: str) -> str:
    """The name of a tensor in transformers, with weight norm in its older form, for one in either layout."""
    for theirs, ours in _NAMES:
        name = name.replace(theirs, ours)
    return name


def folded(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors with weight norm folded: g · v / ‖v‖, where a length is taken over all but the first axis."""
    result = {name: value for name, value in state.items() if not name.endswith((".weight_g", ".weight_v"))}
    for name, direction in state.items():
        length = state.get(name.removesuffix("_v") + "_g") if name.endswith(".weight_v") else None
        if length is not None and length.shape == (len(direction), 1, 1):
            result[name.removesuffix("_v")] = torch._weight_norm(direction, length, 0)
    return result


def prepared(samples: Tensor, sample_rate: int) -> Tensor:
    """Samples (C, N) at any rate as EnCodec's reference takes them: one channel, their mean, (1, N') at 24 kHz.

    `engine.audio.decode.read` does the same to a file with ``sinc``.
    """
    mono = samples.mean(0, keepdim=True)
    return torchaudio.functional.resample(mono, sample_rate, SAMPLE_RATE)


def transformers_config(config: EncodecSizes, *, causal: bool = True) -> EncodecConfig:
    """The sizes as transformers has them; with ``causal`` no frame knows of sound after it."""
    each = math.log2(config.codebook_size) * math.ceil(SAMPLE_RATE / config.hop) / 1000
    return EncodecConfig(
        num_filters=config.n_filters,
        hidden_size=config.width,
        codebook_dim=config.width,
        codebook_size=config.codebook_size,
        upsampling_ratios=list(config.ratios),
        kernel_size=config.kernel,
        last_kernel_size=config.last_kernel,
        residual_kernel_size=config.residual_kernel,
        num_lstm_layers=config.n_lstm_layers,
        use_causal_conv=causal,
        # The number of codebooks is reckoned from the last.
        target_bandwidths=[each * config.n_codebooks],
    )
