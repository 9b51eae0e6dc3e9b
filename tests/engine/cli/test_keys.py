"""The command ``keys``."""

import json
from pathlib import Path

import pytest

from engine.cli import main
from engine.keys import FILE, Keys


def run(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> tuple[int, str, str]:
    status = main(["keys", *arguments, "--models-dir", str(folder)])
    return (status, *capsys.readouterr())


def test_a_key_is_made_listed_and_revoked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, secret, _ = run(capsys, tmp_path, "create", "Open WebUI", "--seconds", "60", "--at-once", "2")
    assert status == 0
    found = Keys(tmp_path / FILE).find(secret.strip())
    assert (found.name, found.seconds, found.at_once) == ("Open WebUI", 60, 2)
    _, listed, _ = run(capsys, tmp_path, "list")
    assert listed.startswith("Open WebUI: since ")
    assert "60 s and 600 requests an hour, 2 at once" in listed
    _, described, _ = run(capsys, tmp_path, "list", "--json")
    assert json.loads(described)[0]["name"] == "Open WebUI"
    assert secret.strip() not in listed + described
    assert "hash" not in described
    assert run(capsys, tmp_path, "revoke", "open webui")[0] == 0
    assert Keys(tmp_path / FILE).find(secret.strip()) is None
    assert "no key yet" in run(capsys, tmp_path, "list")[1]


@pytest.mark.parametrize("value", ["0", "-1", "x", "1e3", "9999999999", "²"])
def test_a_limit_is_a_number(capsys: pytest.CaptureFixture[str], tmp_path: Path, value: str) -> None:
    status, _, errors = run(capsys, tmp_path, "create", "Ann", f"--requests={value}")
    assert status == 2
    assert "--requests must be a whole number above 0" in errors
    assert not (tmp_path / FILE).exists()


def test_what_cannot_be_is_told_in_a_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert json.loads(run(capsys, tmp_path, "create", "Ann", "--json")[1]).keys() == {"name", "key"}
    for arguments in (("create", "Ann"), ("revoke", "Bob")):
        status, _, errors = run(capsys, tmp_path, *arguments)
        assert (status, errors.count("\n")) == (2, 1)
