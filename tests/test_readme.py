"""What the README shows is what happens."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import soundfile

from engine import registry
from engine.cli import COMMANDS
from tests.releases import PUBLISHED_WIDTH, chattts_checkpoint, styletts2_checkpoint
from tests.test_citations import headings
from tests.valle import vallex_checkpoint

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


def shell_commands() -> list[str]:
    """Every line of the README's shell blocks, continued lines joined; `make` answers for itself."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL)).replace("\\\n", " ")
    return [line for line in blocks.splitlines() if line.strip() and not line.startswith("make ")]


@pytest.mark.slow
def test_every_shell_command_works_as_it_is_written(tmp_path: Path) -> None:
    chattts_checkpoint(tmp_path / "models" / "chattts" / "chattts", width=PUBLISHED_WIDTH)
    weights = "Models/LibriTTS/epochs_2nd_00020.pth"
    styletts2_checkpoint(tmp_path / "models" / "styletts2" / "libritts", "e2e_tiny_libri", weights)
    vallex_checkpoint(tmp_path / "models" / "vallex" / "vallex", encodec=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    environment = os.environ | {
        "PYTHONPATH": f"{ROOT}:{sysconfig.get_paths()['purelib']}",
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "POLYPHONE_MODELS_DIR": "models",
        # What is downloaded lies there already; a hub that serves them in small is in tests/ui/test_releases.py.
        "HF_HUB_OFFLINE": "1",
    }
    # Serving others is tried in tests/test_webui.py.
    others = (" models download ", "webui.py")
    commands = [command for command in shell_commands() if not any(other in command for other in others)]
    assert {re.search(r"-m engine (\w+)", command)[1] for command in commands} >= {"systems", "say", "voices", "models"}
    for command in commands:
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    for name in ("ada.opus", "pipe.wav", "angry.wav", "cloned.wav", "ada.roundtrip.wav", "ask.wav"):
        assert 0.5 < soundfile.info(tmp_path / name).duration < 90, name


def test_every_command_is_a_real_one() -> None:
    for command in re.findall(r"python3 -m engine ([a-z]+)", README):
        assert command in COMMANDS, command
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target


@pytest.mark.parametrize("system", [spec.id for spec in registry.systems()])
def test_every_registered_system_is_in_the_table(system: str) -> None:
    assert re.search(rf"^\| `{system}` \|.*\*\*ready\*\*", README, re.MULTILINE)


def test_the_files_that_it_links_exist() -> None:
    for link in re.findall(r"\]\(((?!https?:)[^)]+)\)", README):
        path, _, heading = link.partition("#")
        assert (ROOT / path).exists(), link
        assert not heading or heading in headings(ROOT / path), link
