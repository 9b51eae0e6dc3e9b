"""Hangul taken apart: syllables to compatibility jamo, the letters as a keyboard has them."""

_FIRST, _LAST = 0xAC00, 0xD7A3
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")


def is_syllable(character: str) -> bool:
    """Whether it is a syllable of Hangul."""
    return _FIRST <= ord(character) <= _LAST


def syllable(character: str) -> tuple[str, str, str]:
    """The initial, the vowel and the final of a syllable; "" is no final."""
    rest, final = divmod(ord(character) - _FIRST, len(_FINALS))
    initial, vowel = divmod(rest, len(_VOWELS))
    return _INITIALS[initial], _VOWELS[vowel], _FINALS[final]


def apart(text: str) -> str:
    """``text`` with every syllable as its two or three jamo; other characters stay."""
    return "".join("".join(syllable(each)) if is_syllable(each) else each for each in text)


def joined(initial: str, vowel: str, final: str = "") -> str:
    """The syllable of three jamo."""
    place = (_INITIALS.index(initial) * len(_VOWELS) + _VOWELS.index(vowel)) * len(_FINALS)
    return chr(_FIRST + place + _FINALS.index(final))


def has_final(character: str) -> bool:
    """Whether a syllable ends in a consonant."""
    return is_syllable(character) and (ord(character) - _FIRST) % len(_FINALS) != 0
