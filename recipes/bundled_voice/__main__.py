"""``python -m recipes.bundled_voice``: make the voices that ship anew (``make voice``)."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

import torch

from engine.systems.kokoro import BUNDLED
from recipes.bundled_voice.build import Plan, make


def main() -> None:
    """Run or resume all stages, a line for each step of progress."""
    parser = argparse.ArgumentParser(prog="python -m recipes.bundled_voice", description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("runs/bundled_voice"), help="folder for intermediate files")
    parser.add_argument("--target", type=Path, default=BUNDLED, help="folder of the finished voices")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    for field in fields(Plan):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(field.default), default=field.default)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    plan = Plan(**{field.name: getattr(options, field.name) for field in fields(Plan)})
    for progress in make(options.work, options.target, plan):
        share = f"{progress.done:.1f}/{progress.total:.1f}" if progress.total else ""
        sys.stderr.write(f"{share} {progress.label}\n")


if __name__ == "__main__":
    main()
