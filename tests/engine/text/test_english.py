"""The English cleaners against vectors of the reference, made with espeak-ng 1.51; ours is 1.52."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.text import english, espeak, phonemes

GOLDENS = Path(__file__).parents[2] / "goldens" / "vits"
VECTORS = json.loads((GOLDENS / "front_english.json").read_text())
PAIRS = json.loads((GOLDENS / "front_english_ljs_pairs.json").read_text())


def of_1_52(ipa: str) -> str:
    """The one difference between the two releases on these texts (goldens, README)."""
    return ipa.replace("oːɹ", "ɔːɹ")


@pytest.mark.parametrize("cleaner", ["basic_cleaners", "transliteration_cleaners"])
def test_plain_cleaners_equal_the_reference(cleaner):
    assert len(VECTORS) == 76
    for vector in VECTORS:
        assert getattr(english, cleaner)(vector["input"]) == vector[cleaner], vector["input"]


@pytest.mark.parametrize("cleaner", ["english_cleaners", "english_cleaners2"])
def test_phonemes_equal_the_reference(cleaner):
    for vector in VECTORS:
        assert of_1_52(getattr(english, cleaner)(vector["input"])) == of_1_52(vector[cleaner]), vector["input"]


def test_ljspeech_lines_equal_the_reference():
    assert len(PAIRS) == 80
    for pair in PAIRS:
        assert of_1_52(english.english_cleaners2(pair["text"])) == of_1_52(pair["espeak_ng_1_51"])


def test_ids_follow_from_the_symbol_of_each_phoneme():
    symbols: dict[str, int] = {}
    for vector in VECTORS:
        if vector["ids_english_cleaners2"] is None:
            continue
        ours = of_1_52(english.english_cleaners2(vector["input"]))
        reference = vector["english_cleaners2"]
        assert len(ours) == len(reference) == len(vector["ids_english_cleaners2"])
        for theirs, symbol in zip(reference, vector["ids_english_cleaners2"], strict=True):
            assert symbols.setdefault(theirs, symbol) == symbol
    assert symbols["ˈ"] == 156
    assert symbols["."] == 4


def test_threads_agree_with_one_thread():
    texts = [pair["text"] for pair in PAIRS]
    alone = [english.english_cleaners2(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(english.english_cleaners2, texts * 2)) == alone * 2


@pytest.mark.parametrize("text", ["one\ntwo", "one\ttwo", "one\x01two", "one\ud800two", "one\u2028two", "one\x85two"])
def test_no_control_character_swallows_the_text(text):
    assert phonemes.phonemize(text) == "wˈʌn tˈuː"


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\x00"])
def test_nothing_to_read_gives_nothing(text):
    assert english.english_cleaners2(text) == ""
    assert english.english_cleaners(text) == ""


def test_other_languages_leave_no_flags():
    assert "(" not in phonemes.phonemize("das Wort 'rendezvous' und der Computer Song", "de")


def test_unknown_language_is_named():
    with pytest.raises(EngineError, match="'klingon-x'"):
        phonemes.phonemize("text", "klingon-x")


def test_espeak_is_started_once():
    phonemes.phonemize("one")
    before = espeak.ESPEAK._running
    for text in ("one", "two", "three"):
        phonemes.phonemize(text)
    assert espeak.ESPEAK._running is before
