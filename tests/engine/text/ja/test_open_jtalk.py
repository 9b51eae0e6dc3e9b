"""Open JTalk: its labels, and what is told when it or its dictionary is not there."""

import sys
from types import SimpleNamespace

import pytest

from engine.errors import PackageMissing
from engine.text.ja import open_jtalk
from engine.text.ja.open_jtalk import Morpheme, morphemes, phonemes
from tests.engine.text.open_jtalk import install


@pytest.fixture(autouse=True)
def _opened_anew():
    open_jtalk._library.cache_clear()
    yield
    open_jtalk._library.cache_clear()


def test_phonemes_come_with_the_place_of_their_mora(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    spoken = phonemes("世界")
    assert [each.name for each in spoken] == ["sil", "s", "e", "k", "a", "i", "sil"]
    assert [each.place for each in spoken[1:-1]] == [1, 1, 2, 2, 3]
    assert [each.left for each in spoken[1:-1]] == [3, 3, 2, 2, 1]
    # The pitch falls behind the first mora.
    assert [each.from_accent for each in spoken[1:3]] == [0, 0]
    assert [each.is_pause for each in spoken] == [True, *[False] * 5, True]


def test_a_long_text_comes_in_pieces_that_its_buffer_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    library = SimpleNamespace(extract_fullcontext=lambda text: given.append(text) or [])
    monkeypatch.setattr(open_jtalk, "_library", lambda: library)
    assert phonemes("あ" * 2500) == []
    assert [len(text) for text in given] == [500] * 5


def test_words_come_with_how_they_are_said_in_pieces_that_its_buffer_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    def run_frontend(text: str) -> list[dict[str, str]]:
        given.append(text)
        return [{"string": "猫", "pron": "ネコ", "pos": "名詞", "read": "ネコ"}]

    monkeypatch.setattr(open_jtalk, "_library", lambda: SimpleNamespace(run_frontend=run_frontend))
    assert morphemes("猫" * 600) == [Morpheme("猫", "ネコ", "名詞")] * 2
    assert [len(text) for text in given] == [500, 100]


def test_without_the_package_its_name_and_how_to_install_it_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyopenjtalk", None)
    with pytest.raises(PackageMissing) as caught:
        phonemes("東京")
    assert "pip install pyopenjtalk" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_its_dictionary_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    library = SimpleNamespace(
        OPEN_JTALK_DICT_DIR=str(tmp_path / "gone").encode(), extract_fullcontext=lambda _: pytest.fail("asked")
    )
    monkeypatch.setitem(sys.modules, "pyopenjtalk", library)
    with pytest.raises(PackageMissing) as caught:
        phonemes("東京")
    assert "gone" in str(caught.value)
    assert "OPEN_JTALK_DICT_DIR" in str(caught.value)
    library.OPEN_JTALK_DICT_DIR = str(tmp_path).encode()
    library.extract_fullcontext = lambda _: []
    assert phonemes("東京") == []


def test_debians_dictionary_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("OPEN_JTALK_DICT_DIR", "elsewhere")
    monkeypatch.delenv("OPEN_JTALK_DICT_DIR")
    monkeypatch.setattr(open_jtalk, "DEBIAN", tmp_path)
    monkeypatch.setitem(sys.modules, "pyopenjtalk", SimpleNamespace(extract_fullcontext=lambda _: []))
    phonemes("東京")
    assert open_jtalk.os.environ["OPEN_JTALK_DICT_DIR"] == str(tmp_path)
