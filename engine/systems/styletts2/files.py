"""Where a checkpoint's files lie: configurations, weights, and the recordings of its voices. Imports no torch.

docs/systems/styletts2.md#files
"""

import lzma
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from engine.config_file import read_yaml, section
from engine.errors import VoiceError, WeightsMissing
from engine.message import Message
from engine.systems.styletts2 import voices

CONFIG = "config.yml"
# A repository has its checkpoints in folders of this one.
MODELS = "Models"
ENDINGS = (".pth", ".safetensors")
PLBERT_CONFIG = "Utils/PLBERT/config.yml"
# A model of many speakers speaks in the voice of one of these.
FOLDER, ARCHIVE = "reference_audio", "reference_audio.zip"
MAX_RECORDINGS = 500
MAX_RECORDING_BYTES = 50 << 20

# RuntimeError: a password is needed. NotImplementedError: a compression that zipfile does not know.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, RuntimeError, NotImplementedError, EOFError)
_LIBRITTS = re.compile(r"(?P<reader>\d+)[-_](?P<place>\d+(?:[-_]\d+)+)", re.ASCII)
_RECORDING = re.compile(r"[\w][\w .-]*\.wav", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording; ``read`` gives the bytes of its file and raises VoiceError."""

    name: str
    read: Callable[[], bytes]


class Files(NamedTuple):
    """The files of a checkpoint."""

    config: Path
    weights: Path


def locate(checkpoint: Path) -> Files:
    """The files of ``checkpoint``: the weights themselves, the folder with both, or a repository that holds it.

    Raises WeightsMissing.
    """
    if checkpoint.is_dir():
        checkpoint = _weights_in(_folder(checkpoint))
    if not checkpoint.is_file():
        raise WeightsMissing(
            "there is no checkpoint {checkpoint}; name a folder with config.yml and one .pth", checkpoint=checkpoint
        )
    config = checkpoint.with_name(CONFIG)
    if not config.is_file():
        raise WeightsMissing(
            "there is no config.yml in {parent}; it belongs beside the weights", parent=checkpoint.parent
        )
    return Files(config, checkpoint)


def plbert_config(config: Path) -> dict[str, Any] | None:
    """PL-BERT's own config.yml, in a Utils/PLBERT beside ``config`` or two folders up; None where there is none."""
    for folder in (config.parent, *list(config.parent.parents)[:2]):
        if (folder / PLBERT_CONFIG).is_file():
            return read_yaml(folder / PLBERT_CONFIG)
    return None


def speakers(checkpoint: Path) -> tuple[str, ...]:
    """The recordings beside a checkpoint of many speakers, by name; none for one speaker.

    Raises WeightsMissing and ConfigError.
    """
    return tuple(recordings(locate(checkpoint).config)) if of_many(checkpoint) else ()


def of_many(checkpoint: Path) -> bool:
    """Whether the model is one of many speakers, which speaks in the voice of a recording.

    Raises WeightsMissing and ConfigError.
    """
    params = read_yaml(locate(checkpoint).config).get("model_params")
    return isinstance(params, dict) and params.get("multispeaker") is True


def labels(names: Sequence[str]) -> dict[str, Message]:
    """What to call recordings whose names say nothing: readers of LibriTTS, whose files are READER-CHAPTER-PLACE.wav.

    A reader of whom there are several recordings is told apart by the chapter and the place.
    """
    found = {name: parts for name in names if (parts := _LIBRITTS.fullmatch(name))}
    readers = Counter(parts["reader"] for parts in found.values())
    return {
        name: Message("Reader {reader}", reader=parts["reader"])
        if readers[parts["reader"]] == 1
        else Message("Reader {reader}, {place}", reader=parts["reader"], place=parts["place"].replace("_", "-"))
        for name, parts in found.items()
    }


def check_name(name: str, checkpoint: Path | None) -> None:
    """Raises VoiceError for a name or a string that stands for no voice of a checkpoint.

    Of the published ones (None) only strings are known. Whether a shared style has the size that the model needs is
    seen when it speaks. Raises WeightsMissing and ConfigError, too.
    """
    name = name.strip()
    if checkpoint is None:
        if name.startswith(voices.PREFIX):
            voices.from_string(name, multispeaker=True)
        return
    section(read_yaml(locate(checkpoint).config), "model_params", "config.yml")
    voices.check_name(name, speakers(checkpoint), multispeaker=of_many(checkpoint))


def recordings(config: Path) -> dict[str, Recording]:
    """Those that lie in a folder or archive beside ``config``, or up to two folders above it, by their names."""
    for place in (config.parent, *list(config.parent.parents)[:2]):
        if (place / FOLDER).is_dir():
            return _in_folder(place / FOLDER)
        if (place / ARCHIVE).is_file():
            return _in_archive(place / ARCHIVE)
    return {}


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """Of ``paths`` a config.yml and the weights beside it, with PL-BERT's config.yml and the recordings if there.

    They lie at the top or in a folder of Models; of a training run the last checkpoint is taken. Nothing where the
    weights or their config.yml lack.
    """
    folders: dict[PurePosixPath, list[PurePosixPath]] = {}
    for path in map(PurePosixPath, paths):
        folders.setdefault(path.parent, []).append(path)
    configs = [path for beside in folders.values() for path in beside if path.name == CONFIG]
    for config in sorted(configs, key=lambda path: (len(path.parts), path)):
        if config.parent.parts not in ((), (MODELS, config.parent.name)):
            continue
        weights = [path for path in folders[config.parent] if path.suffix in ENDINGS and "1st" not in path.name]
        if weights:
            known = [path for path in (PLBERT_CONFIG, ARCHIVE) if path in paths]
            return (str(config), str(max(weights, key=lambda path: (_number(path), path.name))), *known)
    return ()


def _folder(checkpoint: Path) -> Path:
    """The folder of the weights: ``checkpoint`` itself, or the one in its Models."""
    if _weights(checkpoint) or not (checkpoint / MODELS).is_dir():
        return checkpoint
    found = sorted(folder for folder in (checkpoint / MODELS).iterdir() if folder.is_dir() and _weights(folder))
    if len(found) > 1:
        names = ", ".join(f"{MODELS}/{folder.name}" for folder in found[:3])
        raise WeightsMissing(
            "{checkpoint} holds {count} checkpoints ({names}); name one of these folders",
            checkpoint=checkpoint,
            count=len(found),
            names=names,
        )
    return found[0] if found else checkpoint


def _weights(folder: Path) -> list[Path]:
    return sorted(path for ending in ENDINGS for path in folder.glob(f"*{ending}"))


def _weights_in(folder: Path) -> Path:
    found = _weights(folder)
    if not found:
        raise WeightsMissing("there is no .pth in {folder}; put the weights there", folder=folder)
    if len(found) > 1:
        names = ", ".join(path.name for path in found[:3])
        raise WeightsMissing(
            "{folder} holds {count} checkpoints ({names}); name the file itself",
            folder=folder,
            count=len(found),
            names=names,
        )
    return found[0]


def _number(weights: PurePosixPath) -> int:
    """The epoch at the end of a file's name, -1 where there is none."""
    digits = weights.stem.rpartition("_")[2]
    return int(digits) if digits.isdecimal() and digits.isascii() else -1


def _in_folder(folder: Path) -> dict[str, Recording]:
    files = sorted(path for path in folder.iterdir() if _RECORDING.fullmatch(path.name) and path.is_file())
    return {path.stem: Recording(path.stem, _reader(path)) for path in files[:MAX_RECORDINGS]}


def _reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        with path.open("rb") as file:
            return _bounded(file.read(MAX_RECORDING_BYTES + 1), path.stem)

    return read


def _in_archive(archive: Path) -> dict[str, Recording]:
    """Nothing for an archive that cannot be read: whoever asks for one of its voices gets the error."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.namelist() if _is_recording(PurePosixPath(member))]
    except (zipfile.BadZipFile, NotImplementedError, OSError):
        return {}
    stems = {PurePosixPath(member).stem: member for member in members[:MAX_RECORDINGS]}
    return {stem: Recording(stem, _unpacker(archive, stems[stem])) for stem in sorted(stems)}


def _unpacker(archive: Path, member: str) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with zipfile.ZipFile(archive) as opened, opened.open(member) as file:
                return _bounded(file.read(MAX_RECORDING_BYTES + 1), PurePosixPath(member).stem)
        except _DAMAGE as error:
            raise VoiceError(
                "{member} in {archive} cannot be unpacked ({error}); fetch the archive again",
                member=member,
                archive=archive.name,
                error=error,
            ) from None

    return read


def _is_recording(member: PurePosixPath) -> bool:
    return bool(_RECORDING.fullmatch(member.name)) and "__MACOSX" not in member.parts


def _bounded(data: bytes, name: str) -> bytes:
    if len(data) > MAX_RECORDING_BYTES:
        raise VoiceError(
            "the recording {name} has more than {max_recording_bytes} MB",
            name=name,
            max_recording_bytes=MAX_RECORDING_BYTES >> 20,
        )
    return data
