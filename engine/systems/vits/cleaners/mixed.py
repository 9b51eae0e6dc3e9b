"""The published cleaners of several languages: what stands in tags such as [ZH]…[ZH] is read in that language.

docs/systems/vits.md#cleaners
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from engine.systems.vits.cleaners import chinese, english, japanese, korean, sanskrit
from engine.text.en import dictionary

_TAGGED = {code: re.compile(rf"\[{code.upper()}\](.*?)\[{code.upper()}\]") for code in ("zh", "ja", "ko", "sa", "en")}
_SPACES_AT_END = re.compile(r"(?<!\s)\s+$")
_UNENDED = re.compile(r"(?<=[^.,!?\-…~])\Z")


@dataclass(frozen=True, slots=True)
class Mixed:
    """A cleaner: what ``readers`` make of the text in the tags of each language, in this order.

    ``sounds`` is ours for English: what it makes of words that are in the dictionary's symbols already.
    """

    readers: Mapping[str, Callable[[str], str]]
    sounds: Callable[[str], str] | None = None

    def __call__(self, text: str) -> str:
        """The text, of which what stands in no tags stays as it is; a full stop where it ends in no mark."""
        for language, read in self.readers.items():
            parts = _TAGGED[language].split(text)
            parts[1::2] = (f"{read(part)} " for part in parts[1::2])
            text = "".join(parts)
        return ended(text)

    def unread(self, text: str, signs: Collection[str]) -> set[str]:
        """Those of ``signs`` that a language in whose tags they stand in ``text`` leaves out without a word."""
        return {
            sign
            for language, read in self.readers.items()
            for sign in set("".join(_TAGGED[language].findall(text))).intersection(signs)
            if not read(sign).strip()
        }

    def ours(self, text: str, language: str) -> str:
        """``text`` in words, all of one language, without a mark at its end."""
        if language == "en" and self.sounds:
            return self.sounds(english.sounded(text))
        return self.readers[language](text)


def ended(text: str) -> str:
    """``text`` without white space at its end, and with a mark there."""
    return _UNENDED.sub(".", _SPACES_AT_END.sub("", text))


def _two_symbols(said: str) -> str:
    """Affricates in two symbols."""
    return said.replace("ʧ", "tʃ").replace("ʦ", "ts")


zh_ja_mixture_cleaners = Mixed(
    {
        "zh": chinese.chinese_to_romaji,
        "ja": lambda text: japanese.japanese_to_romaji_with_accent(text).replace("ts", "ʦ").replace("u", "ɯ"),
    }
)
cjks_cleaners = Mixed(
    {
        "zh": chinese.chinese_to_lazy_ipa,
        "ja": japanese.japanese_to_ipa,
        "ko": korean.korean_to_lazy_ipa,
        "sa": sanskrit.devanagari_to_ipa,
        "en": english.english_to_lazy_ipa,
    },
    english.lazy,
)
cjke_cleaners = Mixed(
    {
        "zh": lambda text: _two_symbols(chinese.chinese_to_lazy_ipa(text)).replace("ɥan", "ɥæn"),
        "ja": lambda text: _two_symbols(japanese.japanese_to_ipa(text)).replace("ʥ", "dz"),
        "ko": korean.korean_to_ipa,
        "en": lambda text: english.with_few_vowels(english.looked_up(text)),
    },
    english.with_few_vowels,
)
cjke_cleaners2 = Mixed(
    {
        "zh": chinese.chinese_to_ipa,
        "ja": japanese.japanese_to_ipa2,
        "ko": korean.korean_to_ipa,
        "en": english.english_to_ipa2,
    },
    dictionary.ipa,
)
