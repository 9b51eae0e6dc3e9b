"""What the teacher says: sentences as Kokoro speaks them, with everything that the student is to predict.

Kokoro's durations, pitch and energy are not estimated from sound but taken from the network itself. One example is one
piece of text as the front end cuts it, in one voice. Written in shards, so that training may begin before all is said
and a run that is cut short goes on.
"""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from engine.style_tts import source
from engine.systems.kokoro.options import Options
from engine.systems.kokoro.speaking import Speaking
from engine.systems.kokoro.system import KokoroSystem
from engine.systems.kokoro.text import Piece
from engine.systems.kokoro.voices import pack_of
from recipes.bundled_voice.texts import training_sentences

# Voices that are nobody's: two of the packs mixed, chosen by how natural and how well understood they are.
TEACHERS = {"af_clara": "jf_alpha=2,jm_kumo=1", "am_hugo": "jm_kumo=4,jf_alpha=1"}
SHARD = 24
# Every so many sentences are in British English, whose phonemes the voices are to know, too.
BRITISH = 7
HELD_OUT = 50
SPEAKERS = tuple(TEACHERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One piece of text in one voice.

    ``ids`` (T,); ``expected`` (T,), frames before they are rounded, and ``frames`` (T,), whole; ``pitch`` in Hz and log
    ``energy``, both (2L,); ``samples`` (600 L,), or none where only the prosody was asked for.
    """

    speaker: int
    ids: np.ndarray
    expected: np.ndarray
    frames: np.ndarray
    pitch: np.ndarray
    energy: np.ndarray
    samples: np.ndarray

    @property
    def length(self) -> int:
        """How many frames L it takes."""
        return int(self.frames.sum())

    @property
    def index(self) -> torch.Tensor:
        """The phoneme of each frame, (L,)."""
        return torch.repeat_interleave(torch.arange(len(self.ids)), torch.from_numpy(self.frames).long())


def texts(count: int, seed: int) -> list[str]:
    """``count`` sentences in a random order; a tenth of them are single words, which people type first."""
    rng = random.Random(seed)
    sentences = training_sentences(count, seed)
    words = sorted({word.strip(".,?!") for sentence in sentences for word in sentence.split()})
    single = [
        f"{word[0].upper()}{word[1:]}{rng.choice('..?!')}" for word in rng.sample(words, min(count // 10, len(words)))
    ]
    mixed = sentences[: count - len(single)] + single
    rng.shuffle(mixed)
    return mixed


def pieces(system: KokoroSystem, text: str, language: str) -> Iterator[Piece]:
    """The pieces of a text as the product speaks them."""
    for item in system.front_end.read(system.segment(text, language, Options()), Options()):
        yield from (piece for piece in getattr(item, "pieces", ()) if piece.speaks)


class Teacher:
    """The loaded teacher in the voices of TEACHERS."""

    def __init__(self, system: KokoroSystem) -> None:
        self._system = system
        packs = [pack_of(system.voice(blend)) for blend in TEACHERS.values()]
        self._speaking = [Speaking(system.model, Options(), pack) for pack in packs]

    @torch.inference_mode()
    def speak(self, text: str, speaker: int, *, language: str, seed: int, sound: bool = True) -> Iterator[Example]:
        """Each piece of ``text``; without its samples unless ``sound``."""
        model, speaking = self._system.model, self._speaking[speaker]
        for piece in pieces(self._system, text, language):
            encoded = model.encode_ids(piece.ids)
            style = torch.from_numpy(speaking.style(piece)).unsqueeze(0)
            durations = model.predict_durations(encoded, style)
            inputs = model.predict_contours(encoded, durations, style)
            samples = np.zeros(0, np.int16)
            if sound:
                noise = source.draw_noise(inputs.pitch.shape[1], torch.Generator().manual_seed(seed))
                heard = model.decode(inputs, style, noise).flatten().clamp(-1, 1).numpy()
                samples = (heard * 32767).round().astype(np.int16)
            yield Example(
                speaker=speaker,
                ids=np.array(piece.ids, np.int16),
                expected=torch.sigmoid(durations.logits).sum(-1).flatten().numpy(),
                frames=durations.frames.numpy().astype(np.int16),
                pitch=inputs.pitch.flatten().numpy(),
                energy=inputs.energy.flatten().numpy(),
                samples=samples,
            )


def say(
    teacher: Teacher, sentences: Sequence[str], folder: Path, *, part: int, parts: int, sound: bool
) -> Iterator[int]:
    """Speak every ``parts``-th of ``sentences`` from ``part`` on, the voices by turns; shards go to ``folder``.

    Yields the number of the last sentence of each shard. What is there already is passed over.
    """
    folder.mkdir(parents=True, exist_ok=True)
    own = range(part, len(sentences), parts)
    for number, start in enumerate(range(0, len(own), SHARD)):
        path = folder / f"{part}-{number:05}.npz"
        if not path.exists():
            examples: list[Example] = []
            for index in own[start : start + SHARD]:
                speaker, language = (index // parts) % len(TEACHERS), "en-gb" if index % BRITISH == 0 else "en-us"
                examples += teacher.speak(sentences[index], speaker, language=language, seed=index, sound=sound)
            write_shard(path, examples)
        yield own[min(start + SHARD, len(own)) - 1]


def write_shard(path: Path, examples: Sequence[Example]) -> None:
    """Write ``examples`` to ``path``, whole or not at all."""
    arrays = {f"{i}/{name}": getattr(e, name) for i, e in enumerate(examples) for name in Example.__slots__}
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez(file, **arrays)
    partial.rename(path)


def read(path: Path) -> list[Example]:
    """The examples of a shard."""
    with np.load(path) as held:
        arrays: Mapping[str, np.ndarray] = {name: held[name] for name in held.files}
    found = []
    for i in itertools.count():
        if f"{i}/ids" not in arrays:
            return found
        parts = {name: arrays[f"{i}/{name}"] for name in Example.__slots__}
        found.append(Example(**parts | {"speaker": int(parts["speaker"])}))
    raise AssertionError


class Corpus:
    """All that was said into some folders."""

    def __init__(self, *folders: Path) -> None:
        paths = sorted(path for folder in folders for path in folder.glob("*.npz"))
        self.examples = [example for path in paths for example in read(path)]

    def parted(self, *, sound: bool = False) -> tuple[list[Example], list[Example]]:
        """Those to learn from, and one in HELD_OUT to measure on; with ``sound`` only those that have samples."""
        parts: tuple[list[Example], list[Example]] = ([], [])
        for number, example in enumerate(self.examples):
            if len(example.samples) or not sound:
                parts[number % HELD_OUT == 0].append(example)
        return parts
