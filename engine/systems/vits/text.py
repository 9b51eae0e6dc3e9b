"""Our front end: text to segments, phonemes and symbol ids. Its rules: docs/systems/vits.md#text-and-symbols."""

import dataclasses
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.errors import ConfigError, TextError
from engine.request import Segment
from engine.systems.vits import cleaners
from engine.systems.vits.config import TextConfig
from engine.text.initials import spell_initials
from engine.text.normalize import normalize
from engine.text.sanitize import is_spoken
from engine.text.segment import CLAUSE_PAUSE_S, SENTENCE_PAUSE_S, split

# The only one after which no punctuation is left, so that its models have never seen any.
UNPUNCTUATED = "english_cleaners"
# A bracket between words, and any other.
_ASIDE = re.compile(r"(?<=\w)\s*[(\[{]+\s*(?=\w)|(?<=[\w.!?…])[)\]}]+\s*(?=[\w(\[{])")
_BRACKET = re.compile(r"[()\[\]{}]")
# Attention is quadratic in the text, and the voices slur beyond some 200 phonemes.
MAX_PHONEMES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """The ids of a text, blanks included, its ``symbols`` that have one, and how many letters and digits they speak.

    What is left out: ``unknown`` characters, which the model has no symbol for, and ``unread`` ones, which the cleaners
    have no words for; and ``silent`` marks, of which a model that has none says nothing anyhow. Each once.
    """

    ids: tuple[int, ...]
    symbols: str
    spoken: int
    unknown: tuple[str, ...]
    unread: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


class SymbolEncoder:
    """Cleans text and looks its characters up, as a configuration says."""

    def __init__(self, config: TextConfig) -> None:
        self.config = config
        # A symbol that stands twice in the list has its last number: the apostrophe does, and models were trained so.
        self._ids = {symbol: number for number, symbol in enumerate(config.symbols)}

    def check_cleaners(self) -> None:
        """Raises ConfigError when the checkpoint wants a cleaner that is not there."""
        for name in self.config.cleaners:
            if not cleaners.find(name):
                there = ", ".join(cleaners.CLEANERS)
                raise ConfigError(
                    "this checkpoint reads text through {name!r}, which is not there yet (there are {there}); "
                    "give it text in its own symbols with cleaned=true (for training, data.cleaned_text)",
                    name=name,
                    there=there,
                )

    def clean(self, text: str) -> str:
        """The text in the model's symbols. Raises ConfigError for an unknown cleaner."""
        self.check_cleaners()
        for name in self.config.cleaners:
            if cleaner := cleaners.find(name):
                text = cleaner.clean(text)
        return text

    def knows(self, symbols: str) -> bool:
        """Whether the model has each of ``symbols``."""
        return all(symbol in self._ids for symbol in symbols)

    def unread(self, text: str) -> tuple[str, ...]:
        """The letters, digits and symbols of ``text`` that the cleaners leave out without a word, each once."""
        candidates = dict.fromkeys(character for character in text if not character.isascii() or character in "<>|")
        said = [character for character in candidates if _says(character)]
        found = cleaners.find(self.config.cleaners[0]) if len(self.config.cleaners) == 1 else None
        if found and found.mixed:
            lost = found.mixed.unread(text, said)
            return tuple(character for character in said if character in lost)
        return tuple(character for character in said if not self.clean(character).strip())

    def set_apart(self, text: str) -> str:
        """``text`` with commas for brackets: what they hold is said apart, and few models have symbols for them."""
        if "," not in self._ids or not self._ids.keys().isdisjoint("()"):
            return text
        return _BRACKET.sub("", _ASIDE.sub(", ", text))

    def close(self, text: str, mark: str) -> str:
        """``text``, with ``mark`` after it when it ends in none: without one, models slur the end."""
        text = text.strip()
        if not text or not text[-1].isalnum() or mark not in self._ids or UNPUNCTUATED in self.config.cleaners:
            return text
        return text + mark

    def encode(self, text: str) -> Encoded:
        """The ids of cleaned ``text``; what has none is left out."""
        known = "".join(symbol for symbol in text if symbol in self._ids)
        ids = [self._ids[symbol] for symbol in known]
        return Encoded(
            ids=tuple(with_blanks(ids)) if self.config.add_blank else tuple(ids),
            symbols=known,
            spoken=sum(map(str.isalnum, known)),
            unknown=tuple(dict.fromkeys(symbol for symbol in text if symbol not in self._ids)),
        )


class FrontEnd:
    """A text by sentences and clauses, each closed by a mark; what cannot be spoken is left out and reported.

    ``cleaned`` says that the text is in the model's own symbols already.
    """

    def __init__(self, encoder: SymbolEncoder, *, cleaned: bool) -> None:
        self._encoder, self._cleaned = encoder, cleaned

    def segments(self, text: str, language: str) -> list[Segment]:
        """The pieces of a text that is not empty. Raises TextError when there is nothing to say in it."""
        if self._cleaned:
            return split_phonemes(" ".join(text.split()), language)
        segments = split(in_words(text, language), language)
        if not segments:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        return segments

    def encoded(self, segments: Sequence[Segment]) -> Iterator[Encoded]:
        """The ids of each segment, read only when its turn comes, so that the first sound waits for no other."""
        for index, segment in enumerate(segments):
            if self._cleaned:
                yield self._encoder.encode(segment.text)
                continue
            ends = index == len(segments) - 1 or segment.pause_s >= SENTENCE_PAUSE_S
            said = self._encoder.set_apart(segment.text)
            cleaned = self._encoder.close(self._encoder.clean(said), "." if ends else ",")
            yield dataclasses.replace(self._encoder.encode(cleaned), unread=self._encoder.unread(segment.text))


def in_words(text: str, language: str) -> str:
    """English ``text`` with numbers and symbols in words and initials spelled; the cleaners would read them anyhow.

    Text of other languages stays as it is. To be called before the text is cut: what an abbreviation or a mark means
    shows in what is around it.
    """
    if language.lower().replace("_", "-").partition("-")[0] not in ("", "en"):
        return text
    return spell_initials(normalize(text, "en", contractions=False))


def split_phonemes(text: str, language: str, *, most: int = MAX_PHONEMES) -> list[Segment]:
    """Cleaned text as it is, or, beyond ``most``, cut after the marks that end sentences or else at spaces."""
    segments, rest = [], text
    while len(rest) > most:
        window = rest[:most]
        sentences = [match.end() for match in re.finditer(r"[.!?…]+\s", window)]
        clauses = [match.end() for match in re.finditer(r"[,;:—]\s", window)]
        at = (sentences or clauses or [window.rfind(" ") + 1 or most])[-1]
        pause_s = SENTENCE_PAUSE_S if sentences else CLAUSE_PAUSE_S if clauses else 0.0
        segments.append(Segment(text=rest[:at].rstrip(), language=language, pause_s=pause_s))
        rest = rest[at:]
    return [*segments, Segment(text=rest, language=language)]


def with_blanks(ids: Sequence[int]) -> list[int]:
    """0 before, between and after ``ids``."""
    blanked = [0] * (2 * len(ids) + 1)
    blanked[1::2] = ids
    return blanked


def _says(character: str) -> bool:
    """Modifiers (accents, apostrophes, tones of skin) say nothing by themselves."""
    return is_spoken(character) and unicodedata.category(character) not in ("Lm", "Sk")
