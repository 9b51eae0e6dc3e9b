"""Voices of Piper: a graph in ONNX with its configuration, or the trainer's checkpoint. Imports no torch.

docs/systems/vits.md#piper-voices.
"""

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING

from engine.events import Progress
from engine.systems.vits.config import Config
from engine.systems.vits.layouts.layout import Files, Layout
from engine.systems.vits.layouts.piper.files import ONNX, find, pick
from engine.systems.vits.layouts.piper.graph import mentions
from engine.systems.vits.layouts.piper.voice import read_voice
from engine.weights_header import shapes

if TYPE_CHECKING:
    from torch import Tensor

    from engine.systems.vits.reader import Reader

# A tensor of the predictor that draws durations, and of no other; it stands near the beginning of a graph.
RANDOM = "dp.flows.0.m"
HEARING = "enc_q.pre.weight"


def _speakers(files: Files) -> Mapping[str, int]:
    return read_voice(files.config).speakers


def _defaults(files: Files) -> Mapping[str, float]:
    return read_voice(files.config).scales


def _random_durations(files: Files) -> bool:
    if files.weights.suffix == ONNX:
        return mentions(files.weights, RANDOM.encode())
    return any(key.endswith(RANDOM) for key in shapes(files.weights))


def _hears(files: Files) -> bool:
    """A trainer's checkpoint is whole, what is published for speaking is not."""
    return files.weights.suffix != ONNX and any(key.endswith(HEARING) for key in shapes(files.weights))


def _reader(files: Files) -> "Reader":
    from engine.systems.vits.layouts.piper.reader import PiperReader

    return PiperReader(read_voice(files.config))


def _read(files: Files) -> "Generator[Progress, None, tuple[Config, Mapping[str, Tensor]]]":
    from engine.systems.vits.layouts.piper.weights import read

    return (yield from read(files))


LAYOUT = Layout(
    find=find,
    pick=pick,
    speakers=_speakers,
    random_durations=_random_durations,
    defaults=_defaults,
    hears=_hears,
    reader=_reader,
    read=_read,
)
