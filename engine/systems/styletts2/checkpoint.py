"""Where a checkpoint's files lie, and the network that they hold. Specification, section 2."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch.nn import init
from torch.overrides import TorchFunctionMode

from engine.errors import WeightsMissing
from engine.systems.styletts2.config import parse, read_yaml
from engine.systems.styletts2.model import StyleTTS2
from engine.systems.styletts2.weights import own_state, published_state
from engine.weights import load_strictly
from engine.weights_cache import converted

LAYOUT = "styletts2/1"
PLBERT_CONFIG = Path("Utils/PLBERT/config.yml")
FILLING = (init.uniform_, init.normal_, init.kaiming_uniform_)


class Unfilled(TorchFunctionMode):
    """Under it parameters get no random numbers, which takes seconds, because a checkpoint will fill them all.

    The meta device would do too, but for that torch imports its compiler, which takes longer.
    """

    def __torch_function__(
        self, func: Callable, _types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        return None if func in FILLING else func(*args, **(kwargs or {}))


def locate(checkpoint: Path) -> tuple[Path, Path]:
    """config.yml and the weights of ``checkpoint``, a folder with both or the weights. Raises WeightsMissing."""
    if checkpoint.is_dir():
        found = sorted((*checkpoint.glob("*.pth"), *checkpoint.glob("*.safetensors")))
        if not found:
            raise WeightsMissing(f"there is no .pth in {checkpoint}; put the weights there")
        if len(found) > 1:
            names = ", ".join(path.name for path in found[:3])
            raise WeightsMissing(f"{checkpoint} holds {len(found)} checkpoints ({names}); name the file itself")
        checkpoint = found[0]
    if not checkpoint.is_file():
        raise WeightsMissing(f"there is no checkpoint {checkpoint}; name a folder with config.yml and one .pth")
    config = checkpoint.with_name("config.yml")
    if not config.is_file():
        raise WeightsMissing(f"there is no config.yml in {checkpoint.parent}; it belongs beside the weights")
    return config, checkpoint


def plbert_config(config: Path) -> dict[str, Any] | None:
    """PL-BERT's own config.yml, in a Utils/PLBERT beside ``config`` or two folders up; None where there is none."""
    for folder in (config.parent, *list(config.parent.parents)[:2]):
        if (folder / PLBERT_CONFIG).is_file():
            return read_yaml(folder / PLBERT_CONFIG)
    return None


def load_model(checkpoint: Path) -> StyleTTS2:
    """The network of a checkpoint on the CPU in float32, for inference; everything constant is folded.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    config, weights = locate(checkpoint)
    raw, plbert = read_yaml(config), plbert_config(config)
    state = converted(weights, lambda held: own_state(published_state(held, weights.name)), layout=LAYOUT)
    with Unfilled():
        model = StyleTTS2(parse(raw, plbert, {key: tuple(value.shape) for key, value in state.items()}))
    load_strictly(model, state, weights.name)
    return model.eval().requires_grad_(False)
