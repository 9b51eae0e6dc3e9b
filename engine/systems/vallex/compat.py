"""The reference's front end, which the option ``compat`` restores: docs/systems/vallex.md#the-references-front-end

Text in tags alone is read, numbers are spelt by its own rules, a word that its dictionary lacks is given letter by
letter, and a symbol that the model does not have is the unknown one.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from unidecode import unidecode

from engine.errors import TextError
from engine.request import Segment
from engine.systems.vallex.language_id import language_of
from engine.systems.vallex.symbols import LANGUAGES, Encoded, closed, encode
from engine.systems.vallex.text import PreparedSegment
from engine.text.en import dictionary
from engine.text.en.published_numbers import in_english
from engine.text.english import plain_english
from engine.text.ja import romaji
from engine.text.sanitize import is_spoken
from engine.text.segment import sentences as english_sentences
from engine.text.zh import bopomofo
from engine.text.zh.pinyin import BOPOMOFO, readings
from engine.text.zh.published_numbers import in_chinese
from engine.text.zh.words import words

# A longer text is cut into sentences, as the reference's procedure for long texts does.
ONE_PIECE = 300
MAX_CHARS = 10_000
_TAG = {language: f"[{language.upper()}]" for language in LANGUAGES}
_TAGGED = {language: re.compile(rf"\[{language.upper()}\](.*?)\[{language.upper()}\]") for language in LANGUAGES}
_TAGS = re.compile(r"\[(?:EN|ZH|JA)\]")
_NUMBER = re.compile(r"\d+(?:\.?\d+)?")
_COMMAS = str.maketrans("、；：", "，，，")
_CHINESE_SENTENCE = re.compile("[^。！？]*[。！？]|[^。！？]+$")
_JAPANESE_SENTENCE = re.compile(r"(?<=[。．！？!?｡…‼⁉︒])|(?<=[.])(?<!\d\.)|(?<=\d\.)(?!\d)")


class FrontEnd:
    """The counterpart of `text.FrontEnd`."""

    def segments(self, text: str, language: str) -> list[Segment]:
        """The text in tags: as it is, or where it is longer than ONE_PIECE, by sentences. Raises TextError.

        Where it has no tags it gets those of ``language``, or for en, which is also what nobody asked for, of the
        language that it seems to be in.
        """
        if len(text) > MAX_CHARS:
            raise TextError(
                "the text has {count:,} characters; compat speaks at most {max_chars:,}, so cut it",
                count=len(text),
                max_chars=MAX_CHARS,
            )
        text = text.replace("\n", "").strip(" ")
        if _parts(text):
            return [Segment(text=text, language="en")]
        if language not in LANGUAGES or language == "en":
            language = language_of(text)
        pieces = sentences(text) if len(text) > ONE_PIECE else [text]
        return [Segment(text=f"{_TAG[language]}{piece}{_TAG[language]}", language=language) for piece in pieces]

    def prepared(self, segments: Sequence[Segment]) -> Iterator[PreparedSegment]:
        """Each segment. Raises TextError for one of which nothing is left, as the reference does."""
        for segment in segments:
            encoded = tokens(segment.text)
            if not encoded.ids:
                raise TextError(
                    "under compat nothing is left to say of {text!r}; only what stands in tags such as [EN]…[EN] is "
                    "read, so leave compat off",
                    text=segment.text[:40],
                )
            yield PreparedSegment(
                text=_TAGS.sub("", segment.text),
                phonemes=encoded.symbols,
                left_out=tuple(dict.fromkeys((*_lost(segment.text), *encoded.unknown))),
                ids=encoded.ids,
                languages=encoded.languages,
            )


def tokens(text: str) -> Encoded:
    """The ids of tagged ``text``, one for each symbol; 0 for those that the model does not have."""
    return encode([(language, phonemes(part)) for language, part in _parts(text)], keep_unknown=True)


def phonemes(tagged: str) -> str:
    """What one part in tags becomes: Chinese first, then Japanese, then English, each where its tags are."""
    for language, convert in (("zh", _chinese), ("ja", _japanese), ("en", _english)):
        tagged = _TAGGED[language].sub(_converted(convert), tagged)
    return closed(tagged)


def sentences(text: str) -> list[str]:
    """The sentences of a long text, cut as suits the language that it seems to be in."""
    language = language_of(text)
    if language == "zh":
        found = _CHINESE_SENTENCE.findall(text)
    elif language == "ja":
        found = _JAPANESE_SENTENCE.split(text)
    else:
        found = english_sentences(text)
    return [sentence.strip() for sentence in found if sentence.strip()]


def _converted(convert: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    return lambda match: f"{convert(match[1])} "


def _parts(text: str) -> list[tuple[str, str]]:
    """What stands in tags, in order, with its tags and its language; what is within another's tags is there twice."""
    found = sorted((match.start(), match[0]) for pattern in _TAGGED.values() for match in pattern.finditer(text))
    return [(next(language for language in ("en", "zh", "ja") if _TAG[language] in part), part) for _, part in found]


def _english(text: str) -> str:
    return dictionary.ipa(dictionary.looked_up(in_english(plain_english(text))))


def _chinese(text: str) -> str:
    text = _NUMBER.sub(_amount, text).translate(_COMMAS)
    return bopomofo.ipa(bopomofo.spell_letters(bopomofo.bopomofo(words(text), _bopomofo)))


def _japanese(text: str) -> str:
    return romaji.ipa(romaji.romaji(text.replace("％", "パーセント")))


def _bopomofo(word: str) -> str:
    return "".join(
        bopomofo.with_first_tone(character if syllable is None else syllable)
        for character, syllable in readings(word, BOPOMOFO, published=True)
    )


def _amount(match: re.Match[str]) -> str:
    """A number as an amount, whether it is one or a year. Digits of other scripts than ASCII's are the same digits."""
    return in_chinese("".join(str(unicodedata.decimal(each)) if each != "." else each for each in match[0]))


def _lost(text: str) -> Iterator[str]:
    """The characters that are outside of all tags, or that have no transliteration."""
    inside = set("".join(part for _, part in _parts(text)))
    for character in _TAGS.sub("", text):
        if is_spoken(character) and (character not in inside or not unidecode(character).strip()):
            yield character
