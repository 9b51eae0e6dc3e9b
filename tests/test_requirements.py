"""The program is installed with what it imports, and with nothing else but what a comment gives a reason for."""

import ast
import functools
import re
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from engine.text import packages

ROOT = Path(__file__).parent.parent
SOURCES = [
    ROOT / "webui.py",
    *(path for folder in ("engine", "server", "ui") for path in (ROOT / folder).rglob("*.py")),
]
OURS = {"engine", "server", "ui"}
# What we import and do not list, and what brings it.
BROUGHT = {
    "anyio": "gradio",
    "fastapi": "gradio",
    "llvmlite": "numba",
    "packaging": "gradio",
    "pillow": "gradio",
    "starlette": "gradio",
    "tokenizers": "transformers",
    "uvicorn": "gradio",
}
# Derive tables that ship; who runs the program has no use for them.
DEVELOPMENT = {"eng-to-ipa", "iso639-lang", "langcodes", "langid"}
# Of one language alone; whoever speaks it is told to install it.
OPTIONAL = {each.module for each in packages.OPTIONAL}
# For a command of its own; whoever uses it is told to install it.
COMMANDS = {"wyoming": "requirements-home.txt"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", name)[0]).lower()


def listed(file: str) -> dict[str, str]:
    """The packages that a file lists, each with the comment of its paragraph."""
    packages, comment, before = {}, "", ""
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            comment = f"{comment} {line}" if before.startswith("#") else line
        elif line.strip():
            packages[normal(line)] = comment.lower()
        before = line
    return packages


@functools.cache
def imported() -> frozenset[str]:
    """The distributions of everything that our sources import, also inside functions."""
    names: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module or "")
    tops = (
        {name.split(".")[0] for name in names}
        - OURS
        - OPTIONAL
        - COMMANDS.keys()
        - set(sys.stdlib_module_names)
        - {"_typeshed"}
    )
    found = packages_distributions()
    return frozenset(normal(distribution) for top in tops for distribution in found[top])


def test_what_is_imported_is_installed() -> None:
    assert imported() - listed("requirements.txt").keys() - BROUGHT.keys() - DEVELOPMENT == set()
    assert listed("requirements-dev.txt").keys() >= DEVELOPMENT
    for package, by in BROUGHT.items():
        assert by in listed("requirements.txt")
        assert package in {normal(each) for each in requires(by) or ()}, f"{by} brings no {package}"


def test_what_a_language_takes_is_listed_for_it() -> None:
    for each in packages.OPTIONAL:
        assert normal(each.package) in listed(f"requirements-{each.code}.txt")
        assert normal(each.package) not in listed("requirements.txt")


def test_what_a_command_takes_is_listed_for_it() -> None:
    for package, file in COMMANDS.items():
        assert package in listed(file)
        assert package not in listed("requirements.txt")


def test_what_is_installed_is_imported_or_has_a_reason() -> None:
    for package, comment in listed("requirements.txt").items():
        assert package in imported() or package in comment, (
            f"nothing imports {package}, and no comment says why it is there"
        )
