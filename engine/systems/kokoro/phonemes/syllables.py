"""Syllables of Mandarin, from pinyin with a digit of tone to the symbols of both releases of Kokoro.

docs/kokoro-phonemes.md#chinese
"""

from dataclasses import dataclass

from engine.text.zh.pinyin import DIGITS, readings

NEUTRAL = 5
_INITIALS = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ", "h": "x",
    "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s", "": "",
}  # fmt: skip
# 0 is where the mark of the tone stands.
_FINALS = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0", "en": "ə0n", "eng": "ə0ŋ",
    "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ", "iao": "jau0", "ie": "je0", "in": "i0n", "ing": "i0ŋ",
    "iong": "jʊ0ŋ", "iou": "jou0", "o": "wo0", "ong": "ʊ0ŋ", "ou": "ou0", "u": "u0", "ua": "wa0", "uai": "wai0",
    "uan": "wa0n", "uang": "wa0ŋ", "uei": "wei0", "uen": "wə0n", "ueng": "wə0ŋ", "uo": "wo0", "ü": "y0", "üan": "ɥɛ0n",
    "üe": "ɥe0", "ün": "y0n",
}  # fmt: skip
# Syllables that are a final alone.
_ALONE = {
    "io": "jɔ0", "ê": "ɛ0", "er": "ɚ0", "o": "ɔ0", "hm": "hm0", "hng": "hŋ0", "m": "m0", "n": "n0", "ng": "ŋ0",
}  # fmt: skip
_WITHOUT_VOWEL = frozenset(("hm", "hng", "m", "n", "ng"))
_BUZZED = "ɨ0"
_TONES = dict(zip("12345", ("→", "↗", "↓", "↘", ""), strict=True))
_FLAT, _CURLED = frozenset(("z", "c", "s")), frozenset(("zh", "ch", "sh", "r"))
_BOPOMOFO_INITIALS = dict(
    zip(
        ["b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z", "c", "s"],
        "ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙ",
        strict=True,
    )
)
_BOPOMOFO_FINALS = {
    "a": "ㄚ", "o": "ㄛ", "e": "ㄜ", "ê": "ㄝ", "ai": "ㄞ", "ei": "ㄟ", "ao": "ㄠ", "ou": "ㄡ", "an": "ㄢ", "en": "ㄣ",
    "ang": "ㄤ", "eng": "ㄥ", "er": "ㄦ", "i": "ㄧ", "u": "ㄨ", "ü": "ㄩ", "ie": "ㄝ", "üe": "月", "ia": "压",
    "ian": "言", "iang": "阳", "iao": "要", "in": "阴", "ing": "应", "iong": "用", "iou": "又", "ong": "中", "ua": "穵",
    "uai": "外", "uan": "万", "uang": "王", "uei": "为", "uen": "文", "ueng": "瓮", "uo": "我", "üan": "元", "ün": "云",
    "io": "ㄛ", "n": "ㄣ", "ng": "ㄥ", "m": "ㄇ", "hm": "ㄏㄇ", "hng": "ㄏㄥ",
}  # fmt: skip
_BUZZED_FLAT, _BUZZED_CURLED, _ERHUA = "ㄭ", "十", "R"


@dataclass(frozen=True, slots=True)
class Syllable:
    """A syllable: ``initial``, "" for none, and ``final`` as strict pinyin has them, ``tone`` from 1 to 5, the neutral.

    ``rhotic`` is one that ends with the r of a 儿 behind it.
    """

    initial: str
    final: str
    tone: int
    rhotic: bool = False


def syllables(word: str) -> list[Syllable | None]:
    """How each character of ``word`` is read; None for what has no reading. Raises EngineError without pypinyin."""
    found: list[Syllable | None] = []
    for characters, pinyin in readings(word, DIGITS):
        found += [None] * len(characters) if pinyin is None else [parsed(pinyin)]
    return found


def parsed(pinyin: str) -> Syllable:
    """A syllable of ``pinyin``, its tone as a digit behind it, v for ü."""
    from pypinyin.style._utils import get_finals, get_initials

    plain = pinyin[:-1].replace("v", "ü")
    if plain in _WITHOUT_VOWEL:
        return Syllable("", plain, int(pinyin[-1]))
    initial = get_initials(plain, strict=True)
    return Syllable(initial, get_finals(plain, strict=True) or plain, int(pinyin[-1]))


def ipa(syllable: Syllable) -> str:
    """In IPA with arrows for tones, which v1.0 reads."""
    final = _FINALS.get(syllable.final, "")
    if syllable.final == "i" and syllable.initial in _FLAT | _CURLED:
        final = _BUZZED
    elif not syllable.initial:
        final = _ALONE.get(syllable.final, final)
    return (_INITIALS[syllable.initial] + final).replace("0", _TONES[str(syllable.tone)])


def bopomofo(syllable: Syllable) -> str:
    """In bopomofo, Chinese characters for finals with a glide, and a digit for the tone, which v1.1-zh reads."""
    final = _BOPOMOFO_FINALS.get(syllable.final, "")
    if syllable.final == "i" and syllable.initial in _FLAT | _CURLED:
        final = _BUZZED_FLAT if syllable.initial in _FLAT else _BUZZED_CURLED
    initial = _BOPOMOFO_INITIALS.get(syllable.initial, "")
    return initial + final + (_ERHUA if syllable.rhotic else "") + str(syllable.tone)
