"""How soon a request that nobody listens to any more frees its model: the longest steps of a long text.

Work can be stopped wherever the engine yields, so what is between two events is what a vanished listener costs at
worst. A long text is spoken for some seconds; of each step the wall time and the processor's time count, which is the
better figure on a machine with other work. With --random the checkpoint is one of the published size with random
weights (`benchmarks.full_size`), made for the run.

    python -m benchmarks.stopping --system ID [--checkpoint PATH | --random NAME] [--voice VOICE] [--threads N]
                                  [--seconds N] [--set OPTION=VALUE]...
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import full_size
from engine.engine import Engine
from engine.events import AudioChunk, Progress, Started
from engine.options import parse
from engine.request import SynthesisRequest

TEXT = (
    "When the first light of the morning fell on the quiet harbour, nobody was there to see it, because the boats had "
    "left in the night and a dog that walked along the pier looked only at the water below. "
) * 20
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was between two events: seconds of wall and processor time, and what the second event was."""

    wall_s: float
    cpu_s: float
    event: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Speak, and print the longest steps."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stopping", description=__doc__.splitlines()[0])
    parser.add_argument("--system", required=True)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--checkpoint", type=Path)
    which.add_argument("--random", choices=tuple(full_size.WRITERS))
    parser.add_argument("--voice", default="")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=30.0, help="after which it stops")
    parser.add_argument("--set", action="append", default=[], metavar="OPTION=VALUE", dest="options")
    chosen = parser.parse_args(arguments)
    given = dict(each.split("=", 1) for each in chosen.options)
    with tempfile.TemporaryDirectory(prefix="polyphone-stopping-") as folder:
        made = full_size.WRITERS[chosen.random](Path(folder)) if chosen.random else chosen.checkpoint
        steps = spoken(chosen.system, made, given, voice=chosen.voice, threads=chosen.threads, seconds=chosen.seconds)
    _say(f"{chosen.system}, {chosen.threads} threads, {len(steps)} steps")
    _say("    wall s  processor s  then")
    for step in sorted(steps, key=lambda step: -step.cpu_s)[:SHOWN]:
        _say(f"{step.wall_s:10.2f} {step.cpu_s:12.2f}  {step.event}")
    return 0


def spoken(
    system: str,
    checkpoint: Path | None,
    options: dict[str, str],
    *,
    threads: int,
    seconds: float,
    voice: str = "",
    text: str = TEXT,
) -> list[Step]:
    """The steps of ``text`` from when the model is in memory on, for so many ``seconds``."""
    import torch

    torch.set_num_threads(threads)
    engine = Engine(device="cpu")
    spec = engine.system(system)
    request = SynthesisRequest(
        system=system, text=text, options=parse(spec.options, options), checkpoint=checkpoint, seed=1, voice=voice
    )
    steps: list[Step] = []
    events = engine.synthesize(request)
    for event in events:
        if isinstance(event, Started):
            break
    give_up = time.perf_counter() + seconds
    while time.perf_counter() < give_up:
        wall, cpu = time.perf_counter(), time.process_time()
        event = next(events, None)
        if event is None:
            break
        what = event.label if isinstance(event, Progress) else type(event).__name__
        if isinstance(event, AudioChunk):
            what = f"{len(event.samples) / event.sample_rate:.1f} s of sound"
        steps.append(Step(wall_s=time.perf_counter() - wall, cpu_s=time.process_time() - cpu, event=str(what)))
    events.close()
    return steps


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
