"""How good the voices that ship are, beside their teacher in one run: ``make quality``.

Both say the same held-out sentences. For each voice: word errors by two recognisers, words lost and added, naturalness,
the pitch's range, octave bands, the silence after the end; then how fast it speaks on one thread, beside what a large
product of matrices reaches there. The teacher is Kokoro with the public weights, in the mix of voices that was learned.

    python -m benchmarks.quality [--sentences FILE] [--first N] [--checkpoint FOLDER] [--teacher FOLDER] [--json FILE]

How far the figures hold for other sentences shows FILE, one sentence a line. `dev_sentences.txt` beside the texts of
the recipe holds eighty that were not trained on either: whatever is tuned is tuned on them.
"""

import argparse
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median

import numpy as np
import scipy.signal
import torch

from benchmarks.ears import Ears, compared
from engine.engine import Engine
from engine.errors import EngineError
from engine.events import AudioChunk
from engine.request import SynthesisRequest
from engine.speech import collect
from engine.systems.kokoro import SPEC
from recipes.bundled_voice.corpus import TEACHERS
from recipes.bundled_voice.texts import test_sentences
from recipes.kokoro_weights.build import build

RATE = 24_000
OCTAVES = (125, 250, 500, 1000, 2000, 4000, 8000)
# Short texts, numbers and questions, which a mean over sentences would hide.
SHORT = (
    "Yes.",
    "No!",
    "Hello?",
    "Tomorrow.",
    "Seventeen.",
    "Thank you.",
    "Really?",
    "Elizabeth.",
    "At 7:30.",
    "Why not?",
)
BARS = {
    "wer_excess": 0.02, "naturalness": 3.5, "naturalness_lost": 0.5, "end_dbfs": -60.0, "megabytes": 20.0,
    "real_time_factor": 0.08, "first_sound_s": 0.15,
}  # fmt: skip
GFLOPS = 60.0
PRODUCT = 1024
RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the judges make of one speaker: word error rates of both recognisers, words lost and added, naturalness."""

    wer_tiny: float
    wer_base: float
    deletions: int
    insertions: int
    naturalness: float
    naturalness_spread: float
    short_errors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """A voice beside its teacher; levels in dB are the voice's minus the teacher's."""

    voice: str
    sentences: int
    ours: Heard
    teacher: Heard
    bands_db: dict[str, float]
    length_ratio: float
    end_dbfs: float

    @property
    def failures(self) -> list[str]:
        """The bars that are missed."""
        checks = {
            "wer_excess (tiny)": self.ours.wer_tiny - self.teacher.wer_tiny <= BARS["wer_excess"],
            "wer_excess (base)": self.ours.wer_base - self.teacher.wer_base <= BARS["wer_excess"],
            "naturalness": self.ours.naturalness >= BARS["naturalness"],
            "naturalness_lost": self.teacher.naturalness - self.ours.naturalness <= BARS["naturalness_lost"],
            "end_dbfs": self.end_dbfs < BARS["end_dbfs"],
        }
        return [name for name, passed in checks.items() if not passed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """On one thread; ``scaled`` is the real-time factor on a core that reaches GFLOPS, as this one is measured."""

    megabytes: float
    gflops: float
    real_time_factor: float
    scaled: float
    first_sound_s: float

    @property
    def failures(self) -> list[str]:
        """The bars that are missed."""
        figures = {
            "megabytes": self.megabytes, "real_time_factor": self.scaled, "first_sound_s": self.first_sound_s,
        }  # fmt: skip
        return [name for name, figure in figures.items() if figure > BARS[name]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0 when every bar is met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, default=SPEC.bundled, help="other voices of the same names")
    parser.add_argument("--teacher", type=Path, default=None, help="a folder of recipes.kokoro_weights")
    parser.add_argument("--sentences", type=Path, default=None, help="a text file, one sentence a line")
    parser.add_argument("--first", type=int, default=None, help="only so many of the sentences")
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args(arguments)
    texts = (read_sentences(options.sentences) if options.sentences else test_sentences())[: options.first]
    engine, ears = Engine(device="cpu"), Ears(torch.get_num_threads())
    with tempfile.TemporaryDirectory() as temporary:
        teacher = options.teacher or build(Path(temporary))
        results = [measure(engine, ears, voice, texts, options.checkpoint, teacher) for voice in TEACHERS]
    speed = measure_speed(engine, next(iter(TEACHERS)), texts, options.checkpoint)
    for figures in (*results, speed):
        _print(asdict(figures))
        sys.stdout.write(f"{'bars missed':24} {', '.join(figures.failures) or 'none'}\n\n")
    if options.json:
        told = {"voices": [asdict(result) for result in results], "speed": asdict(speed)}
        options.json.write_text(json.dumps(told, indent=2), encoding="utf-8")
    return 1 if any(figures.failures for figures in (*results, speed)) else 0


def read_sentences(path: Path) -> list[str]:
    """The lines of a file that are not empty. Raises RuntimeError where it cannot be read."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise RuntimeError(f"{path} cannot be read: {error}") from None
    if not any(lines):
        raise RuntimeError(f"{path} holds no sentence; write one on each line")
    return [line for line in lines if line]


def measure(engine: Engine, ears: Ears, voice: str, texts: Sequence[str], checkpoint: Path, teacher: Path) -> Quality:
    """Let ``voice`` and its teacher say ``texts``, and compare them."""
    ours = [speak(engine, text, voice, checkpoint) for text in texts]
    theirs = [speak(engine, text, TEACHERS[voice], teacher) for text in texts]
    short = [[speak(engine, text, *who) for text in SHORT] for who in ((voice, checkpoint), (TEACHERS[voice], teacher))]
    spectra = [_spectrum(sounds) for sounds in (ours, theirs)]
    # Of the teacher's level: how loud it is says nothing.
    spectra[1] = spectra[1] * (spectra[0].sum() / spectra[1].sum())
    return Quality(
        voice=voice,
        sentences=len(texts),
        ours=judge(ears, texts, ours, short[0]),
        teacher=judge(ears, texts, theirs, short[1]),
        bands_db={
            f"{low}-{high}": _band(spectra[0], low, high) - _band(spectra[1], low, high)
            for low, high in itertools.pairwise(OCTAVES)
        },
        length_ratio=sum(map(len, ours)) / sum(map(len, theirs)),
        end_dbfs=float(max(20 * np.log10(np.sqrt(np.mean(sound[-RATE // 20 :] ** 2)) + 1e-9) for sound in ours)),
    )


def judge(ears: Ears, texts: Sequence[str], sounds: Sequence[np.ndarray], short: Sequence[np.ndarray]) -> Heard:
    """What the judges make of ``sounds``, and how many of the ``short`` ones neither recogniser understands."""
    tiny, base = (compared(texts, [ears.heard(s, RATE, small=small) for s in sounds]) for small in (True, False))
    scores = [ears.naturalness(sound, RATE) for sound in sounds]
    missed = 0
    for text, sound in zip(SHORT, short, strict=True):
        missed += all(compared([text], [ears.heard(sound, RATE, small=small)]).wer > 0 for small in (True, False))
    return Heard(
        wer_tiny=tiny.wer,
        wer_base=base.wer,
        # What one recogniser misses the other may hear: a word is lost when neither has it.
        deletions=min(tiny.deletions, base.deletions),
        insertions=min(tiny.insertions, base.insertions),
        naturalness=mean(scores),
        naturalness_spread=float(np.std(scores)),
        short_errors=missed,
    )


def speak(engine: Engine, text: str, voice: str, checkpoint: Path) -> np.ndarray:
    """The samples of ``text``, as the product gives them."""
    request = _request(text, voice, checkpoint)
    return collect(engine.synthesize(request), request).samples


def measure_speed(engine: Engine, voice: str, texts: Sequence[str], checkpoint: Path) -> Speed:
    """Real-time factor over all ``texts`` and the wait for the first sound of the middle one, on one thread, warm."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        speak(engine, texts[0], voice, checkpoint)
        a, b = (torch.randn(PRODUCT, PRODUCT) for _ in range(2))
        gflops = 2 * PRODUCT**3 / 1e9 / median(_timed(lambda: a @ b) for _ in range(4 * RUNS))
        began = time.perf_counter()
        sounds = [speak(engine, text, voice, checkpoint) for text in texts]
        factor = (time.perf_counter() - began) / (sum(map(len, sounds)) / RATE)
        waits = [first_sound(engine, text, voice, checkpoint) for text in texts]
    finally:
        torch.set_num_threads(before)
    files = [file for file in checkpoint.rglob("*") if file.suffix in (".pth", ".pt")]
    return Speed(
        megabytes=sum(file.stat().st_size for file in files) / 1e6,
        gflops=gflops,
        real_time_factor=factor,
        scaled=factor * gflops / GFLOPS,
        first_sound_s=median(waits),
    )


def first_sound(engine: Engine, text: str, voice: str, checkpoint: Path) -> float:
    """Seconds from a request to its first sound."""
    began = time.perf_counter()
    events = engine.synthesize(_request(text, voice, checkpoint))
    next(event for event in events if isinstance(event, AudioChunk))
    waited = time.perf_counter() - began
    events.close()
    return waited


def _request(text: str, voice: str, checkpoint: Path) -> SynthesisRequest:
    return SynthesisRequest(
        system=SPEC.id, text=text, voice=voice, language="en", options=SPEC.options(), checkpoint=checkpoint
    )


def _timed(action) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _spectrum(sounds: Sequence[np.ndarray]) -> np.ndarray:
    """Mean power of bins of about 12 Hz over all sounds."""
    return scipy.signal.welch(np.concatenate(sounds), RATE, nperseg=2048)[1]


def _band(spectrum: np.ndarray, low: float, high: float) -> float:
    hz = np.fft.rfftfreq(2048, 1 / RATE)
    return float(10 * np.log10(spectrum[(hz >= low) & (hz < high)].sum()))


def _print(figures: dict, indent: str = "") -> None:
    for name, value in figures.items():
        if isinstance(value, dict) and name != "bands_db":
            sys.stdout.write(f"{indent}{name}\n")
            _print(value, indent + "  ")
            continue
        shown = "  ".join(f"{band} {db:+.1f}" for band, db in value.items()) if isinstance(value, dict) else value
        sys.stdout.write(f"{indent + name:24} {f'{shown:.3f}' if isinstance(shown, float) else shown}\n")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (EngineError, RuntimeError) as error:
        sys.exit(f"quality: {error}")
