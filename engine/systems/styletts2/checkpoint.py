"""The network that a checkpoint holds. docs/systems/styletts2.md#files"""

from collections.abc import Generator
from pathlib import Path

from engine.config_file import read_yaml
from engine.errors import ConfigError
from engine.events import Progress
from engine.steps import finish
from engine.systems.styletts2.config import parse
from engine.systems.styletts2.files import locate, plbert_config
from engine.systems.styletts2.networks.model import StyleTTS2
from engine.systems.styletts2.text import SYMBOLS
from engine.systems.styletts2.weights import own_state, published_state
from engine.weights import Unfilled, bounded, load_strictly
from engine.weights_cache import converting

LAYOUT = "styletts2/1"


def read(checkpoint: Path) -> StyleTTS2:
    """The same as `reading` at one go."""
    return finish(reading(checkpoint))


def reading(checkpoint: Path) -> Generator[Progress, None, StyleTTS2]:
    """The network of a checkpoint on the CPU in float32, for inference; everything constant is folded.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    config, weights = locate(checkpoint)
    raw, plbert = read_yaml(config), plbert_config(config)
    state = yield from converting(weights, lambda held: own_state(published_state(held, weights.name)), layout=LAYOUT)
    yield Progress(done=0, total=None, label="building the network")
    architecture = parse(raw, plbert, {key: tuple(value.shape) for key, value in state.items()})
    with Unfilled(), bounded(state, weights.name):
        model = StyleTTS2(architecture)
    load_strictly(model, state, weights.name)
    tokens = min(architecture.n_token, architecture.plbert.vocab_size)
    if tokens != len(SYMBOLS):
        raise ConfigError(
            "the model has {tokens} symbols (n_token) instead of {count}; it reads another alphabet",
            tokens=tokens,
            count=len(SYMBOLS),
        )
    return model.eval().requires_grad_(False)
