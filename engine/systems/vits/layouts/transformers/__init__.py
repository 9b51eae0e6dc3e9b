"""The layout of transformers' VITS models, in which MMS-TTS is published. docs/systems/vits.md#mms-tts.

A folder with config.json, model.safetensors or pytorch_model.bin, vocab.json and tokenizer_config.json.
"""

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.config_file import read_json
from engine.errors import ConfigError
from engine.events import Progress
from engine.systems.vits.config import Config
from engine.systems.vits.layouts.layout import Files, Layout
from engine.systems.vits.layouts.transformers import config
from engine.weights_header import shapes

if TYPE_CHECKING:
    from torch import Tensor

    from engine.systems.vits.layouts.transformers.reader import TokenizedReader

CONFIGURATION = "config.json"
# The first that is there.
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
NEEDED = (CONFIGURATION, config.VOCABULARY)
POSTERIOR = "posterior_encoder.conv_pre.weight"
OPTIONAL = (config.TOKENIZER, "special_tokens_map.json")


def find(checkpoint: Path) -> Files | None:
    """A folder with these files, or one of weights that lies in it, where the configuration is transformers'."""
    folder = checkpoint if checkpoint.is_dir() else checkpoint.parent
    names = WEIGHTS if checkpoint.is_dir() else (checkpoint.name,)
    weights = next((folder / name for name in names if name in WEIGHTS and (folder / name).is_file()), None)
    path = folder / CONFIGURATION
    if weights is None or not path.is_file():
        return None
    try:
        ours = config.is_of_transformers(read_json(path))
    except ConfigError:
        return None
    return Files(path, weights) if ours else None


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """These files, of the weights the first; nothing where one is missing."""
    weights = next((name for name in WEIGHTS if name in paths), None)
    if weights is None or not all(name in paths for name in NEEDED):
        return ()
    return (*NEEDED, weights, *(name for name in OPTIONAL if name in paths))


def speakers(files: Files) -> Mapping[str, int]:
    """As many as the configuration says."""
    return config.speakers(read_json(files.config))


def random_durations(files: Files) -> bool:
    """As the configuration says."""
    return config.random_durations(read_json(files.config))


def defaults(files: Files) -> Mapping[str, float]:
    """Those of the configuration."""
    return config.recommended(read_json(files.config))


def hears(files: Files) -> bool:
    """As the weights say."""
    return POSTERIOR in shapes(files.weights)


def reader(files: Files) -> "TokenizedReader":
    """By the files of the tokenizer, which lie beside the configuration."""
    from engine.systems.vits.layouts.transformers.reader import TokenizedReader

    return TokenizedReader(config.read_tokenizer(files.config))


def read(files: Files) -> "Generator[Progress, None, tuple[Config, Mapping[str, Tensor]]]":
    """config.json, and the tensors by their published names."""
    from engine.systems.vits.layouts.transformers.weights import published_state
    from engine.weights_cache import converting

    found = config.read_config(files.config)
    state = yield from converting(
        files.weights, lambda held: published_state(held, files.weights.name), layout="vits-transformers/1"
    )
    return found, state


LAYOUT = Layout(
    find=find,
    pick=pick,
    speakers=speakers,
    random_durations=random_durations,
    defaults=defaults,
    hears=hears,
    reader=reader,
    read=read,
)
