"""The training set of the offline voice: sentences spoken by the teachers, levelled, labelled and turned into latents.

Written once to a folder as plain arrays; `Corpus` maps them into memory.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torchaudio

from engine.events import Progress
from engine.systems.vits.offline.features import CHANNELS, HOP, SAMPLE_RATE, latents
from engine.systems.vits.offline.labels import align
from engine.systems.vits.offline.teacher import speak
from engine.text.english import english_cleaners2

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
    """Let every teacher say every sentence and write the arrays to ``folder``.

    ``index.json`` lists [speaker, phonemes, first frame, frames, first token]; ``samples.npy`` int16, ``latents.npy``
    float16 (frames, 64), ``durations.npy`` int16 hold everything one behind the other.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sound, features, durations, index = [], [], [], []
    frames = tokens = dropped = 0
    for speaker, teacher in enumerate(TEACHERS.values()):
        level = gain(teacher, sentences[:40])
        for number, sentence in enumerate(sentences):
            spoken = speak(sentence, teacher)
            labels = align(english_cleaners2(sentence), spoken.phones, frame_s=HOP / SAMPLE_RATE)
            if labels.edits > MAX_EDITS:
                dropped += 1
                continue
            samples = _cut(spoken.samples, labels.start_s, int(labels.durations.sum()), level)
            sound.append((samples * 32767).round().astype(np.int16))
            features.append(latents(samples, spoken, labels.start_s).T.astype(np.float16))
            durations.append(labels.durations.astype(np.int16))
            index.append([speaker, labels.phonemes, frames, len(features[-1]), tokens])
            frames += len(features[-1])
            tokens += len(labels.durations)
            if number % 50 == 0:
                done = speaker * len(sentences) + number
                yield Progress(done=done, total=len(TEACHERS) * len(sentences), label=f"{teacher}, {dropped} dropped")
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


def _cut(samples: np.ndarray, start_s: float, frames: int, level: float) -> np.ndarray:
    """Exactly ``frames`` frames of levelled float sound without what is below speech; silence after the end."""
    speech = level * torch.from_numpy(samples.astype(np.float32) / 32768)
    # Not the mean of the sentence: the teacher's silence is at zero and only its speech is not.
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
