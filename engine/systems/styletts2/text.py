"""Text to phoneme ids as the models were trained on them. Specification, section 4."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.text.normalize import normalize
from engine.text.phonemes import transcribe

PAD = "$"
MARKS = ';:,.!?¡¿—…"«»“”'
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
IPA = "ɑɐɒæɓʙβɔɕçɗɖðʤəɘɚɛɜɝɞɟʄɡɠɢʛɦɧħɥʜɨɪʝɭɬɫɮʟɱɯɰŋɳɲɴøɵɸθœɶʘɹɺɾɻʀʁɽʂʃʈʧʉʊʋⱱʌɣɤʍχʎʏʑʐʒʔʡʕʢǀǁǂǃˈˌːˑʼʴʰʱʲʷˠˤ˞↓↑→↗↘'̩'ᵻ"
SYMBOLS = (PAD, *MARKS, " ", *LETTERS, *IPA)
# The apostrophe is there twice, and the later one counts.
IDS = {symbol: number for number, symbol in enumerate(SYMBOLS)}

# From the first blank of a row only, or each of many would be looked behind.
_MARK_RUN = re.compile(f"((?<!\\s)\\s*+[{re.escape(MARKS)}][{re.escape(MARKS)}\\s]*)")
_SENTENCE_GAP = re.compile(r"(?<=[.!?])\s+")
# All of a row of quotation marks behind an opening one open, too.
_OPENING = re.compile(r'(^|[\s(\[{<«“‘„])("+)')
_TOKEN = re.compile(r"(\.{2,}|``|''|[,;:!?@#$%&()\[\]{}<>«»“”])")
_LAST_PERIOD = re.compile(r"(?<!\.)\.(?=[\s\])}>'»”]*$)")
_DASH = re.compile(r"(?<=\w)\s++(?:-{1,3}|–)\s++(?=\w)")
# Where a text that is too long is cut: the first kind of mark that stands far enough behind its beginning.
_CUTS = (".!?…", ";:—", ",")


@dataclass(frozen=True, slots=True)
class Encoded:
    """Phoneme ids, the leading 0 included, and the characters that have none, each once."""

    ids: tuple[int, ...]
    unknown: tuple[str, ...] = ()

    @property
    def speaks(self) -> bool:
        """Whether there is a letter to be said, not marks alone."""
        return any(number > IDS[" "] for number in self.ids)


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


def tokenise(phonemes: str, *, quotes: bool = True) -> str:
    """``phonemes`` with blanks around marks, as the word tokeniser of NLTK for English sets them.

    It turns quotation marks into two backticks and two apostrophes; ``quotes`` turns them back.
    """
    tokens = " ".join(token for sentence in _SENTENCE_GAP.split(phonemes.strip()) for token in _tokens(sentence))
    return tokens.replace("``", '"').replace("''", '"') if quotes else tokens


def encode(phonemes: str) -> Encoded:
    """The ids of what `tokenise` returns."""
    unknown = dict.fromkeys(symbol for symbol in phonemes if symbol not in IDS)
    return Encoded((0, *(IDS[symbol] for symbol in phonemes if symbol in IDS)), tuple(unknown))


def read(text: str, *, quotes: bool) -> str:
    """Phonemes of ``text`` as they are to be spoken; without ``quotes`` for models that never saw quotation marks."""
    text = prepare(text)
    return tokenise(phonemize(text if quotes else text.replace('"', "")))


def read_as_published(text: str, *, multispeaker: bool, long_form: bool = False) -> str:
    """Phonemes of ``text`` as the reference reads it: numbers torn apart, quotation marks garbled or left out."""
    text = text.strip()
    text = text if multispeaker else text.replace('"', "")
    return tokenise(phonemize(text, flags=True), quotes=multispeaker and long_form)


def cut(phonemes: str, limit: int) -> Iterator[str]:
    """Pieces of at most ``limit`` characters: cut behind marks, else at blanks, else where the limit falls."""
    while len(phonemes) > limit:
        window = phonemes[: limit + 1]
        ends = (max(window.rfind(f"{mark} ") for mark in marks) + 1 for marks in _CUTS)
        at = next((end for end in ends if end > limit // 4), 0) or window.rfind(" ")
        at = at if at > 0 else limit
        yield phonemes[:at].rstrip()
        phonemes = phonemes[at:].lstrip()
    yield phonemes


def _tokens(sentence: str) -> list[str]:
    sentence = _OPENING.sub(lambda match: match[1] + " `` " * len(match[2]), sentence).replace('"', " '' ")
    return _LAST_PERIOD.sub(" . ", _TOKEN.sub(r" \1 ", sentence)).split()
