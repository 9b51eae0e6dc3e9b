"""Where a checkpoint's files lie: the language model, what is told of it, and the codec. Imports no torch.

docs/systems/minimind.md#the-checkpoint
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from engine.codecs.companions import likely_wavtokenizers_of
from engine.config_file import check, read_json
from engine.errors import ConfigError, OptionError, WeightsMismatch, WeightsMissing
from engine.options import parse
from engine.systems.minimind.options import Options

OUT = "out"
_NAME = re.compile(r"pretrain_(\d+)(_moe)?\.pth")
# What the JSON file beside a model may recommend, under ``sampling``.
RECOMMENDED = ("temperature", "top_k", "top_p", "repetition_penalty")
_CODECS = (".ckpt", ".safetensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the parts of a checkpoint are, and the ``folders`` of its codec; a JSON file that is not there is None."""

    weights: Path
    config: Path | None
    folders: tuple[Path, ...]

    def told(self) -> dict[str, Any]:
        """What stands in the JSON file beside the model, nothing where there is none. Raises ConfigError."""
        return {} if self.config is None else read_json(self.config)

    def codec(self) -> Path:
        """The WavTokenizer. Raises WeightsMissing, and WeightsMismatch of several: a wrong one would make noise."""
        found = next(filter(None, map(likely_wavtokenizers_of, self.folders)), ())
        if not found:
            raise WeightsMissing(
                "there is no WavTokenizer beside {weights}; put the codec there that its codes are of, a .ckpt or a "
                ".safetensors, with its YAML",
                weights=self.weights.name,
            )
        if len(found) > 1:
            raise WeightsMismatch(
                "there is more than one WavTokenizer beside {weights} ({names}); leave only the one that its codes "
                "are of",
                weights=self.weights.name,
                names=", ".join(path.name for path in found),
            )
        return found[0]


def locate(checkpoint: Path) -> Files:
    """The files of a checkpoint: a folder with a .pth in it or in its out/, or the .pth. Raises WeightsMissing."""
    weights = checkpoint
    if checkpoint.is_dir():
        places = [folder for folder in (checkpoint / OUT, checkpoint) if folder.is_dir()]
        found = [folder / name for folder in places if (name := best(_models(folder)))]
        if not found:
            raise WeightsMissing(
                "there is no .pth file in {checkpoint} nor in its folder out/; put what the trainer saved there, such "
                "as out/pretrain_768.pth",
                checkpoint=checkpoint,
            )
        weights = found[0]
    if not weights.is_file():
        raise WeightsMissing(
            "there is no checkpoint {checkpoint}; name a folder with out/pretrain_768.pth, or that file",
            checkpoint=checkpoint,
        )
    config = weights.with_suffix(".json")
    # The codec is of the folder that the model is of, out/ or not.
    folders = (weights.parent.parent, weights.parent) if weights.parent.name == OUT else (weights.parent,)
    return Files(weights=weights, config=config if config.is_file() else None, folders=folders)


def _models(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*.pth") if path.is_file()]


def best(names: Iterable[str]) -> str | None:
    """Which of several .pth files is the model: the widest by its name, without experts before with; None of none."""
    found = sorted(names)
    sized = {name: match for name in found if (match := _NAME.fullmatch(name))}
    if sized:
        return max(sized, key=lambda name: (int(sized[name][1]), sized[name][2] is None))
    return found[-1] if found else None


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """The files of a checkpoint among ``paths``: the model, its JSON, and a codec with its YAML, if it is there."""
    for folder in (f"{OUT}/", ""):
        names = [path.removeprefix(folder) for path in paths if path.startswith(folder)]
        model = best(name for name in names if "/" not in name and name.endswith(".pth"))
        if model is not None:
            weights = f"{folder}{model}"
            config = f"{weights.removesuffix('.pth')}.json"
            return (weights, *((config,) if config in paths else ()), *_codecs(paths))
    return ()


def _codecs(paths: Sequence[str]) -> tuple[str, ...]:
    near = [path for path in paths if str(PurePosixPath(path).parent) in (".", "wavtokenizer")]
    return tuple(path for path in near if path.endswith((*_CODECS, ".yaml")))


def speakers(checkpoint: Path) -> tuple[str, ...]:
    """None: a checkpoint has no voices of its own. Raises WeightsMissing."""
    locate(checkpoint)
    return ()


def defaults(checkpoint: Path) -> Mapping[str, Any]:
    """The options that a checkpoint recommends. Raises WeightsMissing, and ConfigError for what no option can be."""
    wanted = locate(checkpoint).told().get("sampling", {})
    check(isinstance(wanted, dict), "sampling={wanted!r:.60} is no mapping of options", wanted=wanted)
    known = {name: value for name, value in wanted.items() if name in RECOMMENDED}
    try:
        options = parse(Options, known)
    except OptionError as error:
        raise ConfigError("the JSON file beside the model recommends what cannot be: {error}", error=error) from None
    return {name: getattr(options, name) for name in known}
