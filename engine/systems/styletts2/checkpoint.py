"""The network that a checkpoint holds. docs/systems/styletts2.md#files"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch.nn import init
from torch.overrides import TorchFunctionMode

from engine.config_file import read_yaml
from engine.errors import ConfigError
from engine.systems.styletts2.config import parse
from engine.systems.styletts2.files import locate, plbert_config
from engine.systems.styletts2.networks.model import StyleTTS2
from engine.systems.styletts2.text import SYMBOLS
from engine.systems.styletts2.weights import own_state, published_state
from engine.weights import bounded, load_strictly
from engine.weights_cache import converted

LAYOUT = "styletts2/1"
FILLING = (init.uniform_, init.normal_, init.kaiming_uniform_)


class Unfilled(TorchFunctionMode):
    """Under it parameters get no random numbers, which takes seconds, because a checkpoint will fill them all.

    The meta device would do too, but for that torch imports its compiler, which takes longer.
    """

    def __torch_function__(
        self, func: Callable, _types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        return None if func in FILLING else func(*args, **(kwargs or {}))


def read(checkpoint: Path) -> StyleTTS2:
    """The network of a checkpoint on the CPU in float32, for inference; everything constant is folded.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    config, weights = locate(checkpoint)
    raw, plbert = read_yaml(config), plbert_config(config)
    state = converted(weights, lambda held: own_state(published_state(held, weights.name)), layout=LAYOUT)
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
