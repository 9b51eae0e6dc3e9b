"""``python -m recipes.kokoro_weights FOLDER``: a folder for ``--checkpoint``, with real weights and five voices."""

import argparse
import sys
from pathlib import Path

from recipes.kokoro_weights.build import build


def main() -> None:
    """Write the folder and say where."""
    parser = argparse.ArgumentParser(prog="python -m recipes.kokoro_weights", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the checkpoint is to be written")
    sys.stdout.write(f"{build(parser.parse_args().folder)}\n")


if __name__ == "__main__":
    main()
