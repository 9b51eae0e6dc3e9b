"""Japanese to phonemes with and without accents: every vector of the reference, by the dictionary it was made with."""

import sys

import pytest

from engine.errors import PackageMissing
from engine.systems.minimind.phones import IDS
from engine.systems.minimind.phones.japanese import say
from engine.text.ja import open_jtalk
from tests.minimind import stored


@pytest.mark.parametrize(
    "row", stored("frontend_ja_g2p"), ids=lambda row: f"{row['input']} {'accents' * row['with_prosody']}"
)
def test_japanese_is_said_as_the_reference_says_it(row):
    said = say(row["input"], with_accents=row["with_prosody"])
    assert list(said.phones) == row["phones"]
    assert IDS.keys() >= set(said.phones)


def test_what_is_unknown_has_a_symbol_and_is_told():
    said = say("안 はい", with_accents=True)
    assert said.phones[0] == "UNK"
    assert said.left_out == ("안",)
    assert said.counts == (1,) * len(said.phones)


def test_without_the_package_its_name_is_told(monkeypatch):
    open_jtalk._library.cache_clear()
    monkeypatch.setitem(sys.modules, "pyopenjtalk", None)
    with pytest.raises(PackageMissing, match="pyopenjtalk-plus"):
        say("はい", with_accents=True)
    open_jtalk._library.cache_clear()
