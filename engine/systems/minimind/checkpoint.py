"""Building the networks of a checkpoint and filling them strictly."""

import hashlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.codecs import wavtokenizer
from engine.codecs.wavtokenizer import WavTokenizer
from engine.errors import WeightsMismatch
from engine.events import Progress
from engine.message import Message
from engine.nn.decoding.weights import LazyWeights
from engine.systems.minimind.config import parse, published_shapes
from engine.systems.minimind.files import locate
from engine.systems.minimind.networks.lm import LanguageModel
from engine.systems.minimind.vocabulary import Vocabulary, of
from engine.systems.minimind.weights import State, ours, unwrapped
from engine.weights import bounded, check_shapes, load_strictly
from engine.weights_cache import converting


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """The language model of a checkpoint, the codec beside it, and what its text is read by.

    ``weights`` are those of compiled steps, None for a model with experts, of which no step is compiled. ``mark`` says
    which codebook the codes are of.
    """

    lm: LanguageModel
    weights: LazyWeights | None
    codec: WavTokenizer
    mark: str
    vocabulary: Vocabulary

    @property
    def device(self) -> torch.device:
        """Where they are."""
        return self.lm.output.weight.device


def read(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, Networks]:
    """The networks of a checkpoint; ``dtype`` is the precision of the language model's matrices.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    files = locate(checkpoint)
    codec_at = files.codec()
    source, raw = files.weights.name, files.told()
    state = yield from converting(files.weights, lambda held: lm_state(held, source), layout="minimind/1")
    yield Progress(done=0, total=None, label="building the network")
    lm = build_lm(state, raw, source)
    vocabulary = of(raw, lm.config.n_text, source)
    yield Progress(done=0, total=None, label=Message("reading {file}", file=codec_at.name))
    codec = wavtokenizer.load(codec_at)
    if codec.codebook_size != lm.config.n_codes:
        raise WeightsMismatch(
            "{source} speaks with {n_codes} codes, and {codec} has {known}; they are not of the same training",
            source=source,
            n_codes=lm.config.n_codes,
            codec=codec_at.name,
            known=codec.codebook_size,
        )
    yield Progress(done=0, total=None, label="moving the network to its device")
    lm.body.reduce_precision(dtype)
    lm = lm.to(device)
    parts = lm.parts()
    return Networks(
        lm=lm,
        weights=None if parts is None else LazyWeights(parts),
        codec=codec.to(device),
        mark=hashlib.sha256(codec.codebook.detach().cpu().numpy().tobytes()).hexdigest()[:16],
        vocabulary=vocabulary,
    )


def lm_state(held: Any, source: str) -> State:
    """The tensors of what the trainer saved, under their published names. Raises WeightsMismatch."""
    if not isinstance(held, Mapping) or not held or not all(isinstance(value, Tensor) for value in held.values()):
        raise WeightsMismatch(
            "{source} holds more than the tensors of a language model; give what the trainer saved, such as "
            "pretrain_768.pth",
            source=source,
        )
    return unwrapped(held)


def build_lm(state: Mapping[str, Tensor], raw: Mapping[str, Any], source: str) -> LanguageModel:
    """The language model of a state dict in its published names, float32 on the CPU, ready to speak.

    ``raw`` is the JSON file beside it. Raises WeightsMismatch and ConfigError.
    """
    config = parse({key: tuple(value.shape) for key, value in state.items()}, raw, source)
    check_shapes(published_shapes(config), state, source)
    with bounded(state, source):
        model = LanguageModel(config)
    load_strictly(model, ours({key: value.float() for key, value in state.items()}, config), source)
    return model.eval().requires_grad_(False)
