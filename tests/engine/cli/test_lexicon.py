"""The command ``lexicon``."""

import json
from pathlib import Path

import pytest

from engine.cli import main


def run(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> tuple[int, str, str]:
    status = main(["lexicon", *arguments, "--models-dir", str(folder)])
    return (status, *capsys.readouterr())


def test_entries_come_and_go(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "no entry yet" in run(capsys, tmp_path, "list")[1]
    assert run(capsys, tmp_path, "add", "en", "GIF", "jif") == (0, "en: GIF -> jif\n", "")
    assert run(capsys, tmp_path, "add", "zh", "长得", "--pinyin", "zhang3 de5")[1] == "zh: 长得 -> 掌的 (zhang3 de5)\n"
    assert run(capsys, tmp_path, "list")[1] == "en: GIF -> jif\nzh: 长得 -> 掌的 (zhang3 de5)\n"
    listed = json.loads(run(capsys, tmp_path, "list", "en", "--json")[1])
    assert listed == {"en": [{"word": "GIF", "respelling": "jif", "pinyin": ""}]}
    assert run(capsys, tmp_path, "remove", "en", "GIF")[:2] == (0, "en: GIF is read as it stands\n")
    assert run(capsys, tmp_path, "list", "en")[1].startswith("there is no entry yet")


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_a_lexicon_goes_to_a_file_and_comes_back(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, ending: str
) -> None:
    first, second, file = tmp_path / "a", tmp_path / "b", str(tmp_path / f"x.{ending}")
    run(capsys, first, "add", "en", "GIF", "jif")
    run(capsys, first, "add", "en", 'a, "b"', "c")
    assert run(capsys, first, "export", "en", file)[0] == 0
    assert run(capsys, second, "import", "en", file)[1] == "en: 2 entries were taken over\n"
    assert run(capsys, second, "list")[1] == run(capsys, first, "list")[1]
    exported = json.loads(run(capsys, second, "export", "en", "-")[1])["entries"]
    assert exported[-1] == {"word": "GIF", "respelling": "jif"}


def test_text_shows_the_effect(capsys: pytest.CaptureFixture[str], tmp_path: Path, fake_spec) -> None:
    run(capsys, tmp_path, "add", "en", "GIF", "jif")
    arguments = ["text", "A GIF.", "--system", "fake", "--language", "en", "--models-dir", str(tmp_path)]
    assert main(arguments, (fake_spec,)) == 0
    out, notes = capsys.readouterr()
    assert out.splitlines()[0] == "A jif."
    assert notes == "note: read as the lexicon says: 'GIF'\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "en", "GIF"), "the respelling of 'GIF'"),
        (("add", "english!", "GIF", "jif"), "by its code"),
        (("remove", "en", "GIF"), "no entry for 'GIF'"),
        (("import", "en", "no/such/file.csv"), "cannot be read"),
        (("add", "zh", "长", "--pinyin", "chang"), "no syllable of pinyin"),
    ],
)
def test_mistakes_are_told_in_a_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    status, _, errors = run(capsys, tmp_path, *arguments)
    assert (status, errors.count("\n")) == (2, 1)
    assert words in errors
