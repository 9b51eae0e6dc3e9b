"""What is learnt from: sentences that the voice that ships says, as sounds with their transcripts beside them."""

import multiprocessing
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile
import torch

from engine import atomic
from engine.events import AudioChunk, Progress
from engine.steps import finish
from engine.systems.kokoro import BUNDLED
from engine.systems.kokoro.options import Options
from engine.systems.kokoro.system import KokoroSystem, load

VOICE = "af_clara"
LANGUAGE = "en-us"
# Sentences that one process says before it reports.
REPORT_EVERY = 50


def speak(sentences: Sequence[str], folder: Path, processes: int) -> Iterator[Progress]:
    """Let the voice say what of ``sentences`` has not been said yet, on as many ``processes``."""
    told = [(folder / VOICE / f"{number:06}.wav", text) for number, text in enumerate(sentences)]
    missing = [(path, text) for path, text in told if not is_said(path, text)]
    parts = [missing[at : at + REPORT_EVERY] for at in range(0, len(missing), REPORT_EVERY)]
    if not parts:
        return
    # Not forked: torch's threads do not survive that.
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        done = len(told) - len(missing)
        for said in pool.map(_say, parts):
            done += said
            yield Progress(done=done, total=len(told), label=f"{done} sentences said")


def is_said(path: Path, text: str) -> bool:
    """Whether ``path`` is there, and of this text: transcripts are written last."""
    try:
        return path.is_file() and path.with_suffix(".txt").read_text(encoding="utf-8") == text
    except OSError:
        return False


def _say(part: Sequence[tuple[Path, str]]) -> int:
    system = _teacher()
    voice, options = system.voice(VOICE), Options()
    for path, text in part:
        # The seed is of the text, so that a sentence sounds the same in any order.
        rng = torch.Generator().manual_seed(zlib.crc32(text.encode()))
        segments = system.segment(text, LANGUAGE, options)
        events = system.synthesize(segments, voice, options, rng)
        samples = np.concatenate([event.samples for event in events if isinstance(event, AudioChunk)])
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic.replacing(path) as unfinished:
            soundfile.write(unfinished, np.clip(samples, -1, 1), system.sample_rate, subtype="PCM_16", format="WAV")
        atomic.write(path.with_suffix(".txt"), text.encode())
    return len(part)


@lru_cache(maxsize=1)
def _teacher() -> KokoroSystem:
    """The voice that ships, once in every process."""
    torch.set_num_threads(1)
    return finish(load(BUNDLED, torch.device("cpu"), torch.float32))
