"""What a published layout is: how its files are known, and what they give. Imports no torch."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.events import Progress

if TYPE_CHECKING:
    from torch import Tensor

    from engine.systems.vits.config import Config
    from engine.systems.vits.reader import Reader


class Files(NamedTuple):
    """The files of a checkpoint; what else a layout has lies beside them."""

    config: Path
    weights: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One way in which checkpoints of the family are published.

    ``find`` gives the files of a checkpoint, a folder or a file, and None where it is laid out in another way; ``pick``
    says which of the paths in a repository make a checkpoint, none where they are of another layout.

    Of its files, without reading tensors: ``speakers`` are the names of the voices and their rows, the default first,
    empty for one voice; ``random_durations`` whether they are drawn; ``defaults`` the options that the checkpoint
    itself recommends, by their names; ``reader`` how text becomes ids; ``hears`` whether it has the posterior encoder,
    which makes latents of a recording.

    ``read`` yields Progress and returns the configuration, whose ``speakers`` are those, and the generator's tensors
    under their published names. All raise WeightsMissing, WeightsMismatch and ConfigError.
    """

    find: Callable[[Path], Files | None]
    pick: Callable[[Sequence[str]], tuple[str, ...]]
    speakers: Callable[[Files], Mapping[str, int]]
    random_durations: Callable[[Files], bool]
    reader: "Callable[[Files], Reader]"
    read: "Callable[[Files], Generator[Progress, None, tuple[Config, Mapping[str, Tensor]]]]"
    defaults: Callable[[Files], Mapping[str, float]] = lambda _: {}
    hears: Callable[[Files], bool] = lambda _: False
