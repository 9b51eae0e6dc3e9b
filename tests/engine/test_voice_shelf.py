"""Saved voices come back by name, and nothing but a name leads to a file."""

from pathlib import Path

import pytest

from engine import voice_store
from engine.errors import SaveError, VoiceError
from engine.request import Voice
from engine.voice_shelf import MAX_NAME, VoiceShelf
from tests.conftest import fake_voice


@pytest.fixture
def shelf(tmp_path: Path) -> VoiceShelf:
    return VoiceShelf(tmp_path / "voices")


def test_what_is_saved_is_listed_loaded_and_deleted(shelf: VoiceShelf, tmp_path: Path) -> None:
    assert shelf.names("fake") == ()
    saved = shelf.save(fake_voice("prompt", 300, transcript="la"), " Åsa 中 ")
    assert (saved.id, saved.path) == ("fake/Åsa 中", tmp_path / "voices" / "fake" / "Åsa 中.safetensors")
    assert shelf.voices("fake") == (saved,)
    found = shelf.load("fake", "Åsa 中")
    assert (found.name, found.tensors["pitch"][0], found.meta) == ("Åsa 中", 300, {"transcript": "la"})
    assert shelf.names("other") == ()
    shelf.delete("fake", "Åsa 中")
    assert list((tmp_path / "voices").rglob("*.safetensors")) == []
    with pytest.raises(VoiceError, match="no saved voice 'Åsa 中'; the saved voices are none"):
        shelf.load("fake", "Åsa 中")


def test_a_name_is_taken_once_whatever_its_case(shelf: VoiceShelf) -> None:
    shelf.save(fake_voice("x", 300), "Ann")
    with pytest.raises(VoiceError, match="a voice ann already"):
        shelf.save(fake_voice("x", 200), "ann")
    assert shelf.load("fake", "Ann").tensors["pitch"][0] == 300


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", "../x", "a/b", "a\\b", ".hidden", "x.", "seed:7", "a\nb", "a\0b", "x" * (MAX_NAME + 1)]
)
def test_what_is_no_name_is_refused_and_leads_nowhere(shelf: VoiceShelf, tmp_path: Path, name: str) -> None:
    voice_store.save(fake_voice("x", 300), tmp_path / "x.safetensors")
    with pytest.raises(VoiceError, match="cannot be the name of a voice"):
        shelf.save(fake_voice("x", 300), name)
    assert not shelf.has("fake", name)
    with pytest.raises(VoiceError, match="no saved voice"):
        shelf.delete("fake", name)
    assert [path.name for path in tmp_path.rglob("*")] == ["x.safetensors"]


@pytest.mark.parametrize("name", ["con", "NUL", "lpt1.wav", "Aux.x"])
def test_a_voice_is_not_called_like_a_device_of_windows(shelf: VoiceShelf, name: str) -> None:
    with pytest.raises(VoiceError, match="the name of a device on Windows; choose another"):
        shelf.save(fake_voice("x", 300), name)
    assert shelf.names("fake") == ()


def test_a_file_that_says_it_belongs_elsewhere_goes_nowhere(shelf: VoiceShelf, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="not the id of a system"):
        shelf.save(Voice(system="../fake", name="x"), "x")
    shelf.save(fake_voice("x", 300), "mine")
    (tmp_path / "voices" / "other").mkdir()
    (tmp_path / "voices" / "fake" / "mine.safetensors").rename(tmp_path / "voices" / "other" / "mine.safetensors")
    with pytest.raises(VoiceError, match="belongs to fake, not to other"):
        shelf.load("other", "mine")


def test_other_files_are_left_out_and_a_damaged_one_is_named(shelf: VoiceShelf, tmp_path: Path) -> None:
    shelf.save(fake_voice("x", 300), "good")
    folder = tmp_path / "voices" / "fake"
    folder.joinpath("bad.safetensors").write_bytes(b"nothing")
    folder.joinpath(".x.safetensors").write_bytes(b"nothing")
    folder.joinpath("notes.txt").write_text("x")
    assert shelf.names("fake") == ("bad", "good")
    with pytest.raises(VoiceError, match=r"bad\.safetensors is no voice file"):
        shelf.load("fake", "bad")


def test_without_a_folder_or_room_nothing_is_saved(
    shelf: VoiceShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SaveError, match="--models-dir"):
        VoiceShelf(None).save(fake_voice("x", 300), "x")
    assert VoiceShelf(None).names("fake") == ()
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match="cannot be made"):
        VoiceShelf(tmp_path / "file").save(fake_voice("x", 300), "x")
    monkeypatch.setattr("engine.voice_shelf.MAX_VOICES", 1)
    shelf.save(fake_voice("x", 300), "one")
    with pytest.raises(VoiceError, match="1 voices of fake are saved already"):
        shelf.save(fake_voice("x", 300), "two")
