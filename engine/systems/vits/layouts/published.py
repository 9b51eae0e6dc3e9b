"""The layout that the family's own trainers write: config.json and G_<step>.pth. docs/systems/vits.md#checkpoints."""

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.config_file import read_json, section
from engine.errors import WeightsMissing
from engine.events import Progress
from engine.systems.vits.config import Config, parse, parse_text, with_symbols
from engine.systems.vits.file_names import configuration, generator
from engine.systems.vits.layouts.layout import Files, Layout
from engine.weights_header import shapes

if TYPE_CHECKING:
    from torch import Tensor

    from engine.systems.vits.reader import Reader

# A tensor of the predictor that draws durations, and of no other.
RANDOM = "dp.flows.0.m"
EMBEDDING = "enc_p.emb.weight"
POSTERIOR = "enc_q.pre.weight"


def find(checkpoint: Path) -> Files:
    """A folder with both files, or the weights with the configuration beside them. Raises WeightsMissing.

    They are config.json and G_*.pth, or go by other names that `engine.systems.vits.file_names` knows; of several
    G_*.pth the one with the highest number is taken.
    """
    if checkpoint.is_dir():
        config = _config_in(checkpoint)
        weights = generator(_names(checkpoint))
        if weights is None:
            raise WeightsMissing(
                "there is no G_*.pth in {checkpoint}; put the generator's weights there", checkpoint=checkpoint
            )
        return Files(config, checkpoint / weights)
    return Files(_config_of(checkpoint), checkpoint)


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """The two files; nothing where one is missing.

    model.safetensors beside config.json is the layout of another library, whose models are no voices and large.
    """
    beside = [path for path in paths if "/" not in path]
    config, weights = configuration(beside), generator(beside)
    if config is None or weights is None or weights == "model.safetensors":
        return ()
    return config, weights


def speakers(files: Files) -> Mapping[str, int]:
    """Those of the configuration."""
    return parse(read_json(files.config), str(files.config)).speakers


def random_durations(files: Files) -> bool:
    """As the configuration says, or else the weights."""
    said = section(read_json(files.config), "model", str(files.config)).get("use_sdp")
    if isinstance(said, bool):
        return said
    return any(key.endswith(RANDOM) for key in shapes(files.weights))


def hears(files: Files) -> bool:
    """As the weights say."""
    return any(key.endswith(POSTERIOR) for key in shapes(files.weights))


def reader(files: Files) -> "Reader":
    """The symbols and cleaners of the configuration; symbols that it does not list are told by their number."""
    from engine.systems.vits.reader import SymbolReader

    raw = read_json(files.config)
    if "symbols" not in raw:
        sizes = [shape[0] for key, shape in shapes(files.weights).items() if key.endswith(EMBEDDING) and shape]
        raw = with_symbols(raw, sizes[0]) if sizes else raw
    return SymbolReader(parse_text(raw, str(files.config)))


def read(files: Files) -> "Generator[Progress, None, tuple[Config, Mapping[str, Tensor]]]":
    """config.json, reconciled with the tensors of a pickle or a safetensors file."""
    from engine.systems.vits.weights import generator_state, reconcile
    from engine.weights_cache import converting

    raw = read_json(files.config)
    state = yield from converting(
        files.weights, lambda held: generator_state(held, files.weights.name), layout="vits/1"
    )
    return parse(reconcile(raw, state), str(files.config)), state


def _config_of(weights: Path) -> Path:
    """The configuration of one file of weights: of the same name, where several voices lie in a folder."""
    own = weights.with_suffix(".json")
    return own if own.is_file() else _config_in(weights.parent)


def _config_in(folder: Path) -> Path:
    config = configuration(_names(folder))
    if config is None:
        raise WeightsMissing("there is no config.json in {folder}; it belongs beside the weights", folder=folder)
    return folder / config


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file()]


LAYOUT = Layout(
    find=find,
    pick=pick,
    speakers=speakers,
    random_durations=random_durations,
    hears=hears,
    reader=reader,
    read=read,
)
