"""What any text from outside goes through before a system sees it."""

import re
import unicodedata

from engine.errors import TextError
from engine.message import Message

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Composed, 2½ would read 21/2 and 10² would read 102.
_RAISED_AFTER_DIGIT = re.compile("(?<=\\d)(?=[¼-¾⅐-⅞↉²³¹⁰⁴-⁹₀-₉])")
# Composed, ①② would read 12, and 1，2 would read 1,2.
_RUN_TOGETHER = re.compile("(?<=[\\d①-⑳])(?=[①-⑳])|(?<=\\d，)(?=\\d)")
# Composed, m² would read m2.
_POWERS = re.compile("([²³])")
# Composed, x¹⁰ would read x10 and 10⁻⁵ would read 10-5. Behind a word they are numbers of notes.
_RAISED = re.compile("[⁺⁻]?[⁰¹²³⁴-⁹]+|ⁿ")
_RAISED_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n")
_BASE = re.compile(r"(?:\d|\)|(?<![^\W\d_])[^\W\d_])$")
_KEPT = frozenset("\n\t")
# More marks than this on one letter nobody writes; to put n of them in order takes n² steps.
_MOST_MARKS = 8


def sanitize(text: str, *, max_chars: int = 100_000, verbatim: bool = False) -> tuple[str, list[Message]]:
    """The text that can be spoken, and what the user should know about what was left out.

    Every line end becomes a newline. Control and format characters (bidirectional overrides, zero-width marks) and
    lone surrogates are dropped, and so are the marks on a letter beyond the eighth. The rest is put in Unicode's
    compatibility composition (NFKC), digits of all scripts become ASCII's, unless ``verbatim``: phonemes would not
    survive it (ʰ becomes h), and neither would a reference's own quirks. Takes time linear in the text.

    Raises TextError when it is not a text, has more than ``max_chars`` characters, or holds nothing to speak.
    """
    if not isinstance(text, str):
        raise TextError("the text must be a string, not {name}", name=type(text).__name__)
    _check_length(text, max_chars)
    text = _LINE_ENDS.sub("\n", text)
    unwanted = {ord(character): None for character in set(text) if _is_unwanted(character)}
    clean = text.translate(unwanted)
    invisible = len(text) - len(clean)
    thinned = cap_marks(clean)
    heaped = len(clean) - len(thinned)
    clean = thinned
    if not verbatim:
        clean = _RAISED.sub(_power, clean)
        clean = _RUN_TOGETHER.sub(" ", _RAISED_AFTER_DIGIT.sub(" ", clean))
        clean = "".join(part if part in "²³" else unicodedata.normalize("NFKC", part) for part in _POWERS.split(clean))
        clean = ascii_digits(clean)
        _check_length(clean, max_chars)
    clean = clean if verbatim else clean.strip()
    if not any(map(is_spoken, set(clean))):
        raise TextError("there is nothing in the text that can be spoken; write at least one letter or digit")
    return clean, _left_out(invisible, heaped)


def cap_marks(text: str) -> str:
    """``text`` with at most eight combining marks in a row: Unicode's normal forms sort each run in quadratic time."""
    if text.isascii():
        return text
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def ascii_digits(text: str) -> str:
    """``text`` with the decimal digits of every script as those of ASCII, of the same value."""
    if text.isascii():
        return text
    digits = {ord(character): str(unicodedata.decimal(character)) for character in set(text) if character.isdecimal()}
    return text.translate(digits)


def is_spoken(character: str) -> bool:
    """Whether the character alone has something to say: a letter, a digit or a symbol such as + or %."""
    return unicodedata.category(character)[0] in "LNS" or character in "%&@#"


def _is_unwanted(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs") and character not in _KEPT


def _power(match: re.Match[str]) -> str:
    raised, before = match[0], match.string[max(0, match.start() - 2) : match.start()]
    if raised in "²³":
        return raised
    if raised[0] in "⁺⁻" or _BASE.search(before):
        return f"^{raised.translate(_RAISED_DIGITS)}"
    return f" {raised.translate(_RAISED_DIGITS)}"


def _left_out(invisible: int, heaped: int) -> list[Message]:
    """What to tell of so many invisible characters and so many marks heaped on a letter."""
    told = []
    if invisible == 1:
        told.append(Message("1 invisible character was left out of the text"))
    elif invisible:
        told.append(Message("{count} invisible characters were left out of the text", count=invisible))
    if heaped == 1:
        told.append(Message("1 combining mark was left out of the text"))
    elif heaped:
        told.append(Message("{count} combining marks were left out of the text", count=heaped))
    return told


def _check_length(text: str, max_chars: int) -> None:
    if len(text) > max_chars:
        raise TextError(
            "the text has {count:,} characters; at most {max_chars:,} are read at once, so cut it",
            count=len(text),
            max_chars=max_chars,
        )
