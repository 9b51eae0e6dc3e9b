"""Text to ids: cl100k as the public one, bytes, and phonemes; and what a JSON file says of them."""

import lzma

import pytest

from engine.errors import ConfigError, EngineError
from engine.systems.minimind import vocabulary
from engine.systems.minimind.vocabulary import (
    BYTES,
    CL100K,
    ENGLISH,
    PHONEMES,
    PHONES,
    Bytes,
    Cl100k,
    Phonemes,
    Phones,
    of,
    told,
)
from tests.minimind import stored

DATA = stored("frontend_data")


def test_cl100k_is_the_public_one():
    encoding = vocabulary.cl100k()
    assert encoding.n_vocab == DATA["cl100k_n_vocab"] == Cl100k.size
    assert DATA["cl100k_pattern"] == vocabulary._SPLIT
    assert DATA["cl100k_special_tokens"] == vocabulary._SPECIAL
    assert DATA["cl100k_rank_file_sha256"] == vocabulary._RANKS_SHA256


@pytest.mark.parametrize("row", stored("frontend_en"), ids=lambda row: row["input"][:30])
def test_english_has_the_ids_of_the_reference(row):
    assert list(Cl100k().read(row["normalised"]).ids) == row["token_ids"]
    # What the reference refuses is text like any other here.
    if row["raw_token_ids"] is not None:
        assert list(Cl100k().read(row["input"]).ids) == row["raw_token_ids"]
    else:
        assert vocabulary.cl100k().decode(list(Cl100k().read(row["input"]).ids)) == row["input"]


@pytest.mark.parametrize("row", stored("frontend_zh_normalise"), ids=lambda row: row["input"][:30])
def test_chinese_has_the_ids_of_the_reference(row):
    assert list(Cl100k().read(row["joined"]).ids) == row["token_ids_of_joined"]


@pytest.mark.parametrize("spoil", [lambda _: b"no archive", lambda ranks: lzma.compress(ranks[:-1])])
def test_another_file_of_ranks_is_refused(spoil, tmp_path, monkeypatch):
    path = tmp_path / "cl100k_base.tiktoken.xz"
    path.write_bytes(spoil(lzma.decompress(vocabulary._RANKS.read_bytes())))
    monkeypatch.setattr(vocabulary, "_RANKS", path)
    vocabulary.cl100k.cache_clear()
    with pytest.raises(EngineError, match="put"):
        vocabulary.cl100k()
    vocabulary.cl100k.cache_clear()


def test_bytes_are_those_of_the_text():
    assert bytes(Bytes().read("naïve 你").ids).decode() == "naïve 你"
    assert Bytes().read("a\ud800").ids == (97, 63)


def test_phonemes_are_symbols_by_their_place_and_close_with_a_mark():
    read = Phonemes().read("Hello")
    assert read.phonemes == "həlˈoʊ."
    assert "".join(ENGLISH[index] for index in read.ids) == read.phonemes
    assert Phonemes().read("Hello", ends=False).phonemes == "həlˈoʊ,"
    assert Phonemes().read("Hello?").phonemes == "həlˈoʊ?"


def test_the_longest_symbol_is_taken_and_what_is_unknown_is_told():
    read = Phonemes(["h", "ə", "l", "ˈ", "oʊ", "o", "."]).read("Hello you 你")
    assert read.ids[:5] == (0, 1, 2, 3, 4)
    assert set(read.left_out) >= {"你", "j"}
    assert "ˈ" not in read.left_out


def test_phones_are_those_of_the_language():
    assert Phones().read("东京", "zh").phonemes == "d ong1 j ing1"
    assert Phones().read("東京", "ja").phonemes == "t o [ o ky o o"
    read = Phones().read("Tokyo 안")
    assert read.phonemes == "T OW1 K IY0 OW2"
    assert read.ids == tuple(DATA["symbols"].index(phone) for phone in read.phonemes.split())
    assert read.left_out == ("안",)


@pytest.mark.parametrize(
    ("raw", "n_text", "kind"),
    [
        ({}, 100_277, CL100K),
        ({}, 256, BYTES),
        ({"vocabulary": BYTES}, 256, BYTES),
        (told(Phonemes()), len(ENGLISH), PHONEMES),
        (told(Bytes()), 256, BYTES),
        (told(Phones()), 732, PHONES),
    ],
)
def test_the_json_file_says_which_it_is(raw, n_text, kind):
    assert of(raw, n_text, "x.pth").kind == kind


@pytest.mark.parametrize(
    ("raw", "n_text", "said"),
    [
        ({}, 512, "x.pth knows 512 ids"),
        ({"vocabulary": PHONES}, 512, "phones has 732"),
        ({"vocabulary": "words"}, 512, "none of"),
        ({"vocabulary": 3}, 512, "none of"),
        ({"vocabulary": PHONEMES}, 2, "needs its symbols"),
        ({"vocabulary": PHONEMES, "symbols": ["a", 2]}, 2, "needs its symbols"),
        ({"vocabulary": PHONEMES, "symbols": ["a", "a"]}, 2, "one twice"),
        ({"vocabulary": PHONEMES, "symbols": ["a", ""]}, 2, "empty"),
        ({"vocabulary": PHONEMES, "symbols": ["a", "b" * 17]}, 2, "long"),
        ({"vocabulary": PHONEMES, "symbols": [str(n) for n in range(5000)]}, 5000, "too many"),
        ({"vocabulary": PHONEMES, "symbols": ["a", "b"]}, 3, "phonemes has 2"),
    ],
)
def test_what_the_json_file_says_wrongly_is_named(raw, n_text, said):
    with pytest.raises(ConfigError, match=said):
        of(raw, n_text, "x.pth")
