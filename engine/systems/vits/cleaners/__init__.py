"""The cleaners that configurations name in ``data.text_cleaners``: docs/systems/vits.md#cleaners.

Shanghainese and the other Chinese dialects need dictionaries that their authors have not published.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from engine.systems.vits.cleaners import chinese, english, japanese, korean, sanskrit, thai
from engine.systems.vits.cleaners import mixed as several
from engine.text import english as espeak


@dataclass(frozen=True, slots=True)
class Cleaner:
    """A published function from text to symbols, and the codes of the languages that it reads; none where any."""

    clean: Callable[[str], str]
    languages: tuple[str, ...]

    @property
    def mixed(self) -> several.Mixed | None:
        """It with its readers, where it takes text in the tags of several languages."""
        return self.clean if isinstance(self.clean, several.Mixed) else None


CLEANERS: Mapping[str, Cleaner] = {
    "basic_cleaners": Cleaner(espeak.basic_cleaners, ()),
    "transliteration_cleaners": Cleaner(espeak.transliteration_cleaners, ()),
    "english_cleaners": Cleaner(espeak.english_cleaners, ("en",)),
    "english_cleaners2": Cleaner(espeak.english_cleaners2, ("en",)),
    "japanese_cleaners": Cleaner(japanese.japanese_cleaners, ("ja",)),
    "japanese_cleaners2": Cleaner(japanese.japanese_cleaners2, ("ja",)),
    "japanese_triphone_cleaners": Cleaner(japanese.japanese_triphone_cleaners, ("ja",)),
    "korean_cleaners": Cleaner(korean.korean_cleaners, ("ko",)),
    "chinese_cleaners": Cleaner(chinese.chinese_cleaners, ("zh",)),
    "sanskrit_cleaners": Cleaner(sanskrit.sanskrit_cleaners, ("sa",)),
    "thai_cleaners": Cleaner(thai.thai_cleaners, ("th",)),
    "zh_ja_mixture_cleaners": Cleaner(several.zh_ja_mixture_cleaners, ("zh", "ja")),
    "cjks_cleaners": Cleaner(several.cjks_cleaners, ("zh", "ja", "ko", "en", "sa")),
    "cjke_cleaners": Cleaner(several.cjke_cleaners, ("zh", "ja", "ko", "en")),
    "cjke_cleaners2": Cleaner(several.cjke_cleaners2, ("zh", "ja", "ko", "en")),
}
# What these are made of; a configuration may name it as well.
PARTS: Mapping[str, Cleaner] = {
    **{
        each.__name__: Cleaner(each, ("ja",))
        for each in (
            japanese.japanese_to_romaji_with_accent,
            japanese.japanese_to_ipa,
            japanese.japanese_to_ipa2,
            japanese.japanese_to_ipa3,
        )
    },
    **{each.__name__: Cleaner(each, ("ko",)) for each in (korean.korean_to_lazy_ipa, korean.korean_to_ipa)},
    **{
        each.__name__: Cleaner(each, ("zh",))
        for each in (
            chinese.chinese_to_bopomofo,
            chinese.chinese_to_romaji,
            chinese.chinese_to_lazy_ipa,
            chinese.chinese_to_ipa,
            chinese.chinese_to_ipa2,
        )
    },
    **{each.__name__: Cleaner(each, ("en",)) for each in (english.english_to_lazy_ipa, english.english_to_ipa2)},
    sanskrit.devanagari_to_ipa.__name__: Cleaner(sanskrit.devanagari_to_ipa, ("sa",)),
}


def find(name: str) -> Cleaner | None:
    """The cleaner of a name; None where it is not here."""
    return CLEANERS.get(name) or PARTS.get(name)


def languages(names: Iterable[str]) -> tuple[str, ...]:
    """The codes of the languages that cleaners read, in their order; empty where nobody knows."""
    found = (cleaner.languages for name in names if (cleaner := find(name)))
    return tuple(dict.fromkeys(code for codes in found for code in codes))
