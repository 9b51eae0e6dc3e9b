"""Names that are devices on Windows, end in dots, or are too long for a disk are known and made harmless."""

import pytest

from engine.file_names import MAX_BYTES, is_portable, portable

DEVICES = ["con", "CON", "nul.txt", "Aux.tar.gz", "com1", "LPT9.wav", "COM¹", "CONIN$", "prn "]


@pytest.mark.parametrize("name", [*DEVICES, "", "a.", "a ", "...", "x" * (MAX_BYTES + 1), "声" * 61, "a\ud800"])
def test_what_is_no_name_everywhere_is_refused(name: str) -> None:
    assert not is_portable(name)


@pytest.mark.parametrize("name", ["console", "Ann", "com10", "a.con", "null", "nul-1", "声" * 60, ".hidden"])
def test_other_names_are_left_alone(name: str) -> None:
    assert is_portable(name)
    assert portable(name, "x") == name


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("con", "my-con"),
        ("Nul.txt", "my-Nul.txt"),
        ("a. .", "a"),
        (" . ", "x"),
        ("a\ud800b", "ab"),
        ("con. ", "my-con"),
    ],
)
def test_a_harmless_name_is_found(name: str, kept: str) -> None:
    assert portable(name, "x") == kept
    assert is_portable(kept)


def test_a_long_name_is_cut_between_characters() -> None:
    assert portable("声" * 100, "x", most=100) == "声" * 33
    assert portable("a" * 10 + "." * 10, "x", most=12) == "a" * 10
