"""Our front end: text to segments, phonemes and ids as the models were trained on them.

docs/systems/styletts2.md#text
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.errors import TextError
from engine.request import Segment
from engine.style_tts.pieces import MAX_PHONEMES, cut
from engine.system import Reading
from engine.text.normalize import normalize
from engine.text.phonemes import transcribe
from engine.text.segment import split

# Characters of a segment. The first has as many: its sound is there before it is spoken to its end.
MAX_CHARS = 200

PAD = "$"
MARKS = ';:,.!?¡¿—…"«»“”'
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
IPA = "ɑɐɒæɓʙβɔɕçɗɖðʤəɘɚɛɜɝɞɟʄɡɠɢʛɦɧħɥʜɨɪʝɭɬɫɮʟɱɯɰŋɳɲɴøɵɸθœɶʘɹɺɾɻʀʁɽʂʃʈʧʉʊʋⱱʌɣɤʍχʎʏʑʐʒʔʡʕʢǀǁǂǃˈˌːˑʼʴʰʱʲʷˠˤ˞↓↑→↗↘'̩'ᵻ"
SYMBOLS = (PAD, *MARKS, " ", *LETTERS, *IPA)
# The apostrophe is there twice, and the later one counts.
IDS = {symbol: number for number, symbol in enumerate(SYMBOLS)}

# The look behind keeps the search linear in runs of blanks.
_MARK_RUN = re.compile(f"((?<!\\s)\\s*+[{re.escape(MARKS)}][{re.escape(MARKS)}\\s]*)")
_SENTENCE_GAP = re.compile(r"(?<=[.!?])\s+")
_OPENING = re.compile(r'(^|[\s(\[{<«“‘„])("+)')
_TOKEN = re.compile(r"(\.{2,}|``|''|[,;:!?@#$%&()\[\]{}<>«»“”])")
_LAST_PERIOD = re.compile(r"(?<!\.)\.(?=[\s\])}>'»”]*$)")
_DASH = re.compile(r"(?<=\w)\s++(?:-{1,3}|–)\s++(?=\w)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """Phoneme ids, the leading 0 included, and the ``symbols`` that have them; the characters left out, each once.

    ``speaks`` says whether there is anything to say.
    """

    ids: tuple[int, ...]
    symbols: str = ""
    left_out: tuple[str, ...] = ()
    speaks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSegment(Reading):
    """A segment as it is read, with the pieces that are spoken one after the other."""

    pieces: tuple[Encoded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEnd:
    """Text to ids for a model of one speaker or of many, which reads ``max_length`` ids at once.

    ``cleaned`` text is in phonemes already.
    """

    multispeaker: bool
    max_length: int
    cleaned: bool = False

    def segment(self, text: str, language: str) -> list[Segment]:
        """The text by sentences. Raises TextError."""
        if not text.strip():
            raise TextError("the text is empty; there is nothing to say")
        if self.cleaned:
            return [Segment(text=" ".join(text.split()), language=language)]
        # Before it is cut: what an abbreviation or a mark means shows in what is around it.
        segments = split(prepare(text), language, max_chars=MAX_CHARS, first_max_chars=MAX_CHARS)
        if not segments:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        return segments

    def prepared(self, segments: Sequence[Segment]) -> Iterator[PreparedSegment]:
        """Each segment when its turn comes, in several pieces where it turns out to be too long."""
        limit = min(MAX_PHONEMES, self.max_length - 1)
        for segment in segments:
            text = segment.text if self.cleaned else prepare(segment.text)
            phonemes = text if self.cleaned else read_words(text, quotes=self.multispeaker)
            pieces = tuple(encode(piece) for piece in cut(phonemes, limit))
            yield PreparedSegment(
                text=text,
                phonemes=" ".join(piece.symbols for piece in pieces),
                left_out=tuple(dict.fromkeys(symbol for piece in pieces for symbol in piece.left_out)),
                pieces=pieces,
            )

    def encode_style_text(self, text: str) -> Encoded | None:
        """What styles are to be sampled for instead of what is said; None for "". Raises TextError."""
        if not text:
            return None
        encoded = encode(read(text, quotes=self.multispeaker))
        if not encoded.speaks:
            raise TextError("nothing in style_text has a sound that the model knows; write an English sentence")
        return Encoded(ids=encoded.ids[: self.max_length])


def prepare(text: str) -> str:
    """``text`` with numbers, units and symbols in words, because the marks in them would tear them apart.

    What is in words already stays as it is.
    """
    return _DASH.sub(", ", normalize(text, "en", contractions=False))


def phonemize(text: str, *, flags: bool = False) -> str:
    """IPA of ``text`` with its marks where they stand: what is between them goes to espeak piece by piece.

    As phonemizer did it when the models were trained. ``flags`` keeps its notes of words in another language. Text of
    marks alone stays as it is.
    """
    parts = _MARK_RUN.split(text.strip())
    return "".join(part if index % 2 else transcribe(part, flags=flags) for index, part in enumerate(parts))


def tokenise(phonemes: str) -> str:
    """``phonemes`` with blanks around marks, as the word tokeniser of NLTK for English sets them.

    It turns quotation marks into two backticks and two apostrophes; `with_quotes` turns them back.
    """
    return " ".join(token for sentence in _SENTENCE_GAP.split(phonemes.strip()) for token in _tokens(sentence))


def with_quotes(tokens: str) -> str:
    """What `tokenise` returns, with quotation marks instead of its backticks and pairs of apostrophes."""
    return tokens.replace("``", '"').replace("''", '"')


def encode(phonemes: str) -> Encoded:
    """The ids of phonemes with blanks around marks. Marks alone have nothing to say."""
    left_out = dict.fromkeys(symbol for symbol in phonemes if symbol not in IDS)
    symbols = "".join(symbol for symbol in phonemes if symbol in IDS)
    ids = (0, *(IDS[symbol] for symbol in symbols))
    speaks = any(number > IDS[" "] for number in ids)
    return Encoded(ids=ids, symbols=symbols, left_out=tuple(left_out), speaks=speaks)


def read(text: str, *, quotes: bool) -> str:
    """Phonemes of ``text`` as they are to be spoken; without ``quotes`` for models that never saw quotation marks."""
    return read_words(prepare(text), quotes=quotes)


def read_words(text: str, *, quotes: bool) -> str:
    """The same for text that is in words."""
    return with_quotes(tokenise(phonemize(text if quotes else text.replace('"', ""))))


def _tokens(sentence: str) -> list[str]:
    # All of a run of quotation marks open where the first one does.
    sentence = _OPENING.sub(lambda match: match[1] + " `` " * len(match[2]), sentence).replace('"', " '' ")
    return _LAST_PERIOD.sub(" . ", _TOKEN.sub(r" \1 ", sentence)).split()
