"""The image's recipe, as far as it can be held without building one: what it copies, runs as, asks and is told."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from engine.system import SystemSpec
from tests.ui.test_access import TABLE
from ui.app import Studio
from webui import read_flags

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


def steps() -> list[tuple[str, str]]:
    """Every instruction with its arguments, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.split(None, 1)[1]) for line in text.splitlines() if line.strip()]


def last(instruction: str) -> str:
    return [arguments for name, arguments in steps() if name == instruction][-1]


def ignored(name: str) -> bool:
    """Whether .dockerignore keeps ``name`` from the build: its last line that fits decides."""
    answer = False
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#") and fnmatch(name, pattern):
            answer = not line.startswith("!")
    return answer


def copied() -> list[str]:
    """What is copied out of the tree."""
    found = [shlex.split(arguments)[:-1] for name, arguments in steps() if name == "COPY" and "--from" not in arguments]
    return [name for names in found for name in names]


def test_what_is_copied_is_there_and_is_all_that_the_program_needs() -> None:
    for name in copied():
        assert (ROOT / name).exists(), name
        assert not ignored(name), name
    for name in (".git", ".venv", "tests", "benchmarks", "models", "requirements-dev.txt", "compose.yaml"):
        assert ignored(name), name
    imported = set(re.findall(r"^\s*from (engine|server|ui)\b", (ROOT / "webui.py").read_text("utf-8"), re.MULTILINE))
    assert imported | {"assets", "webui.py", "LICENSE"} <= set(copied())


def test_it_runs_as_nobody_in_particular_and_keeps_its_models_in_a_volume() -> None:
    names = [name for name, _ in steps()]
    assert last("USER") == "polyphone"
    assert names.index("USER") > max(index for index, name in enumerate(names) if name in ("RUN", "COPY"))
    assert "useradd --uid 1000" in DOCKERFILE
    told = dict(part.split("=", 1) for part in shlex.split(last("ENV")))
    assert told["POLYPHONE_MODELS_DIR"] == last("VOLUME") == "/models"
    assert told["POLYPHONE_PORT"] == last("EXPOSE")
    assert json.loads(last("ENTRYPOINT")) == ["python3", "webui.py"]


def test_every_flag_that_is_told_is_one_of_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["webui.py"])
    known = {f"POLYPHONE_{name.upper()}" for name in vars(read_flags())}
    said = DOCKERFILE + json.dumps(COMPOSE) + (ROOT / "docs" / "hosting.md").read_text("utf-8")
    assert set(re.findall(r"POLYPHONE_\w+", said)) <= known


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"TORCH": "cpu"}, "--torch-backend cpu -r requirements.txt"),
        ({"TORCH": "cuda"}, "--compile-bytecode -r requirements.txt"),
        ({"TORCH": "cuda", "LANGUAGES": "ja ko"}, "requirements.txt -r requirements-ja.txt -r requirements-ko.txt"),
        ({"TORCH": "rocm"}, None),
    ],
)
def test_the_packages_are_those_of_the_processor_or_of_cuda(given: dict[str, str], asked: str | None) -> None:
    script = next(arguments for name, arguments in steps() if name == "RUN" and "TORCH" in arguments)
    script = script.replace("/opt/polyphone/bin/uv", "echo")
    done = subprocess.run(["sh", "-c", script], env=given, capture_output=True, text=True, check=False)
    assert done.returncode == (0 if asked else 1)
    assert (asked or "TORCH is cpu or cuda, not rocm") in done.stdout + done.stderr


def test_the_installer_knows_the_builds_without_cuda() -> None:
    uv = Path(sys.executable).with_name("uv")
    told = subprocess.run([uv, "pip", "install", "--help"], capture_output=True, text=True, check=True).stdout
    assert "--torch-backend" in told
    assert "--compile-bytecode" in told


def test_its_health_is_asked_for_where_everybody_may_ask(
    serve_studio: Callable[..., Studio], fake_spec: SystemSpec
) -> None:
    command = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    address = re.search(r"http://127\.0\.0\.1:7860(/[\w/]+)", command[-1])
    assert TABLE["GET", address[1]] == "nothing"
    assert command[:2] == ["python3", "-c"]

    def asked(url: str) -> int:
        code = command[-1].replace("http://127.0.0.1:7860/", url)
        return subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=240, check=False).returncode

    studio = serve_studio(fake_spec)
    assert asked(studio.url) == 0
    studio.close()
    assert asked(studio.url) != 0


def test_the_services_are_public_shut_in_and_told_apart() -> None:
    services = COMPOSE["services"]
    assert services["studio"]["ports"] != services["studio-cuda"]["ports"]
    assert services["studio-cuda"]["build"]["args"] == {"TORCH": "cuda"}
    assert services["studio-cuda"]["profiles"] == ["cuda"]
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") and port.endswith(":7860") for port in service["ports"])
        assert service["environment"]["POLYPHONE_PUBLIC"] == "1"
        assert service["volumes"] == ["models:/models"]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
    assert "models" in COMPOSE["volumes"]
