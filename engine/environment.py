"""Goes on in the environment that `make` fills, whichever Python a command was started with. Standard library only.

``python3 -m engine`` and ``python3 webui.py`` are written in many places and typed by many people, few of whom have
activated an environment before.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]
OLDEST_PYTHON = (3, 11)
# Without these nothing speaks; whoever has them has installed the requirements in a way of their own.
NEEDED = ("numpy", "torch", "gradio")


def enter(command: Sequence[str], root: Path = ROOT) -> None:
    """Return where the packages are; else run ``command`` (arguments of Python) in ``root``/.venv and exit with it.

    The environment is made first where there is none yet. Exits with a line that says what to do where that fails.
    """
    folder = root / ".venv"
    if all(find_spec(name) for name in NEEDED) or Path(sys.prefix).resolve() == folder.resolve():
        return
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not any((folder / stamp).exists() for stamp in (".run", ".dev")):
        _install(root)
    arguments = [str(python), *command]
    sys.stdout.flush()
    if os.name == "nt":
        sys.exit(subprocess.call(arguments))
    os.execv(python, arguments)


def _install(root: Path) -> None:
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            f"Polyphone needs Python {'.'.join(map(str, OLDEST_PYTHON))} or newer; this is {sys.version.split()[0]}"
        )
    make = shutil.which("make")
    if make is None:
        sys.exit("Polyphone is not installed yet, and there is no make to do it; install requirements.txt with pip")
    sys.stderr.write("Polyphone is installed into .venv first; this happens once.\n")
    # The answer of a command may be read by a program, so make talks to the error stream.
    done = subprocess.run(
        [make, "--silent", "install", f"PYTHON={sys.executable}"], cwd=root, stdout=sys.stderr, check=False
    )
    if done.returncode:
        sys.exit("Polyphone could not be installed; the lines above say why. Then try again, or run: make install")
