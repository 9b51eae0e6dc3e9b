"""What docs/openai.md shows is what happens, with the voices that ship."""

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import av
import pytest

from benchmarks.load import started

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "openai.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def length_s(path: Path) -> float:
    with av.open(str(path)) as file:
        return sum(frame.samples for frame in file.decode(audio=0)) / file.streams.audio[0].rate


@pytest.mark.slow
def test_the_examples_speak(tmp_path: Path) -> None:
    assert shutil.which("curl"), "the page's commands are curl's"
    environment = {
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "POLYPHONE_MODELS_DIR": "models",
        "PYTHONPATH": f"{ROOT}:{sysconfig.get_paths()['purelib']}",
    }
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    with started("--models-dir", str(tmp_path / "models")) as url:
        (example,) = blocks("python")
        shell = "\n".join(blocks("sh")).replace("http://127.0.0.1:7860/", url)
        example = example.replace("http://127.0.0.1:7860/", url)
        subprocess.run([sys.executable, "-c", example], cwd=tmp_path, env=environment, check=True, timeout=240)
        done = subprocess.run(
            ["sh", "-e", "-c", shell], cwd=tmp_path, env=environment, check=True, timeout=240, stdout=subprocess.PIPE
        )
    assert 0.5 < length_s(tmp_path / "kettle.opus") < 4
    assert 0.5 < length_s(tmp_path / "tea.mp3") < 4
    printed = done.stdout.decode()
    assert '"id": "kokoro"' in printed
    assert '"id": "af_clara"' in printed
    assert "Open WebUI: since " in printed
    assert "opens nothing any more" in printed
