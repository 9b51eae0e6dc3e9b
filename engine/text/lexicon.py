"""Words that are to be read otherwise: where they stand in a text, and the text with what is read instead.

docs/lexicon.md#matching
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.errors import OptionError, TextError
from engine.message import Message, quoted
from engine.request import LexiconEntry
from engine.text.sanitize import cap_marks, is_spoken

LONGEST_WORD, LONGEST_RESPELLING = 100, 300  # characters
# Scripts without spaces between words: Chinese, kana, Thai, Lao, Tibetan, Burmese, Khmer.
_UNSPACED = re.compile(
    "[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3041-\u3096\u309d\u309e\u30a1-\u30fa"
    "\u30fc-\u30fe\u31f0-\u31ff\u0e01-\u0e4e\u0e81-\u0ecd\u0f00\u0f40-\u0fbc\u1000-\u103f\u1050-\u109d\u1780-\u17d3]"
)
# What a text is made of, told by the kind of each character: space, (h)alf-words of those scripts, digits, (S)es, other
# letters (w), marks on them, (a)postrophes, points (p), and marks within numbers (c). An s of possession is a token.
_TOKEN = re.compile("s+|hm*|[wSd][wSdm]*(?:a(?!Sm*(?![wSdm]))[wSd][wSdm]*|p[wSd][wSdm]*|(?<=d)c(?=d)d+)*|.")
_APOSTROPHES = "'’"


@dataclass(slots=True)
class _Node:
    """Where one stands after some tokens: those that may follow, and the entry that ends here."""

    after: "dict[str, _Node]" = field(default_factory=dict)
    entry: LexiconEntry | None = None


class Table:
    """``entries`` to look up in texts; of two for the same word the last counts.

    A word without capitals stands for itself in any case, another for itself alone.
    """

    def __init__(self, entries: Iterable[LexiconEntry]) -> None:
        self.exact, self.folded = _Node(), _Node()
        for entry in entries:
            is_exact = entry.word != entry.word.lower()
            node = self.exact if is_exact else self.folded
            for start, end in _tokens(entry.word):
                key = _written(entry.word[start:end])
                node = node.after.setdefault(key if is_exact else key.casefold(), _Node())
            node.entry = entry


def found(text: str, tables: Sequence[Table]) -> Iterator[tuple[int, int, LexiconEntry]]:
    """Start and end of each word that has an entry, in order.

    From each place on it is the longest; of the same length that of the first of ``tables`` which has one, and there
    the one that has the word's own capitals. Takes linear time.
    """
    tokens = list(_tokens(text))
    written = [_written(text[start:end]) for start, end in tokens]
    folded = [token.casefold() for token in written]
    roots = [root for table in tables for root in ((table.exact, written), (table.folded, folded))]
    at = 0
    while at < len(tokens):
        last, entry = at - 1, None
        for node, keys in roots:
            for place in range(at, len(tokens)):
                if (following := node.after.get(keys[place])) is None:
                    break
                node = following
                if node.entry and place > last:
                    last, entry = place, node.entry
        if entry:
            yield tokens[at][0], tokens[last][1], entry
        at = max(last, at) + 1


def respelled(
    text: str, tables: Sequence[Table], *, max_chars: int, tokens: Sequence[str] = ()
) -> tuple[str, list[LexiconEntry]]:
    """``text`` with respellings in the places of words, and the entries that were used, each once.

    All else stays in its characters, and so do ``tokens``, which mean something to a system. Takes linear time. Raises
    TextError where the text would have more than ``max_chars`` characters.
    """
    kept = _places(text, tokens)
    parts: list[str] = []
    used: dict[LexiconEntry, None] = {}
    at = length = passed = 0
    for start, end, entry in found(text, tables):
        while passed < len(kept) and kept[passed][1] <= start:
            passed += 1
        if passed < len(kept) and kept[passed][0] < end:
            continue
        parts += [text[at:start], entry.respelling]
        length += start - at + len(entry.respelling)
        at = end
        used[entry] = None
    length += len(text) - at
    if length > max_chars:
        raise TextError(
            "with the respellings of the lexicon the text has {count:,} characters; at most {max_chars:,} are read at "
            "once, so cut it",
            count=length,
            max_chars=max_chars,
        )
    return "".join([*parts, text[at:]]), list(used)


def remark(used: Sequence[LexiconEntry]) -> list[Message]:
    """What to tell of entries that were used."""
    if not used:
        return []
    return [Message("read as the lexicon says: {words}", words=quoted(entry.word for entry in used))]


def checked(raw: LexiconEntry) -> LexiconEntry:
    """An entry as a text that is to be spoken may hold it: composed, with single spaces. Raises OptionError."""
    word, respelling = _clean(raw.word, 4 * LONGEST_WORD), _clean(raw.respelling, 4 * LONGEST_RESPELLING)
    if not any(map(is_spoken, word)) or len(word) > LONGEST_WORD:
        raise OptionError(
            "a word of the lexicon has 1 to {most} characters, a letter or a digit among them; this one is {word!r}",
            most=LONGEST_WORD,
            word=word[:40],
        )
    pinyin = " ".join(raw.pinyin.split())
    if pinyin and not respelling:
        from engine.text.zh.syllables import characters

        respelling = characters(pinyin)
    if not any(map(is_spoken, respelling)) or len(respelling) > LONGEST_RESPELLING:
        raise OptionError(
            "the respelling of {word!r} must have 1 to {most} characters, a letter or a digit among them",
            word=word[:40],
            most=LONGEST_RESPELLING,
        )
    return LexiconEntry(word=word, respelling=respelling, pinyin=pinyin)


def same_word(one: str, other: str) -> bool:
    """Whether two words have one entry between them: spaces and apostrophes may differ."""
    return _written(_clean(one, 4 * LONGEST_WORD)) == _written(_clean(other, 4 * LONGEST_WORD))


def _clean(text: str, most: int) -> str:
    """Without control and format characters; what is far too long is cut, so that the work is bounded."""
    composed = unicodedata.normalize("NFKC", cap_marks(text[:most]))
    spaced = " ".join(composed.split())
    return "".join(each for each in spaced if unicodedata.category(each) not in ("Cc", "Cf", "Cs"))


def _tokens(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each token; all of them are all of the text."""
    kinds = text.translate({ord(character): _kind(character) for character in set(text)})
    return (match.span() for match in _TOKEN.finditer(kinds))


def _kind(character: str) -> str:
    if character.isspace():
        return "s"
    if _UNSPACED.match(character):
        return "m" if unicodedata.category(character)[0] == "M" else "h"
    if character.isdecimal():
        return "d"
    if character.isalnum() or character == "_":
        return "S" if character in "sS" else "w"
    if unicodedata.category(character)[0] == "M":
        return "m"
    if character in _APOSTROPHES:
        return "a"
    return "p" if character in ".@" else "c" if character in ",:/" else "o"


def _places(text: str, tokens: Sequence[str]) -> list[tuple[int, int]]:
    """Start and end of each of ``tokens`` in a text; of those that stand around words, of their ends."""
    ends = sorted({end for token in tokens for end in token.split("…") if end}, key=len, reverse=True)
    if not ends:
        return []
    return [match.span() for match in re.finditer("|".join(map(re.escape, ends)), text, re.IGNORECASE)]


def _written(text: str) -> str:
    """A text in which spaces and apostrophes are all alike."""
    return " ".join(re.split(r"\s+", text.replace("’", "'")))
