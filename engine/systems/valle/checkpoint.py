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
from engine.systems.valle.files import locate
from engine.systems.valle.symbols import SymbolTable, read_table
from engine.systems.valle.weights import model_state
from engine.weights_cache import converting


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """The model of a checkpoint, the codecs beside it, and the table of its symbols."""

    loaded: Loaded
    codecs: Codecs
    table: SymbolTable


def read(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, Networks]:
    """The networks of a checkpoint; ``dtype`` is the precision of the transformers' matrices.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    files = locate(checkpoint)
    table, source = read_table(files.table), files.weights.name
    held = yield from converting(files.weights, lambda raw: model_state(raw, source), layout="valle/1")
    state = {key: value for key, value in held.items() if isinstance(value, Tensor)}
    yield Progress(done=0, total=None, label="building the network")
    model = build(state, held, source)
    if model.config.languages:
        raise WeightsMismatch("{source} is a checkpoint of VALL-E X; load it as vallex", source=source)
    if len(table) > model.config.n_text:
        raise WeightsMismatch(
            "{table} has {count} symbols, and the weights know {n_text}; they are not of the same training",
            table=files.table.name,
            count=len(table),
            n_text=model.config.n_text,
        )
    yield Progress(done=0, total=None, label="moving the network to its device")
    loaded = place(model, device, dtype)
    return Networks(loaded=loaded, codecs=Codecs(files.encodec, files.vocos, device), table=table)
