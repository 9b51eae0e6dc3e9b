"""Recordings with what is said in them: a folder of sounds and transcripts, or a list of them in a file.

In a folder every sound has its transcript beside it, as .txt or LibriTTS' .normalized.txt, and the folder that both are
in is the speaker's. A list has a line ``path|speaker|LANGUAGE|text`` for each, as the released code of MiniMind-TTS has
it, or ``path|text``; paths begin at the list's folder.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from engine.errors import AudioError, ConfigError

ENDINGS = frozenset((".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a"))
_TRANSCRIPTS = (".normalized.txt", ".txt")
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A sound, by its ``name`` under the folder or in the list; who speaks, in which language ("" is unknown), what."""

    path: Path
    name: str
    speaker: str
    language: str
    text: str


def listed(source: Path, *, with_text: bool = True) -> list[Recording]:
    """All recordings of a folder or of a list, in a fixed order. ``with_text`` leaves out those without transcripts.

    Raises ConfigError where there are none, or a line is no such line.
    """
    found = list(_in_folder(source) if source.is_dir() else _in_list(source))
    if with_text:
        found = [recording for recording in found if recording.text]
    if not found:
        raise ConfigError(
            "there are no recordings in {source}; put sounds there with what is said in them as .txt, or name a "
            "list of lines path|speaker|LANGUAGE|text",
            source=source,
        )
    return found


def _in_folder(folder: Path) -> Iterator[Recording]:
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(here, name)
            if path.suffix.lower() not in ENDINGS or name.startswith("."):
                continue
            inside = path.relative_to(folder)
            yield Recording(
                path=path, name=inside.as_posix(), speaker=inside.parent.as_posix(), language="", text=_transcript(path)
            )


def _transcript(path: Path) -> str:
    for ending in _TRANSCRIPTS:
        beside = path.with_suffix(ending)
        if not beside.is_file():
            continue
        try:
            with beside.open(encoding="utf-8") as file:
                return " ".join(file.read(LONGEST_TEXT).split())
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError("the transcript {path} cannot be read: {error}", path=beside, error=error) from error
    return ""


def _in_list(path: Path) -> Iterator[Recording]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("the file list {path} cannot be read: {error}", path=path, error=error) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        parts = line.split("|")
        if len(parts) not in (2, 4):
            raise ConfigError(
                "{path}, line {number}: {count} columns where {wanted} was expected",
                path=path,
                number=number,
                count=len(parts),
                wanted="path|speaker|LANGUAGE|text",
            )
        speaker, language = parts[1:3] if len(parts) == 4 else ("", "")
        yield Recording(
            path=path.parent / parts[0],
            # A path of another machine's root is kept inside all the same.
            name=parts[0].lstrip("/").replace("..", "_"),
            speaker=speaker,
            language=language.lower(),
            text=" ".join(parts[-1][:LONGEST_TEXT].split()),
        )


def count_samples(path: Path, sample_rate: int) -> int:
    """How many samples a recording has at ``sample_rate``, as its header tells it. Raises AudioError."""
    try:
        info = soundfile.info(path)
    except (OSError, soundfile.LibsndfileError) as error:
        raise AudioError("the recording {path} cannot be read: {error}", path=path, error=error) from error
    return int(info.frames * sample_rate / info.samplerate)


def read_part(path: Path, sample_rate: int, start: int, count: int) -> np.ndarray:
    """``count`` samples at ``sample_rate`` from ``start`` on, mono float32; a short recording is repeated.

    Only that part of the file is read. Raises AudioError.
    """
    try:
        with soundfile.SoundFile(path) as file:
            scale = file.samplerate / sample_rate
            file.seek(min(int(start * scale), max(0, file.frames - 1)))
            samples = file.read(int(np.ceil(count * scale)) + 1, dtype="float32", always_2d=True).mean(axis=1)
    except (OSError, soundfile.LibsndfileError) as error:
        raise AudioError("the recording {path} cannot be read: {error}", path=path, error=error) from error
    if not len(samples) or not np.isfinite(samples).all():
        raise AudioError("the recording {path} holds samples that are no numbers", path=path)
    if scale != 1:
        samples = soxr.resample(samples, file.samplerate, sample_rate)
    return np.resize(samples, count).astype(np.float32, copy=False)
