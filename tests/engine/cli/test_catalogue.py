"""``models search``, ``show``, ``recommend`` and the download of what they name, from a hub on loopback."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.cli import main
from engine.systems.vits import SPEC
from tests.engine.cli.conftest import assert_mistake
from tests.hub_server import FakeHub
from tests.piper import MMS, piper_repository

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with FakeHub(piper_repository() | MMS) as hub:
        yield hub


@pytest.fixture
def models(capsys: pytest.CaptureFixture[str], tmp_path: Path, server: FakeHub, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command of models: (status, stdout, stderr)."""
    for name, value in (("POLYPHONE_MODELS_DIR", "models"), ("HF_HOME", "cache")):
        monkeypatch.setenv(name, str(tmp_path / value))
    monkeypatch.setenv("HF_ENDPOINT", server.url)

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main(["models", *map(str, arguments)], (SPEC,))
        return (status, *capsys.readouterr())

    return run


def test_search_lists_what_fits_and_how_much_more_there_is(models: Run) -> None:
    status, out, err = models("search", "german", "low")
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["vits/de_DE-anna-low", "vits/de_DE-eva_k-x_low"]
    assert "Deutsch" in out
    assert "990 kB" in out
    assert "8 more" in models("search", "--limit", 3)[1]
    assert "nothing is found" in models("search", "klingon")[1]
    found = json.loads(models("search", "--speakers", 100, "--json")[1])
    assert [entry["id"] for entry in found["entries"]] == ["vits/en_US-libritts_r-high"]


def test_show_tells_the_licence_and_download_asks_for_it(models: Run, tmp_path: Path) -> None:
    out = models("show", "vits/fr_FR-siwis-medium")[1]
    assert "CC BY-NC-SA 4.0 (accept it with --accept)" in out
    assert "Not for commercial use" in out
    assert_mistake(models("download", "vits/fr_FR-siwis-medium"), "CC BY-NC-SA 4.0", "--accept")
    assert models("download", "vits/fr_FR-siwis-medium", "--accept")[0] == 0
    assert (tmp_path / "models" / "vits" / "fr_FR-siwis-medium" / "MODEL_CARD").is_file()
    assert models("verify", "vits/fr_FR-siwis-medium")[:2] == (0, "vits/fr_FR-siwis-medium is intact\n")
    assert "fr_FR-siwis-medium" in models("list")[1]
    assert json.loads(models("show", "vits/fr_FR-siwis-medium", "--json")[1])["state"] == "ready"


def test_recommend_names_the_best_of_a_language(models: Run) -> None:
    assert models("recommend", "de-DE")[1].split()[0] == "vits/de_DE-thorsten_emotional-medium"
    (best, *_) = json.loads(models("recommend", "en", "--fast", "--commercial", "--json")[1])
    assert best["licence"]["commercial"] is True
    assert "nothing here speaks tlh" in models("recommend", "tlh")[1]


def test_offline_a_search_says_in_a_line_what_to_do(models: Run) -> None:
    assert_mistake(models("search", "german", "--offline"), "go online", status=1)
    models("search")
    assert "anna" in models("search", "german", "--offline")[1]
