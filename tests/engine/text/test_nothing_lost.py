"""Words in, words out: over thousands of lines made of words, numbers and marks, nothing of a text is lost."""

import random
import re

import pytest

from engine.systems.chattts import text as chattts
from engine.systems.kokoro.phonemes import phonemize as kokoro
from engine.systems.minimind import vocabulary as minimind
from engine.systems.minimind.text import FrontEnd as minimind_front_end
from engine.systems.styletts2 import text as styletts2
from engine.systems.valle import text as valle
from engine.systems.vallex import text as vallex
from engine.systems.vits import text as vits
from engine.text.english import english_cleaners, english_cleaners2
from engine.text.normalize import normalize
from engine.text.sanitize import sanitize
from engine.text.unspoken import says

# Words that no rule knows, with sounds that no neighbour changes.
WORDS = [
    "bucket",
    "garden",
    "purple",
    "camel",
    "dragon",
    "hammer",
    "lemon",
    "pepper",
    "rabbit",
    "silver",
    "turnip",
    "velvet",
    "wizard",
    "basket",
    "cotton",
    "marble",
]
MARKS = [
    *[
        ",",
        ".",
        ";",
        ":",
        "!",
        "?",
        "...",
        "…",
        "-",
        "–",
        "—",
        "--",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        "“",
        "”",
        "«",
        "»",
        "*",
        "**",
        "_",
        "__",
        "~",
        "~~",
        "`",
        "```",
        "|",
        "||",
        "#",
        "##",
        "/",
        "//",
        "\\",
        "<",
        ">",
        "=",
        "==",
        "+",
        "&",
        "@",
        "%",
        "^",
        "$",
        "€",
        "£",
        "°",
        "§",
        "•",
        "·",
        "😀",
        "👍🏽",
        "⚙️",
        ":-)",
        "<3",
        "<b>",
        "</i>",
        "&amp;",
        "&nbsp;",
        "---",
        "===",
        "***",
        "___",
    ],
    "\n",
    "\n# ",
    "\n- ",
    "\n> ",
    "\n1. ",
]
# Between two halves of a word they leave one word.
JOINING = ("*", "_", "~", ">", "`", "=")
MODIFIERS = ["$", "€", "£", "-", "+", "#", "~", "No. ", "v", "US$", "(", '"', "at ", "in "]
ENDINGS = [
    "%",
    "°C",
    " km/h",
    "kg",
    " m²",
    "th",
    "k",
    "M",
    "bn",
    "s",
    " pm",
    "am",
    ")",
    '"',
    "x",
    " USD",
    "!",
    ".",
    ",",
    "+",
    "/month",
    "'s",
]


def number(rng: random.Random) -> str:
    some = rng.randrange
    kinds = [
        lambda: str(some(10 ** some(1, 13))),
        lambda: f"{some(1000)}.{some(1000)}",
        lambda: f"{some(10**9):,}",
        lambda: f"{some(10**6):,}.{some(100):02}",
        lambda: f"{some(24)}:{some(60):02}",
        lambda: f"{some(1, 13)}/{some(1, 29)}/{some(1900, 2030)}",
        lambda: f"{some(1900, 2030)}-{some(1, 13):02}-{some(1, 29):02}",
        lambda: f"{some(100)}-{some(100)}",
        lambda: f"{some(1, 50)}/{some(1, 50)}",
        lambda: f"{some(10)}.{some(20)}.{some(10)}",
        lambda: f"{some(200, 999)}-{some(200, 999)}-{some(1000, 9999)}",
        lambda: f"({some(200, 999)}) {some(200, 999)}-{some(1000, 9999)}",
        lambda: f"{some(1, 9)} {some(1, 9)}/{some(2, 9)}",
        lambda: f"0x{some(4096):x}",
        lambda: f"{some(256)}.{some(256)}.{some(256)}.{some(256)}",
        lambda: f"{some(10)}e{some(10)}",
        lambda: f"{some(100)}x{some(100)}",
        lambda: f"'{some(10)}0s",
        lambda: rng.choice(["½", "3½", "x²", "10⁶", "٣٤", "１２", "Chapter IV", "World War II", "H2O", "A4"]),
    ]
    return rng.choice(kinds)()


def line(rng: random.Random) -> tuple[str, list[tuple[str, bool]]]:
    """A line, and its words in order, each with whether a number stands between it and the one before."""
    text, expected, has_number = "", [], False
    for _ in range(rng.randrange(2, 9)):
        for _ in range(rng.randrange(3)):
            if rng.random() < 0.6:
                has_number = True
                modifier = rng.choice(MODIFIERS) if rng.random() < 0.4 else ""
                ending = rng.choice(ENDINGS) if rng.random() < 0.4 else ""
                text += f" {modifier}{number(rng)}{ending} "
            else:
                text += rng.choice(["", " "]) + rng.choice(MARKS) + rng.choice(["", " "])
                text += " " if text.endswith(JOINING) else ""
        word = rng.choice(WORDS)
        # What stands behind an apostrophe or a hyphen is another word to espeak.
        text += (" " if text[-1:].isalnum() or text[-1:] in ("'", "-") else "") + word
        expected.append((word, has_number))
        has_number = False
    # The address of a link that has a text is not read.
    return text.replace("](", "] ("), expected


def lost(said: str, expected: list[tuple[str, bool]], spell=lambda word: word) -> str:
    """The first word, or the word before which a number, is missing in ``said``; "" for none."""
    at = 0
    for index, (word, has_number) in enumerate(expected):
        found = said.find(spell(word), at)
        if found < 0:
            return word
        if has_number and not re.search(r"[a-zɐ-ʯ]", said[at:found]):
            return f"the number before {word} ({index})"
        at = found + len(spell(word))
    return ""


LINES = [line(random.Random(seed)) for seed in range(2000)]


@pytest.mark.parametrize("contractions", [True, False])
def test_the_normalised_text_has_every_word_and_number(contractions):
    for text, expected in LINES:
        said = normalize(sanitize(text)[0], "en", contractions=contractions)
        assert not lost(said.lower(), expected), (text, said)
        assert not re.search(r"\d", said), (text, said)
        assert normalize(said, "en", contractions=contractions) == said, text


def test_chattts_has_every_word_and_number():
    for text, expected in LINES:
        said = chattts.prepare(chattts.in_words(sanitize(text)[0], "en"), language="en").text
        assert not lost(said.lower(), expected), (text, said)


def test_styletts2_has_every_word_and_number():
    for text, expected in LINES[:1000]:
        said = styletts2.read(sanitize(text)[0], quotes=True)
        assert not lost(sounds(said), expected, lambda word: sounds(styletts2.phonemize(word))), (text, said)


def test_kokoro_has_every_word_and_number():
    for text, expected in LINES[:1000]:
        words = normalize(sanitize(text)[0], "en", contractions=False)
        read = kokoro(words, "a", frozenset())
        assert not lost(" ".join(word.text for word in read.words).lower(), expected), (text, words)
        assert all(read.string[word.start : word.end].strip() for word in read.words), (text, words)


@pytest.mark.parametrize("front_end", [vallex.FrontEnd(), valle.FrontEnd(None)], ids=["vallex", "valle"])
def test_vall_e_has_every_word_and_number(front_end):
    def said(text):
        return "".join(read.phonemes for read in front_end.prepared(front_end.segments(text, "en")))

    alone = {word: sounds(said(word)).rstrip(".,") for word in WORDS}
    for text, expected in LINES[:1000]:
        assert not lost(sounds(said(sanitize(text)[0])), expected, alone.__getitem__), (text, said(sanitize(text)[0]))


@pytest.mark.parametrize(
    ("vocabulary", "written"),
    [
        (minimind.Cl100k(), lambda ids: minimind.cl100k().decode(list(ids)).lower()),
        (minimind.Bytes(), lambda ids: bytes(ids).decode().lower()),
        (minimind.Phonemes(), lambda ids: sounds("".join(minimind.ENGLISH[index] for index in ids))),
    ],
    ids=["cl100k", "bytes", "phonemes"],
)
def test_minimind_has_every_word_and_number(vocabulary, written):
    front_end = minimind_front_end(vocabulary, normalizes=True)

    def said(text):
        read = list(front_end.prepared(front_end.segments(text, "en")))
        assert not any(says(character) for each in read for character in each.left_out), (text, read)
        return " ".join(written(each.ids) for each in read)

    alone = {word: said(word).rstrip(".") for word in WORDS}
    for text, expected in LINES[:1000]:
        assert not lost(said(sanitize(text)[0]), expected, alone.__getitem__), (text, said(sanitize(text)[0]))


@pytest.mark.parametrize("cleaner", [english_cleaners, english_cleaners2])
def test_vits_has_every_word_and_number(cleaner):
    for text, expected in LINES[:1000]:
        said = cleaner(vits.in_words(sanitize(text)[0], "en"))
        assert not lost(sounds(said), expected, lambda word: sounds(cleaner(word))), (text, said)


@pytest.mark.parametrize("cleaner", [english_cleaners, english_cleaners2])
def test_not_even_what_was_never_normalised_is_lost_between_marks(cleaner):
    """Under compat the cleaners get digits and marks as they are written."""
    for text, expected in LINES[:1000]:
        # To espeak itself a word and a sign behind it are one, such as camel€.
        text = " ".join(re.sub(r"[^\w\s,.;:!?()'-]|_", " ", text).split())
        said = cleaner(text)
        words_alone = [(word, False) for word, _ in expected]
        assert not lost(sounds(said), words_alone, lambda word: sounds(cleaner(word))), (text, said)


def sounds(phonemes: str) -> str:
    return re.sub(r"[ˈˌː\s_]", "", phonemes)
