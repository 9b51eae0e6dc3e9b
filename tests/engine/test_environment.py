"""A command that is typed outside the environment goes on inside it."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ENGINE = Path(__file__).parents[2] / "engine"


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has no packages."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False, symlinks=True)
    return folder / "bin" / "python"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the engine in it and a Makefile whose installation leaves a Python that tells what it is given."""
    (tmp_path / "engine").symlink_to(ENGINE)
    (tmp_path / "recorder").write_text('#!/bin/sh\nprintf "<%s>" "$@"\nexit 7\n')
    (tmp_path / "recorder").chmod(0o755)
    (tmp_path / "Makefile").write_text(
        "install:\n\t@echo installing\n\t@mkdir -p .venv/bin\n\t@cp recorder .venv/bin/python\n\t@touch .venv/.run\n"
    )
    return tmp_path


def run(python: Path, clone: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    code = (
        "import sys; from pathlib import Path; from engine.environment import enter;"
        f"enter(['-m', 'engine', *sys.argv[1:]], Path({str(clone)!r}))"
    )
    return subprocess.run(
        [str(python), "-c", code, *arguments], cwd=clone, env=os.environ | environment, capture_output=True, text=True,
        timeout=240, check=False,
    )  # fmt: skip


def test_it_is_installed_once_and_then_gets_the_whole_command(bare_python: Path, clone: Path) -> None:
    first = run(bare_python, clone, "say", "two words", "--json")
    assert first.stdout == "<-m><engine><say><two words><--json>"
    assert first.returncode == 7
    assert "installed into .venv first" in first.stderr
    assert "installing" in first.stderr
    second = run(bare_python, clone, "doctor")
    assert second.stdout == "<-m><engine><doctor>"
    assert second.stderr == ""


def test_an_installation_that_fails_is_said_in_words(bare_python: Path, clone: Path) -> None:
    (clone / "Makefile").write_text("install:\n\t@echo no network; exit 1\n")
    done = run(bare_python, clone, "doctor")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "could not be installed" in done.stderr
    without = run(bare_python, clone, "doctor", PATH="")
    assert "there is no make" in without.stderr


def test_where_the_packages_are_nothing_happens(clone: Path) -> None:
    done = run(Path(sys.executable), clone, PYTHONPATH=str(clone))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
