"""``python -m recipes.pocket_minimind``: make the pocket weights of MiniMind-TTS (``make pocket``)."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

import torch

from recipes.pocket_minimind.build import TARGET, Plan, make


def main() -> None:
    """Run or resume all stages, a line for each step of progress that says something new."""
    parser = argparse.ArgumentParser(prog="python -m recipes.pocket_minimind", description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("runs/pocket_minimind"), help="folder for intermediate files")
    parser.add_argument("--target", type=Path, default=TARGET, help="folder of the finished weights")
    for field in fields(Plan):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(field.default), default=field.default)
    options = parser.parse_args()
    torch.set_flush_denormal(True)
    last = ""
    for progress in make(
        options.work, options.target, Plan(**{f.name: getattr(options, f.name) for f in fields(Plan)})
    ):
        label = str(progress.label)
        if label != last:
            sys.stderr.write(f"{progress.done:.0f} {label}\n")
        last = label


if __name__ == "__main__":
    main()
