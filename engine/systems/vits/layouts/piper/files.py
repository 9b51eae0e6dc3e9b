"""Where the files of a voice lie: docs/systems/vits.md#piper-voices. Imports no torch.

X.onnx with X.onnx.json beside it, model.onnx with config.json, or a trainer's .ckpt with config.json.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.errors import WeightsMismatch, WeightsMissing
from engine.systems.vits.layouts.layout import Files
from engine.systems.vits.layouts.piper.voice import is_voice

ONNX, CHECKPOINT = ".onnx", ".ckpt"
CARD = "MODEL_CARD"
OTHER_WEIGHTS = (".pth", ".pt", ".bin", ".safetensors")
# What a voice is called that was exported for streaming: one half cannot speak.
HALVES = frozenset(("encoder.onnx", "decoder.onnx"))


def find(checkpoint: Path) -> Files | None:
    """The files of a voice, of a folder that holds just one, or None. Raises WeightsMissing and WeightsMismatch."""
    if not checkpoint.is_dir():
        return _of_file(checkpoint)
    names = [path.name for path in checkpoint.iterdir() if path.is_file()]
    graphs = sorted(name for name in names if name.endswith(ONNX))
    if set(graphs) >= HALVES:
        raise WeightsMismatch(
            "{source} is one half of a pair for streaming (encoder and decoder); take the voice in one file",
            source=graphs[0],
        )
    for weights in filter(None, (_lone(names, ONNX), _lone(names, CHECKPOINT))):
        if config := _config_of(checkpoint / weights):
            return Files(config, checkpoint / weights)
    if len(graphs) > 1 and any(_own_config(checkpoint / name) for name in graphs):
        raise WeightsMissing(
            "there are {count} voices in {checkpoint}; name one of them, such as {example}",
            count=len(graphs),
            checkpoint=checkpoint,
            example=graphs[0],
        )
    return None


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """A voice, its configuration, and the card with its licence where there is one."""
    beside = [path for path in paths if "/" not in path]
    graphs = [name for name in beside if name.endswith(ONNX) and f"{name}.json" in beside]
    card = (CARD,) if CARD in beside else ()
    if len(graphs) == 1:
        return (f"{graphs[0]}.json", graphs[0], *card)
    weights = _lone(beside, CHECKPOINT) or _lone(beside, ONNX)
    # Beside weights of another kind, an exported graph is a copy for another program.
    if weights is None or "config.json" not in beside or any(name.endswith(OTHER_WEIGHTS) for name in beside):
        return ()
    return ("config.json", weights, *card)


def _of_file(weights: Path) -> Files | None:
    if weights.suffix not in (ONNX, CHECKPOINT):
        return None
    config = _config_of(weights)
    if config is None and weights.suffix == ONNX:
        raise WeightsMissing(
            "there is no {config} beside {weights}; it says how the voice reads text, so fetch it as well",
            config=f"{weights.name}.json",
            weights=weights,
        )
    return None if config is None else Files(config, weights)


def _config_of(weights: Path) -> Path | None:
    """The configuration that is called after the weights, or else config.json where it is one of a voice."""
    own, beside = _own_config(weights), weights.with_name("config.json")
    return own or (beside if beside.is_file() and is_voice(beside) else None)


def _own_config(weights: Path) -> Path | None:
    own = weights.with_name(f"{weights.name}.json")
    return own if own.is_file() else None


def _lone(names: Iterable[str], ending: str) -> str | None:
    found = [name for name in names if name.endswith(ending)]
    return found[0] if len(found) == 1 else None
