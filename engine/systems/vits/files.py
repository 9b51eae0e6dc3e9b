"""Where the files of a checkpoint lie, and what they say of its voices, in whichever layout. Imports no torch.

The layouts are in `engine.systems.vits.layouts`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.errors import VoiceError
from engine.message import Message
from engine.systems.vits import layouts
from engine.systems.vits.layouts.layout import Files


def locate(checkpoint: Path) -> Files:
    """The files of a checkpoint, a folder or a file. Raises WeightsMissing."""
    return layouts.find(checkpoint)[1]


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """Which of the files of a repository or an archive make a checkpoint; nothing where none do."""
    return layouts.pick(paths)


def speakers(checkpoint: Path) -> tuple[str, ...]:
    """The names of the voices of a checkpoint, without loading it; empty when it has just one."""
    layout, files = layouts.find(checkpoint)
    return tuple(layout.speakers(files))


def labels(names: Sequence[str]) -> dict[str, Message]:
    """What to call speakers that have nothing but numbers."""
    return {name: Message("Voice {number}", number=name) for name in names if name.isdecimal()}


def has_random_durations(checkpoint: Path) -> bool:
    """Whether the checkpoint draws durations at random. Raises WeightsMissing, WeightsMismatch and ConfigError."""
    layout, files = layouts.find(checkpoint)
    return layout.random_durations(files)


def check_conversion(checkpoint: Path) -> None:
    """Return where a checkpoint can say a recording of one of its voices in another. Raises VoiceError where not.

    Also raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    layout, files = layouts.find(checkpoint)
    if not layout.speakers(files):
        raise VoiceError(
            "{checkpoint} has one voice, and no other that a recording of it could be said in; choose a model of "
            "several voices",
            checkpoint=checkpoint.name,
        )
    if not layout.hears(files):
        raise VoiceError(
            "{checkpoint} has no posterior encoder, which hears a recording: it was published for speaking alone; "
            "choose a model that was published whole",
            checkpoint=checkpoint.name,
        )


def defaults(checkpoint: Path) -> Mapping[str, float]:
    """The options that a checkpoint itself recommends. Raises WeightsMissing, WeightsMismatch and ConfigError."""
    layout, files = layouts.find(checkpoint)
    return layout.defaults(files)
