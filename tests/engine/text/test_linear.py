"""Every front end and every normaliser takes time that grows with the text: doubling lengths of many kinds of run."""

import contextlib
import time
from collections.abc import Callable

import pytest

from engine.errors import OptionError, TextError
from engine.file_names import portable
from engine.options import parse
from engine.systems.chattts import text as chattts
from engine.systems.chattts.compat import clean as chattts_published
from engine.systems.chattts.options import Options
from engine.systems.kokoro.phonemes import phonemize as kokoro
from engine.systems.styletts2 import text as styletts2
from engine.systems.valle import compat as valle_published
from engine.systems.vallex import compat as vallex_published
from engine.systems.vallex.language_id import language_of
from engine.systems.vallex.reading import read_english
from engine.systems.vits import text as vits
from engine.text.english import english_cleaners, english_cleaners2
from engine.text.markup import plain
from engine.text.normalize import normalize
from engine.text.normalize_ja import normalize_ja
from engine.text.sanitize import cap_marks, sanitize
from engine.text.script import mismatch, remarks
from engine.text.segment import split
from engine.text.stretches import runs, stretches
from tests.timing import quadratic, seconds

RUNS = (
    "9", "0", "#", '"', "'", " ", "(", ")", "[", "]", "{", "<", ">", ".", "-", "–", ":", "*", "_", "`", "~", "|", "=",
    "/", "\\",
    "@", "&", "$", "%", "^", "!", "\n", "\u0301", "😀", "½", "²", "٣", "a", "A", "I ", "a.", "A.", "a@", "a-",
    "a_",
    "a b ", "1,", "1.", "1/", "1-", "1–", "1:", "1 ", "1'", '1"', "1x", "1e5", "(1", "$1", "$5-", "+1", "x^", "x²",
    "a=", "1/2 ", "5 km ", "1st ", "1990s ", "00 ", "Dr. ", "No. ", "MM ", "Chapter I ", "Q1", "v1.", "0x1", "#a",
    "call 1", "http://a", "&amp;", "<b>", "<!--", "[a](", "![a](b)", "[^1]", ":)", "' ", '" ', "e\u0301",
)  # fmt: skip
KOKORO = frozenset("ˈəbcdefgh .,")


def published(text: str) -> None:
    """VALL-E X's reference reads no number of more than 36 digits, which is an error as soon as it is seen."""
    with contextlib.suppress(TextError):
        vallex_published.phonemes(text)


def languages(text: str) -> None:
    """What is looked at as one types; a text of which nothing can be read is an error at once."""
    mismatch(text, ("en",))
    with contextlib.suppress(TextError):
        remarks(text, "a voice", ("en",))


def options(text: str) -> None:
    """A value and a name that no option has, too, are errors at once."""
    for raw in ({"prompt": text}, {"temperature": text}, {"refine": text}, {text: "1"}):
        with contextlib.suppress(OptionError):
            parse(Options, raw)


FRONT_ENDS: dict[str, Callable[[str], object]] = {
    "sanitize": lambda text: sanitize("a" + text),
    "markup": plain,
    "english": lambda text: normalize(text, "en"),
    "split": lambda text: split(text, "en"),
    "vits": lambda text: vits.in_words(text, "en"),
    "chattts": lambda text: chattts.prepare(chattts.in_words(text, "en"), language="en"),
    "chattts as published": chattts_published,
    "styletts2": styletts2.prepare,
    "styletts2 tokens": styletts2.tokenise,
    "styletts2 marks": styletts2.phonemize,
    "kokoro": lambda text: kokoro(text, "a", KOKORO),
    "kokoro as published": lambda text: kokoro(text, "b", KOKORO, published=True),
    "kokoro by espeak": lambda text: kokoro(text, "e", KOKORO),
    "vallex languages": lambda text: list(runs(stretches(text)[0].text, "en")),
    "vallex words": read_english,
    "vallex as published": lambda text: published(f"[EN]{text}[EN]"),
    "vallex languages as published": language_of,
    "japanese": normalize_ja,
    "valle as published": lambda text: valle_published.extract(f"a{text}", "espeak"),
    "languages": languages,
    "file names": lambda text: portable(text, "sound"),
    "option strings": options,
    "english cleaners": english_cleaners,
    "english cleaners 2": english_cleaners2,
}


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_time_grows_with_the_length_and_not_with_its_square(name):
    FRONT_ENDS[name]("warm 1 up, 你")
    assert not quadratic(FRONT_ENDS[name], RUNS)


@pytest.mark.parametrize("run", ["9", "#", "$1", "1,", '"', " ", "\u0301", "1-", "a."])
def test_a_text_of_full_length_is_read_in_seconds(run):
    text = "a" + (run * 20_000)[:20_000]
    assert seconds(lambda text: normalize(sanitize(text)[0], "en"), text) < 5


@pytest.mark.parametrize(
    "text", ["1" * 10_000, "1." + "0" * 5000, "1/" + "3" * 5000, "$" + "1" * 310, "1" * 5000 + "/7"]
)
def test_long_numbers_are_read_digit_by_digit_at_once(text):
    said = []
    assert seconds(lambda text: said.append(normalize(text, "en")), text) < 2
    assert len(said[0].split()) >= 300
    assert not set(said[0]) & set("0123456789")


def test_marks_heaped_on_a_letter_are_left_out_and_said():
    began = time.process_time()
    text, notices = sanitize("a" + "\u0301\u0316" * 40_000 + " b")
    assert time.process_time() - began < 2
    assert len(text) < 20
    assert notices == ["79992 combining marks were left out of the text"]
    assert cap_marks("e\u0301\u0302") == "e\u0301\u0302"
