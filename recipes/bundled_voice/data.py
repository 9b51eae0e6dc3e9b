"""The training set of the bundled voice: sentences spoken by the teachers, levelled, labelled and turned into latents.

Written once to a folder as plain arrays; `Corpus` maps them into memory.
"""

import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torchaudio

from engine.events import Progress
from engine.text.english import english_cleaners2
from recipes.bundled_voice.features import CHANNELS, HOP, SAMPLE_RATE, latents
from recipes.bundled_voice.labels import align
from recipes.bundled_voice.teacher import speak

TEACHERS = {"Ada": "slt", "Ben": "rms"}
LEVEL_DBFS = -20.0
CUTOFF_HZ = 30.0
MAX_EDITS = 4


def gain(teacher: str, sentences: list[str]) -> float:
    """What a teacher's sound is multiplied with so that its active speech stands at LEVEL_DBFS."""
    speech = np.concatenate([speak(sentence, teacher).samples for sentence in sentences]).astype(np.float64) / 32768
    frames = speech[: len(speech) // 400 * 400].reshape(-1, 400)
    power = np.mean(frames**2, axis=1)
    active = power[power > np.max(power) * 1e-4]
    return float(10 ** (LEVEL_DBFS / 20) / np.sqrt(active.mean()))


def build(sentences: list[str], folder: Path) -> Iterator[Progress]:
    """Let every teacher say every sentence, one on each core, and write the arrays to ``folder``.

    ``index.json`` lists [speaker, phonemes, first frame, frames, first token]; ``samples.npy`` int16, ``latents.npy``
    float16 (frames, 64), ``durations.npy`` int16 hold everything one behind the other.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sound, features, durations, index = [], [], [], []
    frames = tokens = dropped = 0
    # Not forked: the teacher's library and torch's threads do not survive that.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        for speaker, teacher in enumerate(TEACHERS.values()):
            level = gain(teacher, sentences[:40])
            examples = pool.map(partial(_example, teacher, level), sentences, chunksize=10)
            for number, example in enumerate(examples):
                if number % 50 == 0:
                    done = speaker * len(sentences) + number
                    label = f"{teacher}, {dropped} dropped"
                    yield Progress(done=done, total=len(TEACHERS) * len(sentences), label=label)
                if example is None:
                    dropped += 1
                    continue
                sound.append(example.samples)
                features.append(example.latents)
                durations.append(example.durations)
                index.append([speaker, example.phonemes, frames, len(example.latents), tokens])
                frames += len(example.latents)
                tokens += len(example.durations)
    np.save(folder / "samples.npy", np.concatenate(sound))
    np.save(folder / "latents.npy", np.concatenate(features))
    np.save(folder / "durations.npy", np.concatenate(durations))
    np.save(
        folder / "statistics.npy",
        np.stack(
            [np.concatenate(features).mean(0, dtype=np.float64), np.concatenate(features).std(0, dtype=np.float64)]
        ),
    )
    (folder / "index.json").write_text(json.dumps(index, ensure_ascii=False), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Example:
    """One sentence: phonemes, frames of each, int16 samples, float16 latents (frames, 64)."""

    phonemes: str
    durations: np.ndarray
    samples: np.ndarray
    latents: np.ndarray


def _example(teacher: str, level: float, sentence: str) -> _Example | None:
    """A sentence as the teacher says it; None where it does not read it as the front-end does."""
    spoken = speak(sentence, teacher)
    labels = align(english_cleaners2(sentence), spoken.phones, frame_s=HOP / SAMPLE_RATE)
    if labels.edits > MAX_EDITS:
        return None
    samples = _cut(spoken.samples, labels.start_s, int(labels.durations.sum()), level)
    return _Example(
        phonemes=labels.phonemes,
        durations=labels.durations.astype(np.int16),
        samples=(samples * 32767).round().astype(np.int16),
        latents=latents(samples, spoken, labels.start_s).T.astype(np.float16),
    )


def _cut(samples: np.ndarray, start_s: float, frames: int, level: float) -> np.ndarray:
    """Exactly ``frames`` frames of levelled float sound without what is below speech; silence after the end."""
    speech = level * torch.from_numpy(samples.astype(np.float32) / 32768)
    # Not the mean of the sentence: only the teacher's speech has an offset, its silence has none.
    speech = torchaudio.functional.highpass_biquad(speech, SAMPLE_RATE, CUTOFF_HZ).numpy()
    start = round(start_s * SAMPLE_RATE)
    piece = speech[start : start + frames * HOP]
    return np.pad(piece, (0, frames * HOP - len(piece))).clip(-1, 1)


@dataclass(frozen=True, slots=True)
class Corpus:
    """The arrays of `build`, mapped from disk, and the statistics of the latent."""

    index: list[list]
    samples: np.ndarray
    latents: np.ndarray
    durations: np.ndarray
    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def open(cls, folder: Path) -> "Corpus":
        """Map the arrays under ``folder``."""
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        mean, std = np.load(folder / "statistics.npy").astype(np.float32)
        return cls(
            index=index,
            samples=np.load(folder / "samples.npy", mmap_mode="r"),
            latents=np.load(folder / "latents.npy", mmap_mode="r"),
            durations=np.load(folder / "durations.npy", mmap_mode="r"),
            mean=mean.reshape(CHANNELS, 1),
            std=std.reshape(CHANNELS, 1),
        )

    def latent(self, item: int) -> np.ndarray:
        """One sentence's normalised latent (64, frames), float32."""
        _, _, first, frames, _ = self.index[item]
        return (self.latents[first : first + frames].T.astype(np.float32) - self.mean) / self.std

    def sound(self, item: int) -> np.ndarray:
        """One sentence's samples (256 frames,), float32."""
        _, _, first, frames, _ = self.index[item]
        return self.samples[first * HOP : (first + frames) * HOP].astype(np.float32) / 32768

    def tokens(self, item: int) -> tuple[str, np.ndarray]:
        """One sentence's phonemes and the frames of each, (n,) int64."""
        _, phonemes, _, _, first = self.index[item]
        return phonemes, self.durations[first : first + len(phonemes)].astype(np.int64)
