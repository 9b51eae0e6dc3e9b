"""The published Korean cleaners: letters and numbers in Hangul, then jamo or IPA. docs/systems/vits.md#cleaners"""

import re

from engine.text.ko.ipa import pronounce
from engine.text.ko.jamo import apart
from engine.text.ko.letters import spell_letters
from engine.text.ko.published_numbers import in_korean

# Models know simple jamo alone.
_DIVIDED = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ", "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ",
    "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ", "ㅑ": "ㅣㅏ", "ㅒ": "ㅣㅐ", "ㅕ": "ㅣㅓ", "ㅖ": "ㅣㅔ", "ㅛ": "ㅣㅗ", "ㅠ": "ㅣㅜ",
}  # fmt: skip
_SIMPLE = str.maketrans(_DIVIDED)
_JAMO_AT_END = re.compile(r"(?<=[\u3131-\u3163])\Z")
# One after the other, as published.
_LAZY = (
    ("t͡ɕ", "ʧ"), ("d͡ʑ", "ʥ"), ("ɲ", "n^"), ("ɕ", "ʃ"), ("ʷ", "w"), ("ɭ", "l`"), ("ʎ", "ɾ"), ("ɣ", "ŋ"), ("ɰ", "ɯ"),
    ("ʝ", "j"), ("ʌ", "ə"), ("ɡ", "g"), ("\u031a", "#"), ("\u0348", "="), ("\u031e", ""), ("\u0320", ""),
    ("\u0339", ""),
)  # fmt: skip


def korean_cleaners(text: str) -> str:
    """Simple jamo; a full stop where the text ends in one."""
    return _JAMO_AT_END.sub(".", divide_hangul(in_korean(spell_letters(text))))


def divide_hangul(text: str) -> str:
    """Every syllable, and every jamo that is composed, as simple jamo."""
    return apart(text).translate(_SIMPLE)


def korean_to_lazy_ipa(text: str) -> str:
    """IPA in the symbols of models of several languages. Raises EngineError without ko_pron."""
    said = pronounce(in_korean(spell_letters(text)))
    for written, symbols in _LAZY:
        said = said.replace(written, symbols)
    return said


def korean_to_ipa(text: str) -> str:
    """The same with affricates in two symbols."""
    return korean_to_lazy_ipa(text).replace("ʧ", "tʃ").replace("ʥ", "dʑ")
