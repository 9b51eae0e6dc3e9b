"""English in tokens, with the blanks behind them."""

import pytest

from engine.systems.kokoro.phonemes.tokens import tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hello, world!", "Hello|, |world|!"),
        ("Dr. Smith's $5 book.", "Dr. |Smith's |$|5 |book|."),
        ("state-of-the-art – wow", "state|-|of|-|the|-|art |– |wow"),
        ("(a 'b' \"c\")...", "(|a |'|b|' |\"|c|\"|)|..."),
        ("me@x.org, 50% -7 1,250.", "me@x.org|, |50% |-7 |1,250|."),
        ("the U.S. has it", "the |U.S. |has |it"),
        ("in the U.S.", "in |the |U.S.|."),
        ("boys' 'tis", "boys' |'tis"),
        ("wait—what", "wait|—|what"),
    ],
)
def test_words_and_marks_apart(text: str, found: str) -> None:
    assert "|".join(token.text + " " * token.blank for token in tokens(text)) == found


def test_the_stop_of_a_last_letter_is_a_mark_but_for_the_reference() -> None:
    assert [token.text for token in tokens("to Z.")] == ["to", "Z", "."]
    assert [token.text for token in tokens("to Z.", published=True)] == ["to", "Z."]


def test_links_give_phonemes_stress_and_flags() -> None:
    given, stress, flags, plain = tokens("[Misaki](/misˈɑki/) [so](-0.5) [1984](#&#) [x](y)")[:4]
    assert (given.text, given.given, given.blank) == ("Misaki", "misˈɑki", True)
    assert (stress.text, stress.stress) == ("so", -0.5)
    assert (flags.text, flags.flags, flags.given) == ("1984", "&", None)
    assert plain.text == "["
    assert [token.given for token in tokens("[two words](/tuː/)")] == ["tuː"]
