"""Words by those without their ending."""

import pytest

from engine.systems.kokoro.phonemes.endings import by_ending, with_ed, with_ing, with_s

STEMS = {"dog": "dˈɔɡ", "cat": "kˈæt", "box": "bˈɑks", "city": "sˈɪTi", "hope": "hˈOp", "hop": "hˈɑp", "want": "wˈɑnt",
         "edit": "ˈɛdət", "walk": "wˈɔk", "panic": "pˈænɪk", "James": "ʤˈAmz", "need": "nˈid"}  # fmt: skip


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("dogs", "dˈɔɡz"), ("cats", "kˈæts"), ("boxes", "bˈɑksᵻz"), ("cities", "sˈɪTiz"), ("dog's", "dˈɔɡz"),
        ("dogs'", "dˈɔɡz"), ("James'", "ʤˈAmzᵻz"), ("hoped", "hˈOpt"), ("hopped", "hˈɑpt"), ("needed", "nˈidᵻd"),
        ("wanted", "wˈɑntᵻd"), ("edited", "ˈɛdəɾᵻd"), ("walking", "wˈɔkɪŋ"), ("hoping", "hˈOpɪŋ"),
        ("hopping", "hˈɑpɪŋ"), ("editing", "ˈɛdəɾɪŋ"), ("panicking", "pˈænɪkɪŋ"), ("is", None), ("glass", None),
        ("unknowns", None), ("thing", None),
    ],
)  # fmt: skip
def test_a_word_by_its_stem(word: str, said: str | None) -> None:
    assert by_ending(word, STEMS.get, "a") == said


def test_british_endings() -> None:
    assert with_s("bˈɒks", "b") == "bˈɒksɪz"
    assert with_ed("wˈɒnt", "b") == "wˈɒntɪd"
    assert with_ed("niːd", "b") == "niːdɪd"
    assert with_ing("ˈɛdɪt", "b") == "ˈɛdɪtɪŋ"
    # An r would sound.
    assert with_ing("stˈɑː", "b") is None
