"""Our front end: text to segments and to the symbols of the model. docs/systems/valle.md#our-front-end"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.errors import TextError
from engine.request import Segment
from engine.system import Reading
from engine.systems.valle.symbols import BOS, EOS, ESPEAK, HALVES, SymbolTable
from engine.text.initials import spell_initials
from engine.text.normalize import normalize
from engine.text.phonemes import phones
from engine.text.segment import SENTENCE_PAUSE_S, hurried, split
from engine.text.unspoken import says, unread_by_espeak
from engine.text.zh.pinyin import DIGITS, initial_and_final, readings
from engine.text.zh.words import words

# With a prompt of some seconds before it, a piece stays within what models have heard at once: 14 to 20 seconds.
MAX_CHARS, FIRST_MAX_CHARS = 160, 100
WORD, SYLLABLE, PHONE = "_", "-", "|"
_TOKEN = re.compile(r"\w+|[^\w\s]")
_CHINESE = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# What stands for a mark that a table lacks, in this order.
_MARKS = {
    **dict.fromkeys(",，、;；:：—–-（）()", (",", "，")), **dict.fromkeys(".。．", (".", "。")), "!": ("!", "！", "."),
    "！": ("！", "!", "。", "."), "?": ("?", "？", "."), "？": ("？", "?", "。", "."), "…": ("…", "."),
    "¡": (), "¿": (), **dict.fromkeys("\"'“”‘’«»「」『』《》〈〉", ()),
}  # fmt: skip
# Before these a blank is none.
_CLOSING = frozenset(",.!?;:…，。！？、；：")
# The names of Latin letters, in characters that sound like them.
_LETTERS = {
    "A": "诶", "B": "必", "C": "西", "D": "弟", "E": "衣", "F": "艾弗", "G": "吉", "H": "艾尺", "I": "爱", "J": "杰",
    "K": "开", "L": "艾勒", "M": "艾姆", "N": "恩", "O": "欧", "P": "批", "Q": "丘", "R": "阿", "S": "艾丝", "T": "提",
    "U": "优", "V": "维", "W": "达不溜", "X": "艾克斯", "Y": "歪", "Z": "贼",
}  # fmt: skip
# Symbols of espeak that came and went with its versions, and what is nearest to them.
_NEAREST = (
    ("ɔː", "oː"), ("oː", "ɔː"),
    ("ᵻ", "ɪ"), ("ɐ", "ə"), ("ɚ", "əɹ"), ("ɜː", "ɚ"), ("ɜː", "əɹ"), ("ɾ", "t"), ("ʔ", "t"), ("ː", ""),
    ("ɡ", "g"), ("g", "ɡ"), ("ʌ", "ə"), ("ɒ", "ɑː"), ("ɬ", "l"), ("x", "k"), ("r", "ɹ"), ("e", "ɛ"), ("o", "oʊ"),
    ("a", "æ"), ("ø", "ə"), ("y", "uː"), ("ɨ", "ɪ"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSegment(Reading):
    """A segment as it is read: its ``symbols``, without those of structure."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompted:
    """The ids (n,) of a prompt's text and of what is said, with BOS and EOS.

    The model wants the text of the prompt to take ``prompt_length`` of them, with a BOS and an EOS of its own.
    """

    ids: tuple[int, ...]
    prompt_length: int


class FrontEnd:
    """A text by sentences and clauses, each closed by a mark; what cannot be spoken is left out and reported.

    Without a ``table`` every symbol is known, and there are no ids.
    """

    def __init__(self, table: SymbolTable | None) -> None:
        self.table = table
        self.extractor = table.extractor if table else ESPEAK

    def segments(self, text: str, _language: str) -> list[Segment]:
        """The pieces of a text, in words. Raises TextError when there is nothing to say in it."""
        language = "en" if self.extractor == ESPEAK else "zh"
        said = normalize(text, language, contractions=False)
        said = spell_initials(said) if language == "en" else said
        segments = hurried(split(said, language, max_chars=MAX_CHARS, first_max_chars=FIRST_MAX_CHARS))
        if not segments:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        return segments

    def prepared(self, segments: Sequence[Segment]) -> Iterator[PreparedSegment]:
        """Each segment, read only when its turn comes, so that the first sound waits for no other."""
        for index, segment in enumerate(segments):
            ends = index == len(segments) - 1 or segment.pause_s >= SENTENCE_PAUSE_S
            read, unread = _espeak(segment.text) if self.extractor == ESPEAK else self._pinyin(segment.text)
            known: list[str] = []
            for symbol in read:
                found, lost = self._known(symbol)
                known += found
                unread += [sign for sign in lost if sign != WORD and says(sign)]
            symbols = self._closed(known, "." if ends else ",")
            yield PreparedSegment(
                text=segment.text,
                phonemes="".join(symbols) if self.extractor == ESPEAK else " ".join(symbols),
                left_out=tuple(dict.fromkeys(unread)),
                symbols=tuple(symbols),
            )

    def together(self, prompt: str, _text: str, said: PreparedSegment) -> Prompted:
        """Prompt and segment apart, with a blank between them, so that neither changes how the other is read."""
        before = [symbol for each in self._read_all(prompt) for symbol in (WORD, *each.symbols)][1:]
        gap = [WORD] if before else []
        return Prompted(ids=self._ids([*before, *gap, *said.symbols]), prompt_length=len(before) + 2)

    def whole(self, said: Sequence[PreparedSegment]) -> tuple[int, ...]:
        """The ids of several segments in a row, with BOS and EOS."""
        return self._ids([symbol for each in said for symbol in (WORD, *each.symbols)][1:])

    def _read_all(self, text: str) -> Iterator[PreparedSegment]:
        return self.prepared(self.segments(text, "")) if text.strip() else iter(())

    def _ids(self, symbols: Sequence[str]) -> tuple[int, ...]:
        ids = self.table.ids if self.table else {}
        return (BOS, *(ids[symbol] for symbol in symbols if symbol in ids), EOS)

    def _known(self, symbol: str) -> tuple[list[str], str]:
        """A symbol, or what is nearest to it, another of the same sound or its parts; and what of it has no sound."""
        table = self.table
        if table is None or symbol in table:
            return [symbol], ""
        if symbol in _MARKS:
            return next(([mark] for mark in _MARKS[symbol] if mark in table), []), ""
        for written, instead in _NEAREST:
            if written in symbol and (similar := symbol.replace(written, instead)) in table:
                return [similar], ""
        # Pinyin in parts is another syllable.
        return _in_parts(symbol, table) if self.extractor == ESPEAK else ([], symbol)

    def _closed(self, symbols: list[str], mark: str) -> list[str]:
        """``symbols`` without blanks at their ends and twice in a row, and with a mark at the end if there is one."""
        kept: list[str] = []
        for symbol in symbols:
            if symbol in _CLOSING and kept and kept[-1] == WORD:
                kept.pop()
            if symbol not in (WORD, SYLLABLE) or (kept and kept[-1] not in (WORD, SYLLABLE)):
                kept.append(symbol)
        while kept and kept[-1] in (WORD, SYLLABLE):
            kept.pop()
        if kept and kept[-1] not in _MARKS:
            kept += self._known(mark)[0]
        return kept

    def _pinyin(self, text: str) -> tuple[list[str], list[str]]:
        """Syllables of Chinese, a blank between words and a hyphen within them, and the characters without any."""
        symbols: list[str] = []
        unread: list[str] = []
        for word in words(text):
            spelt = "".join(_LETTERS.get(sign.upper(), sign) for sign in word)
            if not _CHINESE.search(spelt):
                symbols += [WORD if sign.isspace() else sign for sign in word]
                continue
            symbols.append(WORD)
            for character, syllable in readings(spelt, DIGITS):
                read = [] if syllable is None else halves(syllable) if self.extractor == HALVES else [syllable]
                if not read or (self.table and any(part not in self.table for part in read)):
                    # Where the name of a letter is not known, the letter is what is lost.
                    unread += character if character in word else word
                    continue
                symbols += [*read, SYLLABLE]
            if symbols[-1] == SYLLABLE:
                symbols[-1] = WORD
        return symbols, unread


def halves(syllable: str) -> list[str]:
    """A syllable such as ``ni3`` as ``n`` and ``i3``; without an initial, such as ``an1``, as it is."""
    bare, tone = (syllable[:-1], syllable[-1]) if syllable[-1].isdigit() else (syllable, "")
    initial, final = initial_and_final(bare)
    return [*([initial] if initial else []), final + tone]


def tokenise(phonemes: str) -> list[str]:
    """Words that ``_`` joins as symbols: a phone or a mark each, ``_`` between words."""
    symbols = [token for word in phonemes.split(WORD) for token in (*_TOKEN.findall(word), WORD)]
    return [symbol for symbol in symbols[:-1] if symbol != PHONE]


def _in_parts(symbol: str, table: SymbolTable) -> tuple[list[str], str]:
    """The longest known symbols that one is made of, or the nearest of them, and what is between them."""
    parts: list[str] = []
    lost, at = "", 0
    while at < len(symbol):
        step, found = _longest(symbol[at:], table)
        for written, instead in _NEAREST:
            if not found and symbol.startswith(written, at):
                step, found = len(written), _spelt(instead, table)
        parts += found
        lost += "" if found else symbol[at]
        at += step if found else 1
    return parts, lost


def _longest(text: str, table: SymbolTable) -> tuple[int, list[str]]:
    end = next((end for end in range(len(text), 0, -1) if text[:end] in table), 0)
    return end, [text[:end]] if end else []


def _spelt(symbol: str, table: SymbolTable) -> list[str]:
    """A symbol in known parts, all of it or nothing."""
    parts: list[str] = []
    while symbol:
        step, found = _longest(symbol, table)
        if not found:
            return []
        parts, symbol = parts + found, symbol[step:]
    return parts


def _espeak(text: str) -> tuple[list[str], list[str]]:
    """Phones of English, and the characters that espeak has no words for."""
    unread = unread_by_espeak(text)
    return tokenise(phones(text.translate(dict.fromkeys(map(ord, unread), " ")))), unread
