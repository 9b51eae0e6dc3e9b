"""``models`` on the command line: the public releases of a real system, from a hub on loopback."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import registry
from engine.cli import main
from tests.hub_server import FakeHub

REPO = "ml-for-speech/MB-iSTFT-VITS"
FILE = "pretrained_Mini_MB_iSTFT_VITS_ddp.pth"
WEIGHTS = bytes(range(256)) * 1000
ID = "vits/ljs-mini-mb"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with FakeHub({REPO: {FILE: WEIGHTS}}) as hub:
        yield hub


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, server: FakeHub, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command of models: (status, stdout, stderr)."""
    monkeypatch.setenv("POLYPHONE_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_ENDPOINT", server.url)

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main(["models", *map(str, arguments)])
        return (status, *capsys.readouterr())

    return run


def test_list_shows_every_release_with_state_size_and_licence(run: Run) -> None:
    status, out, err = run("list")
    assert (status, err) == (0, "")
    assert "vits/ljs-mb" in out
    assert "~417 MB" in out
    assert "needs your file" in out
    cards = {card["id"]: card for card in json.loads(run("list", "--json")[1])}
    assert cards["kokoro/built-in"]["state"] == "ready"
    assert cards[ID]["state"] == "downloadable"
    assert cards[ID]["licence"]["weights"] == "Apache-2.0"
    specs = (*registry.systems(), *registry.recognisers(), *registry.codecs())
    published = {f"{spec.id}/{release.name}" for spec in specs for release in spec.releases}
    assert set(cards) == {"kokoro/built-in", "whisper/built-in", *published}


def test_download_verify_where_and_delete(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "vits" / "ljs-mini-mb"
    assert run("where", ID) == (0, f"{folder}\n", "")
    assert run("download", ID)[:2] == (0, f"{ID} is here: {folder}\n")
    assert folder.joinpath("G_0.pth").read_bytes() == WEIGHTS
    assert json.loads(folder.joinpath("config.json").read_text())["model"]["mb_istft_vits"] is True
    assert run("verify", ID)[:2] == (0, f"{ID} is intact\n")
    assert json.loads(run("download", ID, "--json")[1])["state"] == "ready"
    folder.joinpath("G_0.pth").write_bytes(b"\1" + WEIGHTS[1:])
    status, out, err = run("verify", ID)
    assert (status, out) == (2, "")
    assert err == f"polyphone: {ID}: G_0.pth is damaged; delete it and fetch it again\n"
    status, out, _ = run("delete", ID, "--json")
    assert json.loads(out)["freed"] > len(WEIGHTS)
    assert not folder.exists()
    assert json.loads(run("where", ID, "--json")[1]) == {"id": ID, "path": str(folder)}


def test_mistakes_are_one_line_and_status_2_and_the_network_is_status_1(run: Run, server: FakeHub) -> None:
    for arguments, words in (
        (("download", "vits/nothing"), "there is no model 'vits/nothing'"),
        (("download", "opera/x"), "no system 'opera'"),
        (("download", "vits/ljs"), "needs "),
        (("verify", ID), "is not here yet"),
        (("delete", "kokoro/built-in"), "ships with Polyphone"),
        (("import", "vits", "/no/such/place"), "there is no file or folder"),
        (("download", ID, "--endpoint", "ftp://x"), "ftp://x"),
        ((), "required"),
    ):
        status, out, err = run(*arguments)
        assert (status, out, err.count("\n")) == (2, "", 1), err
        assert words in err
    status, out, err = run("download", ID, "--offline")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert f"bring {server.url}/{REPO}/resolve/main/{FILE} as " in err
    assert server.log == []


def test_a_voice_is_imported_checked_and_speaks_by_its_id(run: Run, tmp_path: Path) -> None:
    bundled = registry.find("kokoro").bundled
    status, out, _ = run("import", "kokoro/copy", bundled, "--json")
    assert status == 0
    assert json.loads(out)["id"] == "kokoro/copy"
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    wrong.joinpath("config.json").write_bytes(bundled.joinpath("config.json").read_bytes())
    wrong.joinpath("kokoro-1.pth").write_bytes(b"<html>")
    status, out, err = run("import", "kokoro", wrong)
    assert (status, out) == (2, "")
    assert "kokoro-1.pth is a web page" in err
    say = ["say", "Hi.", "--system", "kokoro", "--seed", "1", "--out"]
    assert main([*say, str(tmp_path / "a.wav"), "--checkpoint", "kokoro/copy"]) == 0
    assert main([*say, str(tmp_path / "b.wav")]) == 0
    (by_id, _), (shipped, _) = (soundfile.read(tmp_path / name) for name in ("a.wav", "b.wav"))
    assert np.array_equal(by_id, shipped)
    assert main([*say, str(tmp_path / "c.wav"), "--checkpoint", ID]) == 2
    cards = {card["id"]: card for card in json.loads(_last(run("list", "--json")[1]))}
    assert cards["kokoro/copy"]["last_used"] > 1.7e9


def _last(out: str) -> str:
    """The array in an output that begins with other commands' lines."""
    return out[out.index("[\n") :]
