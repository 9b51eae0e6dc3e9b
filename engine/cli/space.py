"""``space``: whether a folder can be a Space of Hugging Face, before it is uploaded: docs/hosting.md#spaces."""

import argparse
import ast
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from engine.cli.output import answer
from engine.doctor import Finding
from engine.errors import ConfigError, UserError
from engine.system import SystemSpec

# What the host knows of a Gradio Space's front matter; the rest of it is another kind's.
KEYS = frozenset({
    "title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "python_version", "app_file", "license", "pinned",
    "short_description", "models", "datasets", "tags", "suggested_hardware", "preload_from_hub", "thumbnail",
    "startup_duration_timeout", "fullWidth", "header", "disable_embedding", "hf_oauth", "hf_oauth_scopes",
})  # fmt: skip
COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
PYTHONS = ("3.10", "3.12", "3.13")  # that a Space is built with; ZeroGPU has the first two
LONGEST_DESCRIPTION = 60
# Of a repository without storage of its own for large files, which `hf upload` uses by itself.
PLAIN_FILE = 10_000_000
WHOLE = 1_000_000_000
LONGEST_START_S = 120.0
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_PIN = re.compile(r"([\w.-]+)(?:\[[\w,]+\])?==([\w.!+]+)\s*(?:;.*)?")
_URL = re.compile(rb"answers at (http://\S+)")


def add(commands: Any) -> None:
    """Declare the command."""
    space = commands.add_parser("space", help="check a folder before it becomes a Space", allow_abbrev=False)
    inner = space.add_subparsers(dest="act", required=True, metavar="check")
    check = inner.add_parser("check", help="look at its files, and with --start, start it", allow_abbrev=False)
    check.add_argument("folder", type=Path, nargs="?", default=Path(), metavar="FOLDER")
    check.add_argument("--start", action="store_true", help="start it as the host does, and wait until it answers")
    check.set_defaults(run=_run)


def _run(chosen: argparse.Namespace, _specs: tuple[SystemSpec, ...] | None) -> int:
    wrong = 0
    for finding in look(chosen.folder, start=chosen.start):
        wrong += finding.state == "error"
        answer(f"{finding.state:8}{finding.name}: {finding.fact}" + (f"; {finding.advice}" * bool(finding.advice)))
    return 2 if wrong else 0


def look(folder: Path, *, start: bool = False) -> Iterator[Finding]:
    """What is found of a folder that is to be a Space. Nothing in it is run unless it is to ``start``."""
    try:
        front = front_matter(folder)
    except UserError as error:
        yield Finding(name="README.md", state="error", fact=str(error))
        return
    yield from _facts(front)
    yield from _application(folder, front)
    yield from _requirements(folder, front)
    yield from _sizes(folder)
    if start:
        yield _start(folder, front)


def front_matter(folder: Path) -> Mapping[str, Any]:
    """What stands at the head of README.md. Raises ConfigError."""
    try:
        text = (folder / "README.md").read_text("utf-8")
    except (OSError, UnicodeError) as error:
        raise ConfigError("{folder} has no README.md that can be read", folder=folder) from error
    match = _FRONT.match(text)
    try:
        front = yaml.safe_load(match[1]) if match else None
    except yaml.YAMLError as error:
        raise ConfigError("the front matter is no YAML: {reason}", reason=" ".join(str(error).split())) from error
    if not isinstance(front, dict):
        raise ConfigError("there is no front matter; a Space's README.md begins with a block between two lines of ---")
    return front


def _facts(front: Mapping[str, Any]) -> Iterator[Finding]:
    for name, allowed in (
        ("sdk", ("gradio",)), ("colorFrom", COLOURS), ("colorTo", COLOURS), ("python_version", PYTHONS),
    ):  # fmt: skip
        if front.get(name) not in allowed:
            yield _wrong(name, f"it is {front.get(name)!r}", f"write one of {', '.join(allowed)}, in quotes")
    for name in ("title", "emoji", "app_file", "license"):
        if not isinstance(front.get(name), str) or not front[name].strip():
            yield _wrong(name, "it is missing", "name it")
    if len(str(front.get("short_description", ""))) > LONGEST_DESCRIPTION:
        yield _wrong("short_description", f"it is longer than {LONGEST_DESCRIPTION} characters", "shorten it")
    if unknown := sorted(front.keys() - KEYS):
        yield _wrong("front matter", f"the host knows no {', '.join(map(str, unknown))}", "leave it out")
    yield Finding(name="front matter", state="ok", fact=f"{front.get('title')}, {len(front)} fields")


def _application(folder: Path, front: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether what is started is there, with all of ours that it imports."""
    name = str(front.get("app_file") or "app.py")
    path = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts or not path.is_file():
        yield _wrong("app_file", f"there is no {name}", "name the file that starts the studio")
        return
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (SyntaxError, ValueError) as error:
        yield _wrong("app_file", f"{name} is no Python: {error}", "mend it")
        return
    here = {each.name for each in Path(__file__).parents[2].iterdir() if each.is_dir()}
    wanted = {each.module.split(".")[0] for each in ast.walk(tree) if isinstance(each, ast.ImportFrom) and each.module}
    missing = sorted(each for each in (wanted & here) | {"assets"} if not (folder / each).is_dir())
    if missing:
        yield _wrong("folders", f"{', '.join(missing)} is missing", "upload it, too")
    yield Finding(name="app_file", state="ok", fact=name)


def _requirements(folder: Path, front: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether every package is pinned, and Gradio to the very version that the host installs."""
    try:
        lines = (folder / "requirements.txt").read_text("utf-8").splitlines()
    except (OSError, UnicodeError):
        yield _wrong("requirements.txt", "it cannot be read", "put it beside README.md")
        return
    asked = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    pins = {match[1].lower(): match[2] for match in map(_PIN.fullmatch, asked) if match}
    if loose := [line for line in asked if not _PIN.fullmatch(line)]:
        yield _wrong("requirements.txt", f"not pinned: {', '.join(loose)}", "write NAME==VERSION")
    if (version := str(front.get("sdk_version"))) != pins.get("gradio"):
        fact = f"it is {version}, and requirements.txt has gradio=={pins.get('gradio')}"
        yield _wrong("sdk_version", fact, "the host installs its own over it: write the same")
    yield Finding(name="requirements.txt", state="ok", fact=f"{len(pins)} packages, pinned")


def _sizes(folder: Path) -> Iterator[Finding]:
    files = [path for path in _files(folder) if path.is_file()]
    whole = sum(path.stat().st_size for path in files)
    if whole > WHOLE:
        yield _wrong("size", f"{whole / 1e9:.1f} GB in all, of at most {WHOLE / 1e9:g}", "leave models out")
    for path in files:
        if (size := path.stat().st_size) > PLAIN_FILE:
            yield Finding(
                name="size",
                state="warning",
                fact=f"{path.relative_to(folder)} has {size / 1e6:.1f} MB",
                advice="git push refuses it without LFS; hf upload sees to it by itself",
            )
    yield Finding(name="size", state="ok", fact=f"{len(files)} files, {whole / 1e6:.1f} MB")


def _files(folder: Path) -> Iterator[Path]:
    """What would be uploaded: nothing of git's, and no environment."""
    for path in sorted(folder.iterdir()):
        if path.name not in (".git", ".venv", "__pycache__"):
            yield from _files(path) if path.is_dir() and not path.is_symlink() else [path]


def _start(folder: Path, front: Mapping[str, Any]) -> Finding:
    """How long it takes to answer where nothing was compiled before, in an environment such as the host's."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
    with tempfile.TemporaryDirectory() as home:
        told = {
            "SYSTEM": "spaces", "SPACE_ID": "somebody/polyphone", "SPACE_HOST": "somebody-polyphone.hf.space",
            "POLYPHONE_PORT": port, "POLYPHONE_OFFLINE": "1", "HOME": home, "TMPDIR": home,
            "PYTHONPYCACHEPREFIX": home,
        }  # fmt: skip
        return _started([sys.executable, str(front.get("app_file"))], folder, os.environ | told)


def _started(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Finding:
    began = time.monotonic()
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        try:
            said, found = b"", None
            for line in process.stdout or ():
                said += line
                if found := _URL.search(line):
                    break
            took = time.monotonic() - began
        finally:
            # It owns nothing that needs an orderly end but its folder, which goes with ours.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    if not found:
        return _wrong("start", said.decode(errors="replace").strip()[-300:] or "it ended without a word", "mend it")
    fact = f"it answers after {took:.0f} s"
    if took > LONGEST_START_S:
        return _wrong("start", fact, f"more than {LONGEST_START_S:.0f} s make visitors leave")
    return Finding(name="start", state="ok", fact=fact)


def _wrong(name: str, fact: str, advice: str) -> Finding:
    return Finding(name=name, state="error", fact=fact, advice=advice)
