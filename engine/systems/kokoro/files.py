"""Where a checkpoint's files lie: configuration, weights, and voices. Imports no torch.

docs/systems/kokoro.md#files
"""

import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from engine.errors import WeightsMissing
from engine.message import Message
from engine.system import Portrait
from engine.systems.kokoro.languages import CHARACTERS, GENDERS, of_voice

CONFIG = "config.json"
ENDINGS = (".pth", ".safetensors")
FOLDER = "voices"
# A voice by itself, as published or as the raw numbers; many in one archive of numpy's, whatever it is called.
PACKS = (".pt", ".bin")
ARCHIVES = (".npz", ".bin")
MAX_VOICES = 1000
# Who gives no name gets this voice, the best one by the model's card, or else the first.
BEST = "af_heart"

_NAME = re.compile(r"\w[\w-]{0,59}", re.ASCII)


class Files(NamedTuple):
    """The files of a checkpoint."""

    config: Path
    weights: Path


class Place(NamedTuple):
    """Where a voice is: a file, or the ``member`` of an archive."""

    path: Path
    member: str = ""


def locate(checkpoint: Path) -> Files:
    """The files of ``checkpoint``: the weights themselves with config.json beside them, or the folder with both.

    Raises WeightsMissing.
    """
    if checkpoint.is_dir():
        checkpoint = _weights_in(checkpoint)
    if not checkpoint.is_file():
        raise WeightsMissing(
            "there is no checkpoint {checkpoint}; name a folder with config.json and kokoro-v1_0.pth",
            checkpoint=checkpoint,
        )
    config = checkpoint.with_name(CONFIG)
    if not config.is_file():
        raise WeightsMissing(
            "there is no config.json in {parent}; it belongs beside the weights", parent=checkpoint.parent
        )
    return Files(config, checkpoint)


def packs(folder: Path) -> dict[str, Place]:
    """The voices of a checkpoint in ``folder`` by name, the best first: those in ``voices``, then in archives."""
    places: dict[str, Place] = {}
    if (folder / FOLDER).is_dir():
        for path in sorted((folder / FOLDER).iterdir()):
            if path.suffix in PACKS and _NAME.fullmatch(path.stem) and path.is_file() and not zipped(path):
                places.setdefault(path.stem, Place(path))
    for path in sorted(path for within in (folder, folder / FOLDER) for path in within.glob("*") if path.is_file()):
        if path.suffix in ARCHIVES and zipped(path):
            places |= {name: Place(path, f"{name}.npy") for name in members(path) if name not in places}
    order = sorted(places, key=lambda name: (name != BEST, name))
    return {name: places[name] for name in order[:MAX_VOICES]}


def members(archive: Path) -> tuple[str, ...]:
    """The names of the arrays in an archive; none of one that cannot be read: who asks for a voice gets the error."""
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [member for member in opened.namelist() if member.endswith(".npy")]
    except (zipfile.BadZipFile, NotImplementedError, OSError):
        return ()
    return tuple(stem for name in names if _NAME.fullmatch(stem := name.removesuffix(".npy")))


def zipped(path: Path) -> bool:
    """Whether a file begins as archives do; those of torch, ``.pt``, are none here."""
    if path.suffix == ".pt":
        return False
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def speakers(checkpoint: Path) -> tuple[str, ...]:
    """The names of the voices beside a checkpoint. Raises WeightsMissing."""
    return tuple(packs(locate(checkpoint).config.parent))


def labels(names: Sequence[str]) -> Mapping[str, Message]:
    """What to call voices: ``af_heart`` is "Heart, American English, female". A name of another kind is left alone."""
    found = {}
    for name in names:
        language, called = of_voice(name), name[3:].replace("_", " ").strip()
        if language is None or not called:
            continue
        called = Message("Voice {number}", number=int(called)) if called.isdecimal() else called.title()
        found[name] = Message(
            "{name}, {language}, {gender}", name=called, language=language.name, gender=GENDERS[name[1]]
        )
    return found


def portraits(checkpoint: Path) -> Mapping[str, Portrait]:
    """What the names of the voices beside a checkpoint say of each. Raises WeightsMissing."""
    known = {name: language for name in speakers(checkpoint) if (language := of_voice(name))}
    return {name: Portrait(language=language.code, character=CHARACTERS[name[1]]) for name, language in known.items()}


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """Of ``paths`` the config.json, the weights beside it and the voices; nothing where one of the first two lacks.

    They lie at the top. Of several weights those are taken that are called after the model, the last by their name.
    """
    top = [path for path in map(PurePosixPath, paths) if len(path.parts) == 1]
    weights = sorted((path for path in top if path.suffix in ENDINGS), key=lambda path: (_is_named(path), path.name))
    found = [path for path in map(PurePosixPath, paths) if path.parts[:-1] == (FOLDER,) and path.suffix == ".pt"]
    if CONFIG not in paths or not weights or not (_is_named(weights[-1]) or found):
        return ()
    return (CONFIG, str(weights[-1]), *(str(path) for path in sorted(found)[:MAX_VOICES]))


def _is_named(path: PurePosixPath) -> bool:
    return path.name.lower().startswith("kokoro")


def _weights_in(folder: Path) -> Path:
    found = sorted(path for ending in ENDINGS for path in folder.glob(f"*{ending}"))
    if not found:
        raise WeightsMissing("there is no .pth in {folder}; put the weights there", folder=folder)
    named = [path for path in found if _is_named(PurePosixPath(path.name))]
    found = named or found
    if len(found) > 1:
        names = ", ".join(path.name for path in found[:3])
        raise WeightsMissing(
            "{folder} holds {count} checkpoints ({names}); name the file itself",
            folder=folder,
            count=len(found),
            names=names,
        )
    return found[0]
