"""How well a small MiniMind-TTS speaks: everyday sentences that nobody has trained on, heard by two recognisers.

    python -m benchmarks.pocket [--checkpoint FOLDER] [--count N] [--unguarded] [--json FILE]

A sentence runs away when it takes more than twice as long as the bundled voice takes for it; it is
silent where nothing louder than -50 dBFS is in it. ``--unguarded`` shows what the repetition guard does.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.ears import Ears, compared
from engine.engine import Engine
from engine.errors import TextError
from recipes.bundled_voice.texts import test_sentences
from recipes.pocket_minimind.build import TARGET
from recipes.pocket_minimind.corpus import VOICE

RATE = 24_000
# A twentieth of a second.
FRAME = RATE // 20
SENTENCES = 20
RUNAWAY = 2.0
SILENT_DBFS = -50.0
MOST_ERRORS = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What became of the sentences: word errors of both recognisers, and the numbers of those that went wrong."""

    sentences: int
    seconds: float
    wer_tiny: float
    wer_base: float
    runaway: tuple[int, ...]
    silent: tuple[int, ...]

    @property
    def failures(self) -> list[str]:
        """The bars that are missed; of two recognisers the better one counts, since both err by themselves."""
        checks = {
            "word errors": min(self.wer_tiny, self.wer_base) <= MOST_ERRORS,
            "runaway": not self.runaway,
            "silent": not self.silent,
        }
        return [name for name, passed in checks.items() if not passed]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0 when every bar is met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pocket", description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, default=TARGET, help="a folder with a model and its codec")
    parser.add_argument("--count", type=int, default=SENTENCES)
    parser.add_argument("--unguarded", action="store_true", help="without the repetition guard")
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args(arguments)
    texts = test_sentences()[: options.count]
    engine = Engine(device="cpu")
    sounds = [speak(engine, text, options.checkpoint, guarded=not options.unguarded) for text in texts]
    lengths = [len(engine.say(text, system="kokoro", voice=VOICE).samples) for text in texts]
    spoken = judge(Ears(torch.get_num_threads()), texts, sounds, lengths)
    for name, value in asdict(spoken).items():
        sys.stdout.write(f"{name:24} {value}\n")
    sys.stdout.write(f"{'bars missed':24} {', '.join(spoken.failures) or 'none'}\n")
    if options.json:
        options.json.write_text(json.dumps(asdict(spoken), indent=2), encoding="utf-8")
    return 1 if spoken.failures else 0


def speak(engine: Engine, text: str, checkpoint: Path, *, guarded: bool) -> np.ndarray:
    """The samples of ``text``; none where the model says nothing."""
    try:
        guard = {"repetition_guard": guarded}
        return engine.say(text, system="minimind", checkpoint=checkpoint, seed=1, **guard).samples
    except TextError:
        return np.zeros(0, np.float32)


def judge(ears: Ears, texts: Sequence[str], sounds: Sequence[np.ndarray], lengths: Sequence[int]) -> Spoken:
    """What the recognisers make of ``sounds``, which the bundled voice needs ``lengths`` samples for."""
    # A recogniser is not asked about silence: it makes words of it.
    silent = tuple(number for number, sound in enumerate(sounds) if level(sound) < SILENT_DBFS)
    wers = []
    for small in (True, False):
        heard = ["" if n in silent else ears.heard(s, RATE, small=small) for n, s in enumerate(sounds)]
        wers.append(compared(texts, heard).wer)
    return Spoken(
        sentences=len(texts),
        seconds=sum(map(len, sounds)) / RATE,
        wer_tiny=wers[0],
        wer_base=wers[1],
        runaway=tuple(n for n, s in enumerate(sounds) if len(s) > RUNAWAY * lengths[n]),
        silent=silent,
    )


def level(sound: np.ndarray) -> float:
    """The level of the loudest twentieth of a second, in dBFS."""
    # One that is shorter goes on in silence.
    whole = np.pad(sound, (0, max(0, FRAME - len(sound)))).astype(np.float64)
    power = np.square(whole[: len(whole) // FRAME * FRAME]).reshape(-1, FRAME).mean(1).max()
    return float(20 * np.log10(np.sqrt(power) + 1e-10))
