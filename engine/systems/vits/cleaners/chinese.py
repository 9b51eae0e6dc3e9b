"""The published Chinese cleaners: numbers in words, bopomofo, then Latin letters or IPA. docs/systems/vits.md#cleaners

All raise EngineError without jieba or pypinyin.
"""

import re
import unicodedata

from engine.text.zh import bopomofo
from engine.text.zh.pinyin import BOPOMOFO, readings
from engine.text.zh.published_numbers import in_chinese
from engine.text.zh.words import words

_NUMBER = re.compile(r"\d+(?:\.?\d+)?")
_COMMAS = str.maketrans("、；：", "，，，")
_TONE_AT_END = re.compile(r"(?<=[ˉˊˇˋ˙])\Z")
# One after the other, as published, longer ones first where they overlap.
_ROMAJI = (
    ("ㄅㄛ", "p⁼wo"), ("ㄆㄛ", "pʰwo"), ("ㄇㄛ", "mwo"), ("ㄈㄛ", "fwo"),
    ("ㄅ", "p⁼"), ("ㄆ", "pʰ"), ("ㄇ", "m"), ("ㄈ", "f"), ("ㄉ", "t⁼"), ("ㄊ", "tʰ"), ("ㄋ", "n"), ("ㄌ", "l"),
    ("ㄍ", "k⁼"), ("ㄎ", "kʰ"), ("ㄏ", "h"), ("ㄐ", "ʧ⁼"), ("ㄑ", "ʧʰ"), ("ㄒ", "ʃ"),
    ("ㄓ", "ʦ`⁼"), ("ㄔ", "ʦ`ʰ"), ("ㄕ", "s`"), ("ㄖ", "ɹ`"), ("ㄗ", "ʦ⁼"), ("ㄘ", "ʦʰ"), ("ㄙ", "s"),
    ("ㄚ", "a"), ("ㄛ", "o"), ("ㄜ", "ə"), ("ㄝ", "e"), ("ㄞ", "ai"), ("ㄟ", "ei"), ("ㄠ", "au"), ("ㄡ", "ou"),
    ("ㄧㄢ", "yeNN"), ("ㄢ", "aNN"), ("ㄧㄣ", "iNN"), ("ㄣ", "əNN"), ("ㄤ", "aNg"),
    ("ㄧㄥ", "iNg"), ("ㄨㄥ", "uNg"), ("ㄩㄥ", "yuNg"), ("ㄥ", "əNg"), ("ㄦ", "əɻ"),
    ("ㄧ", "i"), ("ㄨ", "u"), ("ㄩ", "ɥ"),
    ("ˉ", "→"), ("ˊ", "↑"), ("ˇ", "↓↑"), ("ˋ", "↓"), ("˙", ""),
    ("，", ","), ("。", "."), ("！", "!"), ("？", "?"), ("—", "-"),
)  # fmt: skip
_ROMAJI_RULES = (
    (re.compile("i([aoe])"), r"y\1"),
    (re.compile("u([aoəe])"), r"w\1"),
    (re.compile("([ʦsɹ]`[⁼ʰ]?)([→↓↑ ]+|$)"), r"\1ɹ`\2"),
    (re.compile("ɻ"), "ɹ`"),
    (re.compile("([ʦs][⁼ʰ]?)([→↓↑ ]+|$)"), r"\1ɹ\2"),
)
_LAZY = tuple(
    (re.compile(written, re.IGNORECASE), symbols)
    for written, symbols in (
        ("ʃy", "ʃ"), ("ʧʰy", "ʧʰ"), ("ʧ⁼y", "ʧ⁼"), ("NN", "n"), ("Ng", "ŋ"), ("y", "j"), ("h", "x"),
    )
)  # fmt: skip
_IPA2 = (
    ("ㄅㄛ", "pwo"), ("ㄆㄛ", "pʰwo"), ("ㄇㄛ", "mwo"), ("ㄈㄛ", "fwo"),
    ("ㄅ", "p"), ("ㄆ", "pʰ"), ("ㄇ", "m"), ("ㄈ", "f"), ("ㄉ", "t"), ("ㄊ", "tʰ"), ("ㄋ", "n"), ("ㄌ", "l"),
    ("ㄍ", "k"), ("ㄎ", "kʰ"), ("ㄏ", "h"), ("ㄐ", "tɕ"), ("ㄑ", "tɕʰ"), ("ㄒ", "ɕ"),
    ("ㄓ", "tʂ"), ("ㄔ", "tʂʰ"), ("ㄕ", "ʂ"), ("ㄖ", "ɻ"), ("ㄗ", "ts"), ("ㄘ", "tsʰ"), ("ㄙ", "s"),
    ("ㄚ", "a"), ("ㄛ", "o"), ("ㄜ", "ɤ"), ("ㄝ", "ɛ"), ("ㄞ", "aɪ"), ("ㄟ", "eɪ"), ("ㄠ", "ɑʊ"), ("ㄡ", "oʊ"),
    ("ㄧㄢ", "jɛn"), ("ㄩㄢ", "yæn"), ("ㄢ", "an"), ("ㄧㄣ", "in"), ("ㄩㄣ", "yn"), ("ㄣ", "ən"), ("ㄤ", "ɑŋ"),
    ("ㄧㄥ", "iŋ"), ("ㄨㄥ", "ʊŋ"), ("ㄩㄥ", "jʊŋ"), ("ㄥ", "ɤŋ"), ("ㄦ", "əɻ"),
    ("ㄧ", "i"), ("ㄨ", "u"), ("ㄩ", "y"),
    ("ˉ", "˥"), ("ˊ", "˧˥"), ("ˇ", "˨˩˦"), ("ˋ", "˥˩"), ("˙", ""),
    ("，", ","), ("。", "."), ("！", "!"), ("？", "?"), ("—", "-"),
)  # fmt: skip
_IPA2_RULES = (
    (re.compile("i([aoe])"), r"j\1"),
    (re.compile("u([aoəe])"), r"w\1"),
    (re.compile("([ʂɹ]ʰ?)([˩˨˧˦˥ ]+|$)"), r"\1ʅ\2"),
    (re.compile("(sʰ?)([˩˨˧˦˥ ]+|$)"), r"\1ɿ\2"),
)


def chinese_cleaners(text: str) -> str:
    """Bopomofo; 。 where the text ends in a tone."""
    return _TONE_AT_END.sub("。", _bopomofo(text))


def chinese_to_bopomofo(text: str) -> str:
    """Words in bopomofo behind spaces, with ˉ for the first tone; Latin letters and digits stay."""
    return bopomofo.bopomofo(words(text.translate(_COMMAS)), _word)


def number_to_chinese(text: str) -> str:
    """``text`` with its numbers as amounts, whether they are that or years and telephones. Raises TextError."""
    return _NUMBER.sub(_amount, text)


def chinese_to_romaji(text: str) -> str:
    """Latin letters with marks of tone: → ↑ ↓↑ ↓ for the first to the fourth."""
    return _written(_bopomofo(text), _ROMAJI, _ROMAJI_RULES)


def chinese_to_lazy_ipa(text: str) -> str:
    """IPA in the symbols of models of several languages, vowels as romaji has them."""
    said = chinese_to_romaji(text)
    for pattern, symbols in _LAZY:
        said = pattern.sub(symbols, said)
    return said


def chinese_to_ipa(text: str) -> str:
    """IPA with marks of tone as arrows."""
    return bopomofo.ipa(_bopomofo(text))


def chinese_to_ipa2(text: str) -> str:
    """IPA with its letters for tones, without marks for the unaspirated."""
    return _written(_bopomofo(text), _IPA2, _IPA2_RULES)


def _bopomofo(text: str) -> str:
    return bopomofo.spell_letters(chinese_to_bopomofo(number_to_chinese(text)))


def _word(word: str) -> str:
    return "".join(
        bopomofo.with_first_tone(character if syllable is None else syllable)
        for character, syllable in readings(word, BOPOMOFO)
    )


def _amount(match: re.Match[str]) -> str:
    """Digits of other scripts than ASCII's are the same digits."""
    return in_chinese("".join(str(unicodedata.decimal(each)) if each != "." else each for each in match[0]))


def _written(text: str, table: tuple[tuple[str, str], ...], rules: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for sign, symbols in table:
        text = text.replace(sign, symbols)
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text
