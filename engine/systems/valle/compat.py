"""The option ``compat``: text as the reference takes it. docs/systems/valle.md#the-references-front-end

A ``|`` separates what is said, numbers are cut at their marks, nothing closes a text, and a symbol that the model does
not know is an error.
"""

import re
from collections.abc import Iterator, Sequence

from engine.errors import TextError
from engine.message import quoted
from engine.request import Segment
from engine.systems.valle.symbols import BOS, EOS, ESPEAK, HALVES, SymbolTable
from engine.systems.valle.text import PHONE, SYLLABLE, WORD, PreparedSegment, Prompted, halves, tokenise
from engine.text.phonemes import phones
from engine.text.zh.pinyin import DIGITS, readings

MAX_CHARS = 2000
_MARKS = frozenset(';:,.!?¡¿—…"«»“”' + WORD)
_BLANKS = re.compile(" +")
# espeak-ng 1.52 writes the first where 1.51, which models were trained with, mostly wrote the second.
_SINCE_TRAINING = (("ɔː", "oː"),)


class FrontEnd:
    """The counterpart of `text.FrontEnd`."""

    def __init__(self, table: SymbolTable | None) -> None:
        self.table = table
        self.extractor = table.extractor if table else ESPEAK

    def segments(self, text: str, language: str) -> list[Segment]:
        """The texts that ``|`` separates, each as it is. Raises TextError when one has more than MAX_CHARS."""
        pieces = [piece for piece in text.split("|") if piece.strip()]
        for piece in pieces:
            if len(piece) > MAX_CHARS:
                raise TextError(
                    "the text has {count:,} characters; compat speaks it in one piece, of at most {max_chars:,}, "
                    "so cut it or leave compat off",
                    count=len(piece),
                    max_chars=MAX_CHARS,
                )
        return [Segment(text=piece, language=language) for piece in pieces]

    def prepared(self, segments: Sequence[Segment]) -> Iterator[PreparedSegment]:
        """Each segment. Raises TextError before the first on an unknown symbol."""
        read = [self._symbols(segment.text) for segment in segments]
        for segment, symbols in zip(segments, read, strict=True):
            yield PreparedSegment(
                text=segment.text,
                phonemes="".join(symbols) if self.extractor == ESPEAK else " ".join(symbols),
                symbols=tuple(symbols),
            )

    def together(self, prompt: str, text: str, _said: PreparedSegment) -> Prompted:
        """Prompt and text phonemised in one, which may change the prompt's end; its length is that of it alone."""
        prompt = " ".join(prompt.split("|"))
        return Prompted(ids=self._ids(f"{prompt} {text}".strip()), prompt_length=len(self._ids(prompt)))

    def whole(self, said: Sequence[PreparedSegment]) -> tuple[int, ...]:
        """The ids of several segments, phonemised in one, with BOS and EOS."""
        return self._ids(" ".join(each.text for each in said))

    def _ids(self, text: str) -> tuple[int, ...]:
        ids = self.table.ids if self.table else {}
        return (BOS, *(ids[symbol] for symbol in self._symbols(text) if symbol in ids), EOS)

    def _symbols(self, text: str) -> list[str]:
        if not text.strip():
            return []
        symbols = [self._as_trained(symbol) for symbol in extract(text, self.extractor)]
        unknown = [symbol for symbol in symbols if self.table and symbol not in self.table]
        if unknown:
            raise TextError(
                "the model has no symbols for {unknown}; without compat they are left out", unknown=quoted(unknown)
            )
        return symbols

    def _as_trained(self, symbol: str) -> str:
        if self.table is None or symbol in self.table:
            return symbol
        for written, before in _SINCE_TRAINING:
            symbol = symbol.replace(written, before)
        return symbol


def extract(text: str, extractor: str) -> list[str]:
    """The symbols of ``text`` as one of the three extractors gives them."""
    return tokenise(phones(text) if extractor == ESPEAK else _pinyin(text, in_halves=extractor == HALVES))


def _pinyin(text: str, *, in_halves: bool) -> str:
    """Syllables with ``-`` behind each but where marks follow, ``_`` for blanks."""
    text = _BLANKS.sub(" ", text).strip().replace(" ", WORD)
    said = ""
    for item in _items(text):
        if all(sign in _MARKS for sign in item):
            said = said.removesuffix(SYLLABLE) + "".join(f"{sign}{PHONE}" for sign in item)
        elif not in_halves:
            said += item + SYLLABLE
        elif item[-1].isalnum():
            said += PHONE.join(halves(item)) + SYLLABLE
    return said.rstrip(WORD + SYLLABLE + PHONE)


def _items(text: str) -> Iterator[str]:
    for written, syllable in readings(text, DIGITS, published=True):
        yield written if syllable is None else syllable
