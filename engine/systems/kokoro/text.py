"""Our front end: text to segments, phonemes and ids as the models were trained on them.

docs/systems/kokoro.md#text
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.errors import TextError
from engine.request import Segment
from engine.style_tts.pieces import MAX_PHONEMES, cuts
from engine.system import Reading
from engine.systems.kokoro.languages import Language, of_sentence, of_tag
from engine.systems.kokoro.phonemes import Phonemes, Word, phonemize
from engine.text.markup import plain
from engine.text.normalize import normalize
from engine.text.normalize_ja import normalize_ja
from engine.text.sanitize import ascii_digits
from engine.text.segment import PARAGRAPH_PAUSE_S, split

# Characters of a segment; the first one is shorter, so that its sound is there soon.
MAX_CHARS, FIRST_MAX_CHARS = 200, 80
# What the position table has room for between both ends, and a pack rows.
MOST_PHONEMES = 510
ENDS = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWord:
    """A word, and the first and the last of the ids that are its phonemes."""

    text: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What the networks read at once: ``ids`` with both ends, the ``symbols`` that have them, the words among them.

    ``row`` is that of a voice's pack: one less than the characters of the phonemes, those without an id included.
    ``speaks`` says whether there is anything to say.
    """

    ids: tuple[int, ...]
    symbols: str
    row: int
    words: tuple[SpokenWord, ...] = ()
    speaks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSegment(Reading):
    """A segment as it is read, in the ``language`` of a voice's letter, with the pieces that are spoken in order."""

    language: Language
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEnd:
    """Text to ids for a model with this ``vocabulary``, which speaks ``languages``.

    ``cleaned`` text is in phonemes already.
    """

    vocabulary: Mapping[str, int]
    languages: Sequence[str]
    cleaned: bool = False

    def segment(self, text: str, language: str) -> list[Segment]:
        """The text by sentences, short ones together; each in its language. Raises TextError."""
        if not text.strip():
            raise TextError("the text is empty; there is nothing to say")
        if self.cleaned:
            return [Segment(text=" ".join(text.split()), language=of_tag(language).tag)]
        segments: list[Segment] = []
        for line in text.splitlines():
            spoken = of_sentence(line, language, self.languages)
            # Before it is cut: what an abbreviation or a mark means shows in what is around it.
            found = split(
                in_words(line, spoken),
                spoken.tag,
                max_chars=MAX_CHARS,
                first_max_chars=MAX_CHARS if segments else FIRST_MAX_CHARS,
                join_below=MAX_CHARS,
            )
            if found and segments:
                segments[-1] = replace(segments[-1], pause_s=PARAGRAPH_PAUSE_S)
            segments += found
        if not segments:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        return segments

    def prepared(self, segments: Sequence[Segment]) -> Iterator[PreparedSegment]:
        """Each segment when its turn comes, in several pieces where it turns out to be too long."""
        for segment in segments:
            language = of_tag(segment.language)
            if not self.cleaned:
                language = of_sentence(segment.text, segment.language, self.languages)
            phonemes = self.phonemes(segment.text, language)
            pieces = tuple(
                encode(part(phonemes, start, end), self.vocabulary)
                for start, end in cuts(phonemes.string, MAX_PHONEMES)
            )
            yield PreparedSegment(
                text=segment.text,
                phonemes=" ".join(piece.symbols for piece in pieces),
                left_out=phonemes.left_out,
                language=language,
                pieces=pieces,
            )

    def phonemes(self, text: str, language: Language) -> Phonemes:
        """The phonemes of text in words, or of ``cleaned`` text, whose words are its own. Raises EngineError."""
        if self.cleaned:
            return as_written(text, self.vocabulary)
        return phonemize(text, language.letter, frozenset(self.vocabulary))


def in_words(text: str, language: Language) -> str:
    """``text`` with what marks would tear apart in words, as far as there are rules for its language."""
    match language.code:
        case "en":
            return normalize(text.replace("’", "'"), "en", contractions=False)
        case "zh":
            return normalize(text, "zh")
        case "ja":
            return normalize_ja(plain(text))
    return plain(ascii_digits(text))


def as_written(phonemes: str, vocabulary: Mapping[str, int]) -> Phonemes:
    """Phonemes that somebody has written, in which no words are known."""
    return Phonemes(phonemes, (), tuple(dict.fromkeys(symbol for symbol in phonemes if symbol not in vocabulary)))


def part(phonemes: Phonemes, start: int, end: int) -> Phonemes:
    """What lies between two characters of phonemes."""
    words = (
        Word(word.text, max(word.start - start, 0), min(word.end, end) - start)
        for word in phonemes.words
        if word.start < end and word.end > start
    )
    return Phonemes(phonemes.string[start:end], tuple(words))


def encode(phonemes: Phonemes, vocabulary: Mapping[str, int]) -> Piece:
    """The ids of phonemes, with both ends. Marks alone have nothing to say."""
    string = phonemes.string
    ids = [ENDS]
    # Of each character, how many ids stand before it.
    before = []
    for symbol in string:
        before.append(len(ids))
        if symbol in vocabulary:
            ids.append(vocabulary[symbol])
    before.append(len(ids))
    words = (SpokenWord(text=text, first=before[start], last=before[end] - 1) for text, start, end in phonemes.words)
    return Piece(
        ids=(*ids, ENDS),
        symbols="".join(symbol for symbol in string if symbol in vocabulary),
        row=len(string) - 1,
        words=tuple(word for word in words if word.last >= word.first),
        speaks=any(symbol in vocabulary and unicodedata.category(symbol)[0] == "L" for symbol in string),
    )
