"""What the README shows is what happens."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from engine import registry
from tests.releases import PUBLISHED_WIDTH, chattts_checkpoint

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def run_example(number: int, folder: Path) -> str:
    """Run one of the Python examples in ``folder``, with the models in ``models``; what it prints."""
    example = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[number]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(folder), "POLYPHONE_MODELS_DIR": "models"}
    command = [sys.executable, "-c", example]
    done = subprocess.run(command, cwd=folder, env=environment, check=True, timeout=240, stdout=subprocess.PIPE)
    return done.stdout.decode()


def test_the_python_example_speaks(tmp_path: Path) -> None:
    printed = run_example(0, tmp_path)
    samples, rate = soundfile.read(tmp_path / "kettle.flac")
    assert 0.5 < len(samples) / rate < 3
    assert abs(samples).max() > 0.05
    pieces = re.findall(r"^([0-9.]+) s more to play$", printed, re.MULTILINE)
    assert len(pieces) > 1
    assert 1.5 < sum(map(float, pieces)) < 10


def test_the_example_of_chattts_speaks_with_a_checkpoint_in_its_place(tmp_path: Path) -> None:
    chattts_checkpoint(tmp_path / "models" / "chattts" / "chattts", width=PUBLISHED_WIDTH)
    run_example(1, tmp_path)
    for name in ("walk.opus", "mei.opus"):
        assert 0.5 < soundfile.info(tmp_path / name).duration < 30


def test_every_shell_line_names_a_real_command() -> None:
    lines = re.findall(r"^(?:echo .* \| )?python -m engine (\w+)", README, re.MULTILINE)
    assert set(lines) == {"systems", "say", "voices", "models", "doctor", "train"}
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target


@pytest.mark.parametrize("system", [spec.id for spec in registry.systems()])
def test_every_registered_system_is_in_the_table(system: str) -> None:
    assert re.search(rf"^\| `{system}` \|.*\*\*ready\*\*", README, re.MULTILINE)


def test_the_files_that_it_links_exist() -> None:
    for link in re.findall(r"\]\(((?!https?:)[^)]+)\)", README):
        assert (ROOT / link).exists(), link
