"""Vocos for EnCodec's codes (arXiv:2306.00814): codes to sound without EnCodec.

Backbone and head are the package ``vocos``'s, which are the published ones. Its features are not used, since they fetch
EnCodec from the network when they are made: here the codewords that lie in the file are looked up.

Letters: B batch, K codebooks, F frames, W width of a codeword.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from vocos.heads import ISTFTHead
from vocos.models import VocosBackbone

from engine.codecs.books import check_books
from engine.config_file import check, read_yaml
from engine.errors import WeightsMismatch, WeightsMissing
from engine.steps import Steps, finish
from engine.weights import bounded, load_strictly, read_checkpoint

CODES = 1024
HOP = 320
# Of 1.5, 3, 6 and 12 kbit/s, for which the public model has norms of its own: the one of eight codebooks.
SIX_KBPS = 2
_UNUSED = "feature_extractor.encodec."
WEIGHTS = ("pytorch_model.bin", "model.safetensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class VocosSizes:
    """The sizes of a Vocos; ``n_bandwidths`` are the bandwidths that it has norms for."""

    width: int
    n_codes: int
    hidden: int
    intermediate: int
    n_layers: int
    n_bandwidths: int
    n_fft: int
    hop: int


class _Codewords(nn.Module):
    def __init__(self, count: int, width: int) -> None:
        super().__init__()
        self.codebook_weights = nn.Parameter(torch.empty(count, width), requires_grad=False)


class CodesVocos(nn.Module):
    """Codes (B, K, F) of 0..1023 to samples (B, F · hop) at 24 kHz, float32, neither clipped nor trimmed."""

    sample_rate = 24_000

    def __init__(self, config: VocosSizes) -> None:
        super().__init__()
        self.config = config
        self.feature_extractor = _Codewords(config.n_codes, config.width)
        self.backbone = VocosBackbone(
            config.width,
            config.hidden,
            config.intermediate,
            config.n_layers,
            adanorm_num_embeddings=config.n_bandwidths,
        )
        self.head = ISTFTHead(config.hidden, config.n_fft, config.hop, padding="same")

    @property
    def n_codebooks(self) -> int:
        """How many codebooks it knows."""
        return self.config.n_codes // CODES

    def features(self, codes: Tensor) -> Tensor:
        """The sum of the codewords (B, W, F) that ``codes`` (B, K, F) stand for."""
        offsets = torch.arange(0, CODES * codes.shape[1], CODES, device=codes.device)
        words = F.embedding(codes + offsets.view(-1, 1), self.feature_extractor.codebook_weights)
        return words.sum(1).transpose(1, 2)

    def decode(self, codes: Tensor, bandwidth_id: int = SIX_KBPS) -> Tensor:
        """The sound of ``codes``; of no frames there is none. ``bandwidth_id`` is 0..n_bandwidths - 1.

        Raises WeightsMismatch for codes of more codebooks than it knows.
        """
        return finish(self.decode_steps(codes, bandwidth_id))

    @torch.inference_mode()
    def decode_steps(self, codes: Tensor, bandwidth_id: int = SIX_KBPS) -> Steps[Tensor]:
        """The same in steps: backbone, head."""
        check_books(codes, self.n_codebooks, "Vocos")
        if codes.shape[2] == 0:
            return torch.zeros(len(codes), 0, device=codes.device)
        bandwidth = torch.tensor([bandwidth_id], device=codes.device)
        features = self.backbone(self.features(codes), bandwidth_id=bandwidth)
        yield
        return self.head(features)


def load(folder: Path) -> CodesVocos:
    """Vocos from a folder with its weights and config.yaml; without the latter it is the published kind.

    On the CPU. Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    path = next((folder / name for name in WEIGHTS if (folder / name).is_file()), None)
    if path is None:
        raise WeightsMissing("there is no Vocos in {folder}; it needs pytorch_model.bin", folder=folder)
    hop = _hop(read_yaml(folder / "config.yaml")) if (folder / "config.yaml").is_file() else HOP
    held = read_checkpoint(path)
    if not isinstance(held, dict) or not all(isinstance(value, Tensor) for value in held.values()):
        raise WeightsMismatch("{path} holds more than tensors; it is no file of Vocos", path=path.name)
    # The file may bring EnCodec itself, which nothing here needs.
    state = {key: value.float() for key, value in held.items() if not key.startswith(_UNUSED)}
    with bounded(state, path.name):
        sizes = _sizes(state, hop, path.name)
        if sizes.n_bandwidths <= SIX_KBPS:
            raise WeightsMismatch(
                "{source} knows {count} bandwidths, and none of six kbit/s; take vocos-encodec-24khz",
                source=path.name,
                count=sizes.n_bandwidths,
            )
        vocos = CodesVocos(sizes)
    load_strictly(vocos, state, path.name)
    return vocos.eval().requires_grad_(False)


def _sizes(state: dict[str, Tensor], hop: int, source: str) -> VocosSizes:
    try:
        words, embed = state["feature_extractor.codebook_weights"], state["backbone.embed.weight"]
        layers = [int(key.split(".")[2]) for key in state if key.startswith("backbone.convnext.")]
        return VocosSizes(
            width=words.shape[1],
            n_codes=words.shape[0],
            hidden=embed.shape[0],
            intermediate=state["backbone.convnext.0.pwconv1.weight"].shape[0],
            n_layers=1 + max(layers),
            n_bandwidths=state["backbone.norm.scale.weight"].shape[0],
            n_fft=state["head.out.weight"].shape[0] - 2,
            hop=hop,
        )
    except (KeyError, IndexError, ValueError):
        raise WeightsMismatch("{source} holds no Vocos for EnCodec's codes", source=source) from None


def _hop(raw: dict[str, Any]) -> int:
    """The samples of a frame. Raises ConfigError for a head that makes another kind of sound."""
    head: Any = raw.get("head")
    arguments = head.get("init_args", {}) if isinstance(head, dict) else {}
    arguments = arguments if isinstance(arguments, dict) else {}
    padding = arguments.get("padding", "same")
    check(padding == "same", "config.yaml says padding={padding!r}; Vocos for codes has 'same'", padding=padding)
    hop = arguments.get("hop_length", HOP)
    check(hop == HOP, "config.yaml says hop_length={hop!r}; EnCodec's frames have {expected}", hop=hop, expected=HOP)
    return HOP
