"""Which file of a checkpoint is which, by the names that trainers and people give them. Imports no torch."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

# The first is the published name; the second is what the trainers for a few minutes of speech write.
CONFIGURATIONS = ("config.json", "finetune_speaker.json")
GENERATORS = ("G.pth", "generator.pth", "model.pth", "model.safetensors", "G.safetensors", "G.pt", "model.pt")
_WEIGHTS = (".pth", ".pt", ".safetensors")
_NUMBERED = re.compile(r"G_(.*)\.(?:pth|pt|safetensors)", re.IGNORECASE)
# What lies beside a generator: discriminators, the networks of durations, optimizers, features of other models.
_NO_GENERATOR = re.compile(
    r"(?:D|DUR|WD|MPD)[_.0-9]|.*(?:disc|optim|hubert|contentvec|bert|wavlm|vocoder)", re.IGNORECASE
)
_NO_CONFIGURATION = re.compile(
    r"(?:package|tokenizer|vocab|special_tokens|added_tokens|preprocessor|generation|README|.*\.index)", re.IGNORECASE
)


def configuration(names: Iterable[str]) -> str | None:
    """The configuration among the files of a folder: config.json, or what else there is one of; None where none is."""
    names = sorted(names)
    known = next((name for name in CONFIGURATIONS if name in names), None)
    others = [name for name in names if name.endswith(".json") and not _NO_CONFIGURATION.match(name)]
    named = [name for name in others if "config" in name.lower()]
    return known or next((found[0] for found in (named, others) if len(found) == 1), None)


def generator(names: Iterable[str]) -> str | None:
    """The generator's weights among the files of a folder; None where none is, or nobody could tell which.

    Of several G_*.pth it is G_latest, or else the one with the highest number; without any a lone file of weights.
    """
    names = sorted(names)
    numbered = [name for name in names if _NUMBERED.fullmatch(name)]
    if numbered:
        return max(numbered, key=lambda name: ("latest" in name.lower(), number(name), name.endswith(".pth"), name))
    known = next((name for name in GENERATORS if name in names), None)
    lone = [name for name in names if name.endswith(_WEIGHTS) and not _NO_GENERATOR.match(name)]
    return known or (lone[0] if len(lone) == 1 else None)


def number(name: str) -> int:
    """The last number in a file's name: the step that it was saved at; -1 without one."""
    digits = re.findall(r"\d{1,18}", PurePosixPath(name).stem)
    return int(digits[-1]) if digits else -1
