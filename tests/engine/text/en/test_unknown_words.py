"""Words that the dictionary lacks: as it would write them."""

import pytest

from engine.systems.vallex.symbols import IDS
from engine.text.en.pronunciations import pronunciations
from engine.text.en.unknown_words import plural, sounded


@pytest.mark.parametrize("word", ["world", "strength", "afraid", "computer", "wizard"])
def test_a_known_word_comes_out_as_it_stands_in_the_dictionary(word: str) -> None:
    assert sounded(word) == pronunciations()[word]


@pytest.mark.parametrize(
    ("word", "said"), [("Pikachu", "pɪˈkætʃu"), ("blockchain", "ˈblɑktʃeɪn"), ("Zürich", "ˈzurɪtʃ"), ("", "")]
)
def test_an_unknown_word_is_read(word: str, said: str) -> None:
    assert sounded(word) == said


def test_all_its_symbols_are_the_models() -> None:
    for word in ("Nguyen", "Kubernetes", "schadenfreude", "Huawei", "pneumonoultramicroscopic", "llanfair", "Xiaomi"):
        symbols = sounded(word).replace("r", "ɹ")
        assert set(symbols) <= IDS.keys(), word


@pytest.mark.parametrize(("word", "said"), [("kæt", "kæts"), ("dɔg", "dɔgz"), ("bəs", "bəsɪz"), ("pɪʧ", "pɪʧɪz")])
def test_its_plural_sounds_right(word: str, said: str) -> None:
    assert plural(word) == said
