"""``python -m engine.systems.vits.offline``: make the offline voice anew (``make voice``)."""

import argparse
import sys
from pathlib import Path

import torch

from engine.systems.vits.offline.build import Plan, make


def main() -> None:
    """Run or resume all stages, a line for each step of progress."""
    parser = argparse.ArgumentParser(prog="python -m engine.systems.vits.offline", description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("runs/offline"), help="folder for intermediate files")
    parser.add_argument("--target", type=Path, default=Path("assets/voices/vits"), help="folder of the finished voice")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    for name, value in (
        ("sentences", 5200),
        ("acoustic-minutes", 55.0),
        ("spectral-minutes", 50.0),
        ("adversarial-minutes", 60.0),
    ):
        parser.add_argument(f"--{name}", type=type(value), default=value)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    plan = Plan(
        sentences=options.sentences,
        acoustic_minutes=options.acoustic_minutes,
        spectral_minutes=options.spectral_minutes,
        adversarial_minutes=options.adversarial_minutes,
    )
    for progress in make(options.work, options.target, plan):
        share = f"{progress.done:.1f}/{progress.total:.1f}" if progress.total else ""
        sys.stderr.write(f"{share} {progress.label}\n")


if __name__ == "__main__":
    main()
