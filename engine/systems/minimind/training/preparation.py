"""Recordings and transcripts to codes and ids, once: each is kept in a file, so that work that was cut short goes on.

A process takes its share of the recordings, on its own device; several share a machine, or many machines a folder.
"""

import hashlib
import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from engine import atomic
from engine.audio.decode import read
from engine.codecs import wavtokenizer
from engine.codecs.wavtokenizer import WavTokenizer
from engine.errors import AudioError, SaveError, TextError, WeightsMissing
from engine.events import Progress
from engine.message import Message, why
from engine.systems.minimind.front_end import MiniMindFrontEnd
from engine.systems.minimind.options import Options
from engine.systems.minimind.training.config import Run, read_run
from engine.training.recordings import Recording, listed

# Longer ones have no room in a model's context.
LONGEST_S = 60.0
# Files between two reports.
REPORT_EVERY = 20
# Of a codec's file so many pieces are looked at.
SAMPLES, SAMPLE_BYTES = 64, 1 << 14


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """What is learnt from: ``ids`` (T,) int32 of a text, ``codes`` (S,) uint16 of its sound, and who speaks."""

    ids: np.ndarray
    codes: np.ndarray
    speaker: str
    name: str

    @property
    def columns(self) -> int:
        """How many columns its sequence has, the marks among them."""
        return len(self.ids) + len(self.codes) + 3


@dataclass(slots=True)
class Prepared:
    """All utterances, and by reason how many were left out."""

    utterances: list[Utterance] = field(default_factory=list)
    left_out: dict[Message, int] = field(default_factory=dict)


def prepare_share(config_path: Path) -> Iterator[Progress]:
    """Make what is missing of this process's share of the codes. Raises EngineErrors."""
    run = read_run(config_path)
    device = run.train.place()
    rank, size = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    # Every process of many would otherwise take all cores.
    if size > 1 and device.type == "cpu":
        torch.set_num_threads(max(1, (os.cpu_count() or 1) // size))
    yield from prepare(run, listed(run.recordings), device, rank, size)


def prepare(
    run: Run, recordings: Sequence[Recording], device: torch.device, rank: int, size: int
) -> Iterator[Progress]:
    """The same for known ``recordings``. The codec is loaded only if something is missing."""
    share = recordings[rank::size]
    wanted = missing(run, share)
    if not wanted:
        return
    codec = wavtokenizer.load(run.codec).to(device)
    front_end, options = MiniMindFrontEnd(run.vocabulary), Options(normalize=run.data.normalize)
    for number, (recording, place) in enumerate(wanted):
        if number % REPORT_EVERY == 0:
            done = len(share) - len(wanted) + number
            yield Progress(done=done, total=len(share), label="making codes of the recordings")
        _keep(place, *_prepared(recording, codec, front_end, options))


def missing(run: Run, recordings: Sequence[Recording]) -> list[tuple[Recording, Path]]:
    """What of ``recordings`` has no codes yet, or has changed since, with the file that each is to have."""
    shelf = shelf_of(run)
    places = [(recording, shelf.place(recording)) for recording in recordings]
    return [(recording, place) for recording, place in places if not _is_fresh(recording, place)]


def read_prepared(run: Run, recordings: Sequence[Recording], longest: int) -> Prepared:
    """What was prepared of ``recordings``, without those whose sequences have more than ``longest`` columns.

    Raises SaveError for what cannot be read again.
    """
    found, shelf = Prepared(), shelf_of(run)
    for recording in recordings:
        utterance = _kept(shelf.place(recording), recording)
        reason = _fault(utterance, longest)
        if reason is None:
            found.utterances.append(utterance)
        else:
            found.left_out[reason] = found.left_out.get(reason, 0) + 1
    return found


def _fault(utterance: Utterance, longest: int) -> Message | None:
    if not len(utterance.ids):
        return Message("the model has no symbols for the text")
    if not len(utterance.codes):
        return Message("there is no sound that can be read")
    return Message("longer than the model's context") if utterance.columns > longest else None


@torch.inference_mode()
def _prepared(
    recording: Recording, codec: WavTokenizer, front_end: MiniMindFrontEnd, options: Options
) -> tuple[np.ndarray, np.ndarray]:
    """The ids and codes of a recording; none of a text or a sound that cannot be read."""
    try:
        ids: Sequence[int] = front_end.transcript(recording.text, options)
    except TextError:
        ids = ()
    codes = np.zeros(0, np.uint16)
    try:
        sound = read(recording.path, sample_rate=codec.sample_rate, max_seconds=LONGEST_S, min_seconds=0.05)
        samples = torch.from_numpy(sound).unsqueeze(0).to(codec.codebook.device)
        codes = codec.encode(samples)[0, 0].cpu().numpy().astype(np.uint16)
    except AudioError:
        pass  # counted when it is read again
    return np.array(ids, np.int32), codes


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where what was prepared is kept. Another text, codec or vocabulary, which are ``told``, has other names."""

    folder: Path
    told: str

    def place(self, recording: Recording) -> Path:
        """The file for a recording."""
        whole = f"{self.told}\n{recording.text}".encode("utf-8", "replace")
        path = Path(recording.name)
        return self.folder / path.with_name(f"{path.name}.{hashlib.blake2b(whole, digest_size=8).hexdigest()}.npz")


def shelf_of(run: Run) -> Shelf:
    """That of a run. Raises WeightsMissing without its codec."""
    return Shelf(run.prepared, json.dumps([run.data.normalize, run.told(), _mark(run.codec)], sort_keys=True))


def _mark(codec: Path) -> str:
    """What tells a codec's file from another: its size and some of its bytes."""
    found = hashlib.blake2b(digest_size=16)
    try:
        size = codec.stat().st_size
        found.update(str(size).encode())
        with codec.open("rb") as file:
            for place in range(SAMPLES):
                file.seek(size * place // SAMPLES)
                found.update(file.read(SAMPLE_BYTES))
    except OSError as error:
        raise WeightsMissing("the codec {path} cannot be read: {error}", path=codec, error=why(error)) from error
    return found.hexdigest()


def _is_fresh(recording: Recording, place: Path) -> bool:
    try:
        return place.stat().st_mtime_ns >= recording.path.stat().st_mtime_ns
    except OSError:
        return False


def _keep(place: Path, ids: np.ndarray, codes: np.ndarray) -> None:
    whole = io.BytesIO()
    np.savez(whole, ids=ids, codes=codes)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SaveError("{path} cannot be written: {error}", path=place.parent, error=error) from error
    atomic.write(place, whole.getvalue())


def _kept(place: Path, recording: Recording) -> Utterance:
    try:
        with np.load(place) as held:
            return Utterance(held["ids"], held["codes"], recording.speaker, recording.name)
    except (OSError, ValueError, KeyError) as error:
        raise SaveError(
            "the codes {path} cannot be read: {error}; delete that file, and they are made anew",
            path=place,
            error=error,
        ) from error
