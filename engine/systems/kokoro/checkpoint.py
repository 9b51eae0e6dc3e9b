"""The network that a checkpoint holds. docs/systems/kokoro.md#files"""

from collections.abc import Generator
from pathlib import Path

from engine.config_file import read_json
from engine.errors import ConfigError
from engine.events import Progress
from engine.steps import finish
from engine.style_tts.synthesizer import Synthesizer
from engine.systems.kokoro.config import parse, vocabulary
from engine.systems.kokoro.files import locate
from engine.systems.kokoro.weights import own_state, published_state
from engine.weights import Unfilled, bounded, load_strictly
from engine.weights_cache import converting

LAYOUT = "kokoro/1"


def read(checkpoint: Path) -> Synthesizer:
    """The same as `reading` at one go."""
    return finish(reading(checkpoint))


def reading(checkpoint: Path) -> Generator[Progress, None, Synthesizer]:
    """The network of a checkpoint on the CPU in float32, for inference; everything constant is folded.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    config, weights = locate(checkpoint)
    raw = read_json(config)
    # Before the weights are read: other models are told apart by it.
    symbols = vocabulary(raw)
    state = yield from converting(weights, lambda held: own_state(published_state(held, weights.name)), layout=LAYOUT)
    yield Progress(done=0, total=None, label="building the network")
    architecture = parse(raw, {key: tuple(value.shape) for key, value in state.items()})
    with Unfilled(), bounded(state, weights.name):
        model = Synthesizer(architecture)
    load_strictly(model, state, weights.name)
    tokens = min(architecture.n_token, architecture.plbert.vocab_size)
    if tokens <= max(symbols.values()):
        raise ConfigError(
            "vocab has the id {highest}, and the model has {tokens} symbols; the config.json is of another model",
            highest=max(symbols.values()),
            tokens=tokens,
        )
    return model.eval().requires_grad_(False)
