"""English by dictionary: all strings of the reference, which of its faults ours has not, and what it lacks."""

from typing import Any

import pytest

from engine.systems.kokoro.phonemes import english
from engine.systems.kokoro.phonemes.pieces import joined
from engine.text.normalize import normalize
from tests.engine.systems.kokoro.phonemes.vectors import vectors

# What ours says otherwise, by the text.
MENDED = {
    "A to Z.": "ɐ tə zˈi.",
    "Version 2.0 is out.": "vˈɜɹʒən tˈu pˈYnt zˈɪɹO ɪz ˈWt.",
    "Kokoro is a small model.": "kˈOkəɹO ɪz ɐ smˈɔl mˈɑdᵊl.",
}


def name(value: Any) -> str:
    return value if isinstance(value, str) else value["text"]


def read(text: str, language: str = "a", *, published: bool = False) -> str:
    return joined(english.read(text, language, published=published))[0]


@pytest.mark.parametrize(
    ("language", "row"), [(language, row) for language in "ab" for row in vectors("en")[language]], ids=name
)
def test_the_string_is_that_of_the_reference_or_better(language: str, row: dict[str, Any]) -> None:
    assert read(row["text"], language, published=True) == row["phonemes"]
    assert read(row["text"], language) == MENDED.get(row["text"], row["phonemes"])


@pytest.mark.parametrize(
    ("language", "row"), [(language, row) for language in "ab" for row in vectors("en")[language]], ids=name
)
def test_our_numbers_in_words_change_no_word(language: str, row: dict[str, Any]) -> None:
    said = normalize(row["text"], "en", contractions=False)
    different = {"bob@example.com", "[Misaki]", "U.S.", "Dr.", "A to Z.", "2.0", "Kokoro", "1984"}
    if not any(each in row["text"] for each in different):
        assert read(said, language) == row["phonemes"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("They live in the live music house.", "ðˌA lˈɪv ɪn ðə lˈIv mjˈuzɪk hˈWs."),
        ("He lives two lives.", "hˌi lˈɪvz tˈu lˈIvz."),
        ("Close the door, stand close to me.", "klˈOz ðə dˈɔɹ, stˈænd klˈOs tə mˌi."),
        ("Record a record.", "ɹəkˈɔɹd ɐ ɹˈɛkəɹd."),
        ("I read it yesterday.", "ˌI ɹˈɛd ɪt jˈɛstəɹdˌA."),
        ("I want to read it.", "ˌI wˈɑnt tə ɹˈid ɪt."),
        ("She has read it.", "ʃˌi hæz ɹˈɛd ɪt."),
        ("He used to sing.", "hˌi jˈust tə sˈɪŋ."),
        ("A knife is used to cut.", "ɐ nˈIf ɪz jˈuzd tə kˈʌt."),
        ("She is used to working.", "ʃˌi ɪz jˈust tə wˈɜɹkɪŋ."),
        ("I know that man.", "ˌI nˈO ðæt mˈæn."),
        ("It was plan A, not vitamin A.", "ˌɪt wʌz plˈæn ˈA, nˌɑt vˈITəmən ˈA."),
        ("The US and its IT.", "ðə jˌuˈɛs ænd ɪts ˌItˈi."),
        ("LED lights led us.", "ˌɛlˌidˈi lˈIts lˈɛd ˌʌs."),
        ("at 10 am", "æt tˈɛn ˌAˈɛm"),
        ("I am here, yes, I am.", "ˌI ɐm hˈɪɹ, jˈɛs, ˌI æm."),
        ("“The apple” and the “orange”.", "“ði ˈæpᵊl” ænd ði “ˈɔɹᵊnʤ”."),
        ("Yes, we can.", "jˈɛs, wi kˈæn."),
    ],
)
def test_words_of_one_spelling_are_told_apart(text: str, wanted: str) -> None:
    assert read(text) == wanted


def test_shouted_words_are_words() -> None:
    assert read("IT IS LATE, GO HOME") == "ˈɪt ˈɪz lˈAt, ɡˈO hˈOm"
    assert read("It IS the end.") == "ˌɪt ˈɪz ði ˈɛnd."


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("YouTube's MP3", "jˈutˌubz ˌɛmpˈi θɹˈi"),
        ("don’t, ’tis", "dˈOnt, tˈɪz"),
        ("A&B and/or C++", "ˈA ænd bˈi ænd ɔɹ sˈi plˈʌs plˈʌs"),
        ("B2B", "bˈi tu bˈi"),
        ("[word](/wˈɜd/) [never](-2) [ever](2)", "wˈɜd nɛvəɹ ˈɛvəɹ"),
        ("[November](-1) [She](1) [butter](0.5)", "nOvˌɛmbəɹ ʃˌi bˈʌTəɹ"),
        ("[105](#a&n#) of [1984](##)", "ɐ hˈʌndɹəd ən fˈIv ʌv nˌIntˈin ˈATi fˈɔɹ"),
        ("the U.S. Then home.", "ðə jˌuˈɛs ðˈɛn hˈOm."),
        ("in the U.S.", "ɪn ðə jˌuˈɛs."),
        ("Yes. No. No. 5", "jˈɛs. nˈO. nˈʌmbəɹ fˈIv"),
        ("tea, etc.", "tˈi, ɛtsˈɛTəɹə."),
        ("Kokoro's Nguyễn who're", "kˈOkəɹOz nˈujɛn hˌuəɹ"),
        ("'quoted' words", "kwˈOTᵻd wˈɜɹdz"),
        ("the dogs' and James' 1990s", "ðə dˈɔɡz ænd ʤˈAmzᵻz nˌIntˈin nˈIndiz"),
        ("[a] {b}", "(ɐ) (bˈi)"),
    ],
)
def test_words_of_odd_spelling(text: str, wanted: str) -> None:
    assert read(text) == wanted


def test_a_word_in_no_dictionary_is_left_to_espeak() -> None:
    assert read("frobnicate") == "fɹˈɑbnᵻkˌAt"
    assert read("the frobnicate's", "b") == "ðə fɹˈɒbnɪkˌAts"
