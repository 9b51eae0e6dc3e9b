"""What is said of a folder before it becomes a Space."""

import shutil
import subprocess
from pathlib import Path

import pytest

from engine.cli.space import LONGEST_START_S, front_matter, look
from engine.errors import ConfigError
from server.flags import is_space

ROOT = Path(__file__).parents[3]
README = """---
title: Polyphone
emoji: A
colorFrom: green
colorTo: gray
sdk: gradio
sdk_version: 6.31.0
python_version: "3.12"
app_file: webui.py
license: apache-2.0
---
# Words
"""
PROGRAM = """
import time
def later():
    from engine.x import y
print("Polyphone answers at http://127.0.0.1:1/", flush=True)
time.sleep(60)
"""
PINS = """# a comment
gradio==6.31.0
audioop-lts==0.2.2; python_version >= "3"
"""


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """A folder that could be a Space."""
    for folder in ("engine", "assets"):
        (tmp_path / folder).mkdir()
    (tmp_path / "README.md").write_text(README)
    (tmp_path / "requirements.txt").write_text(
        '# a comment\ngradio==6.31.0\naudioop-lts==0.2.2; python_version >= "3"\n'
    )
    (tmp_path / "webui.py").write_text(PROGRAM)
    return tmp_path


def wrong(folder: Path, **more: bool) -> list[str]:
    return [finding.name for finding in look(folder, **more) if finding.state == "error"]


def test_the_tree_as_it_is_uploaded_is_a_space(tmp_path: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    attributes = (ROOT / ".gitattributes").read_text()
    left = tuple(line.split()[0].removeprefix("/") for line in attributes.splitlines() if " export-ignore" in line)
    for name in filter(None, listed):
        if (ROOT / name).is_file() and not name.startswith(left):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    findings = list(look(tmp_path))
    assert [finding for finding in findings if finding.state == "error"] == []
    assert [finding.fact for finding in findings if finding.state == "warning"] == [
        "assets/voices/kokoro/kokoro-small.pth has 19.7 MB"
    ]
    assert not (tmp_path / "tests").exists()


def test_what_is_well_is_said_and_what_starts_is_timed(run, space: Path) -> None:
    status, told, errors = run("space", "check", space, "--start")
    assert (status, errors) == (0, "")
    assert "ok      requirements.txt: 2 packages, pinned" in told
    assert "ok      start: it answers after " in told
    assert LONGEST_START_S == 120


@pytest.mark.parametrize(
    ("file", "before", "after", "name"),
    [
        ("README.md", "sdk: gradio", "sdk: docker", "sdk"),
        ("README.md", 'python_version: "3.12"', "python_version: 3.11", "python_version"),
        ("README.md", "colorTo: gray", "colorTo: teal", "colorTo"),
        ("README.md", "license: apache-2.0\n", "", "license"),
        ("README.md", "license: apache-2.0\n", "license: x\nhardware: big\n", "front matter"),
        ("README.md", "emoji: A", f"emoji: A\nshort_description: {'long ' * 20}", "short_description"),
        ("README.md", "6.31.0", "6.30.0", "sdk_version"),
        ("README.md", "app_file: webui.py", "app_file: app.py", "app_file"),
        ("README.md", "app_file: webui.py", "app_file: ../webui.py", "app_file"),
        ("README.md", "---\n# Words", "# Words", "README.md"),
        ("README.md", "title: Polyphone", "title: [", "README.md"),
        ("requirements.txt", "gradio==6.31.0", "gradio==6.31.0\nnumpy>=2", "requirements.txt"),
        ("webui.py", "from engine", "from (engine", "app_file"),
    ],
)
def test_what_the_host_would_stumble_over_is_named(space: Path, file: str, before: str, after: str, name: str) -> None:
    text = (space / file).read_text()
    assert before in text
    (space / file).write_text(text.replace(before, after))
    assert wrong(space) == [name]


def test_what_is_missing_or_does_not_start_is_an_error(run, space: Path) -> None:
    (space / "webui.py").write_text("raise SystemExit('no such luck')\n")
    (finding,) = (finding for finding in look(space, start=True) if finding.state == "error")
    assert (finding.name, finding.fact) == ("start", "no such luck")
    (space / "engine").rmdir()
    (space / "webui.py").write_text(PROGRAM)
    assert wrong(space) == ["folders"]
    (space / "requirements.txt").unlink()
    assert wrong(space) == ["folders", "requirements.txt"]
    status, told, _ = run("space", "check", space)
    assert status == 2
    assert "error   folders: engine is missing; upload it, too" in told
    with pytest.raises(ConfigError, match=r"no README\.md"):
        front_matter(space / "nowhere")


def test_a_space_is_known_by_its_name() -> None:
    assert is_space({"SPACE_HOST": "me-polyphone.hf.space"})
    assert not is_space({})
