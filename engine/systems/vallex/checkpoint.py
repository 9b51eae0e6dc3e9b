"""Building the networks of a checkpoint and filling them strictly."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.codec_lm.model import Loaded, build, place
from engine.codec_lm.sound import Codecs
from engine.errors import WeightsMismatch
from engine.events import Progress
from engine.systems.vallex.files import locate
from engine.systems.vallex.symbols import LANGUAGES, SYMBOLS
from engine.systems.vallex.weights import model_state
from engine.weights_cache import converting


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """The model of a checkpoint, the codecs beside it, and where its voices are, by name."""

    loaded: Loaded
    codecs: Codecs
    presets: dict[str, Path]


def read(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, Networks]:
    """The networks of a checkpoint; ``dtype`` is the precision of the transformers' matrices.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    files = locate(checkpoint)
    source = files.weights.name
    held = yield from converting(files.weights, lambda raw: model_state(raw, source), layout="vallex/1")
    state = {key: value for key, value in held.items() if isinstance(value, Tensor)}
    yield Progress(done=0, total=None, label="building the network")
    model = build(state, held, source)
    config = model.config
    if config.languages != len(LANGUAGES) or config.n_text < len(SYMBOLS) or config.cross:
        raise WeightsMismatch("{source} is no checkpoint of VALL-E X; load one of VALL-E as valle", source=source)
    yield Progress(done=0, total=None, label="moving the network to its device")
    loaded = place(model, device, dtype)
    return Networks(loaded=loaded, codecs=Codecs(files.encodec, files.vocos, device), presets=files.presets)
