"""Training data: file lists, recordings, spectrograms kept on disk, batches of similar length.

The published rules are in docs/systems/vits.md#training-data.
"""

import itertools
import logging
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import soxr
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset

from engine.audio.stft import linear_spectrogram
from engine.errors import AudioError, ConfigError
from engine.systems.vits.config import AudioConfig
from engine.systems.vits.training.config import BOUNDARIES

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a file list: a recording, who speaks (0 when there is but one), what is said."""

    path: Path
    speaker: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """An entry that can be trained on: its symbols as ids, and its length in frames as the file's header tells it."""

    path: Path
    speaker: int
    ids: tuple[int, ...]
    frames: int


class Item(NamedTuple):
    """What a batch is made of: ``ids`` (T,) int64, ``spectrogram`` (bins, F) and ``samples`` (N,) float32."""

    ids: torch.Tensor
    spectrogram: torch.Tensor
    samples: torch.Tensor
    speaker: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Items padded with zeros, the longest spectrogram first.

    ``ids`` (B, T), ``id_lengths`` (B,), ``spectrograms`` (B, bins, F), ``frame_lengths`` (B,), ``samples`` (B, 1, N),
    ``speakers`` (B,) int64.
    """

    ids: torch.Tensor
    id_lengths: torch.Tensor
    spectrograms: torch.Tensor
    frame_lengths: torch.Tensor
    samples: torch.Tensor
    speakers: torch.Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same batch on ``device``."""
        return Batch(**{f.name: getattr(self, f.name).to(device, non_blocking=True) for f in fields(self)})


def read_filelist(path: Path, root: Path, speakers: Mapping[str, int]) -> list[Entry]:
    """The entries of a UTF-8 file of lines ``path|text`` or ``path|speaker|text``; relative paths start at ``root``.

    A speaker is a name or a number of ``speakers``; without speakers there must be no such column. Raises ConfigError.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("the file list {path} cannot be read: {error}", path=path, error=error) from error
    columns = 3 if speakers else 2
    entries = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        parts = line.split("|")
        if len(parts) != columns:
            wanted = "path|speaker|text" if speakers else "path|text"
            raise ConfigError(
                "{path}, line {number}: {count} columns where {wanted} was expected",
                path=path,
                number=number,
                count=len(parts),
                wanted=wanted,
            )
        entries.append(Entry(path=root / parts[0], speaker=_speaker(parts[1], speakers, path, number), text=parts[-1]))
    if not entries:
        raise ConfigError("the file list {path} is empty; write a line for each recording", path=path)
    return entries


def _speaker(column: str, speakers: Mapping[str, int], path: Path, number: int) -> int:
    if not speakers:
        return 0
    if column in speakers:
        return speakers[column]
    if column.isdecimal() and int(column) in speakers.values():
        return int(column)
    raise ConfigError(
        "{path}, line {number}: no speaker {column!r}; there are {count}, numbered from 0",
        path=path,
        number=number,
        column=column,
        count=len(speakers),
    )


def select(
    entries: Sequence[Entry],
    encode: Callable[[str], Sequence[int]],
    audio: AudioConfig,
    text_lengths: tuple[int, int] = (1, 190),
) -> tuple[list[Utterance], Counter[str]]:
    """The entries that can be trained on, and how many were left out for which reason.

    ``encode`` turns a text into ids, ``text_lengths`` bounds its characters as the file has them.
    """
    kept: list[Utterance] = []
    dropped: Counter[str] = Counter()
    shortest, longest = text_lengths
    for entry in entries:
        if not shortest <= len(entry.text) <= longest:
            dropped[f"text outside {shortest}..{longest} characters"] += 1
            continue
        ids, frames = tuple(encode(entry.text)), _count_frames(entry.path, audio)
        if len(ids) > frames:
            dropped["more symbols than frames of sound"] += 1
            continue
        kept.append(Utterance(path=entry.path, speaker=entry.speaker, ids=ids, frames=frames))
    return kept, dropped


def _count_frames(path: Path, audio: AudioConfig) -> int:
    try:
        info = soundfile.info(path)
    except (OSError, soundfile.LibsndfileError) as error:
        raise AudioError("the recording {path} cannot be read: {error}", path=path, error=error) from error
    return int(info.frames * audio.sampling_rate / info.samplerate) // audio.hop_length


def read_audio(path: Path, sample_rate: int) -> torch.Tensor:
    """A recording of any format as mono float32 samples (N,) at ``sample_rate``. Raises AudioError."""
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise AudioError("the recording {path} cannot be read: {error}", path=path, error=error) from error
    mono = samples.mean(axis=1)
    if not np.isfinite(mono).all():
        raise AudioError("the recording {path} holds samples that are no numbers", path=path)
    if rate != sample_rate:
        mono = soxr.resample(mono, rate, sample_rate)
    return torch.from_numpy(np.ascontiguousarray(mono))


class Recordings(Dataset[Item]):
    """Utterances with their sound, by number; spectrograms are computed once and kept in ``cache``.

    A kept spectrogram is named after its recording and every parameter that shaped it, and one older than its
    recording is computed anew, so a changed configuration or file never meets a stale one. ``in_memory`` keeps
    what was read, for collections that fit.
    """

    def __init__(
        self, utterances: Sequence[Utterance], audio: AudioConfig, cache: Path | None, *, in_memory: bool = False
    ) -> None:
        self.utterances, self.audio, self.cache = utterances, audio, cache
        self._items: dict[int, Item] | None = {} if in_memory else None

    def __len__(self) -> int:
        return len(self.utterances)

    def __getitem__(self, index: int) -> Item:
        if self._items is None:
            return self._read(index)
        if index not in self._items:
            self._items[index] = self._read(index)
        return self._items[index]

    def _read(self, index: int) -> Item:
        utterance = self.utterances[index]
        samples = read_audio(utterance.path, self.audio.sampling_rate)
        spectrogram = self._spectrogram(utterance.path, samples)
        if len(utterance.ids) > spectrogram.shape[1]:
            # The header promised more sound than the file holds.
            raise AudioError("the recording {path} is shorter than its header says", path=utterance.path)
        return Item(torch.tensor(utterance.ids), spectrogram, samples, utterance.speaker)

    def _spectrogram(self, path: Path, samples: torch.Tensor) -> torch.Tensor:
        kept = self._cache_path(path)
        if kept is not None and kept.exists() and kept.stat().st_mtime_ns >= path.stat().st_mtime_ns:
            try:
                return torch.from_numpy(np.load(kept))
            except (OSError, ValueError, EOFError) as error:
                logger.warning("the spectrogram %s is damaged and is computed anew: %s", kept, error)
        a = self.audio
        spectrogram = linear_spectrogram(samples[None], a.filter_length, a.hop_length, a.win_length)[0]
        if kept is not None:
            self._keep(kept, spectrogram.numpy())
        return spectrogram

    def _cache_path(self, path: Path) -> Path | None:
        if self.cache is None:
            return None
        a = self.audio
        shape = f"r{a.sampling_rate}-n{a.filter_length}-h{a.hop_length}-w{a.win_length}"
        # The whole path of the recording, as a relative one: equal names in two folders stay apart.
        return self.cache / path.resolve().relative_to(path.resolve().anchor).with_name(f"{path.name}.{shape}.npy")

    def _keep(self, path: Path, spectrogram: np.ndarray) -> None:
        """Write under another name and rename: two processes may compute the same one, and either may be killed."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
                np.save(file, spectrogram)
            os.replace(file.name, path)  # noqa: PTH105 (Path has no replace for a name that is a string)
        except OSError as error:
            logger.warning("spectrograms are not kept in %s any more: %s", self.cache, error)
            self.cache = None


def collate(items: Sequence[Item]) -> Batch:
    """A batch of items, the longest spectrogram first."""
    items = sorted(items, key=lambda item: item.spectrogram.shape[1], reverse=True)
    frames_first = [item.spectrogram.T for item in items]
    return Batch(
        ids=pad_sequence([item.ids for item in items], batch_first=True),
        id_lengths=torch.tensor([len(item.ids) for item in items]),
        spectrograms=pad_sequence(frames_first, batch_first=True).transpose(1, 2).contiguous(),
        frame_lengths=torch.tensor([len(frames) for frames in frames_first]),
        samples=pad_sequence([item.samples for item in items], batch_first=True).unsqueeze(1),
        speakers=torch.tensor([item.speaker for item in items]),
    )


class BucketSampler:
    """Batches of utterances of similar length, the same ones on every machine for the same epoch number.

    Bucket i holds the utterances of more than ``boundaries[i]`` and at most ``boundaries[i + 1]`` frames; what is
    outside is left out (``dropped`` counts it). Each bucket is filled up to whole batches for all ``replicas`` by
    repeating its own utterances. Draws are those of the published trainer.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        batch_size: int,
        *,
        boundaries: Sequence[int] = BOUNDARIES,
        replicas: int = 1,
        rank: int = 0,
    ) -> None:
        self.batch_size, self.replicas, self.rank = batch_size, replicas, rank
        edges = itertools.pairwise(boundaries)
        buckets = [[i for i, n in enumerate(lengths) if low < n <= high] for low, high in edges]
        self.buckets = [bucket for bucket in buckets if bucket]
        self.dropped = len(lengths) - sum(map(len, self.buckets))
        if not self.buckets:
            raise ConfigError(
                "none of {count} recordings has more than {boundaries} and at most {last} frames",
                count=len(lengths),
                boundaries=boundaries[0],
                last=boundaries[-1],
            )

    def batches(self, epoch: int) -> list[list[int]]:
        """The batches of this rank in ``epoch``, in order, as lists of utterance numbers."""
        generator = torch.Generator().manual_seed(epoch)
        orders = [torch.randperm(len(bucket), generator=generator).tolist() for bucket in self.buckets]
        batches = [
            batch for bucket, order in zip(self.buckets, orders, strict=True) for batch in self._cut(bucket, order)
        ]
        return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]

    def _cut(self, bucket: Sequence[int], order: Sequence[int]) -> Iterator[list[int]]:
        whole = self.replicas * self.batch_size
        total = -(-len(bucket) // whole) * whole
        filled = [bucket[order[i % len(order)]] for i in range(total)]
        mine = filled[self.rank :: self.replicas]
        for start in range(0, len(mine), self.batch_size):
            yield mine[start : start + self.batch_size]

    def __len__(self) -> int:
        """Batches of one rank in an epoch."""
        whole = self.replicas * self.batch_size
        return sum(-(-len(bucket) // whole) for bucket in self.buckets)
