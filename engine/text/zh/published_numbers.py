"""Chinese numbers in words as published cleaners have them, as cn2an 0.5 writes them. docs/systems/vallex.md#chinese"""

from engine.errors import TextError

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千", "万", "十", "百", "千", "亿", "十", "百", "千", "万", "十", "百", "千")
_LONGEST = 16


def in_chinese(number: str) -> str:
    """Digits, with a point among them or not, as an amount: ``1050.5`` is 一千零五十点五. Raises TextError."""
    whole, _, fraction = number.partition(".")
    whole = whole.lstrip("0") or "0"
    if len(whole) > _LONGEST:
        raise TextError(
            "under compat a number may have {most} digits, and {digits:.20}… has {count}; leave compat off",
            most=_LONGEST,
            digits=whole,
            count=len(whole),
        )
    said = _amount(whole)
    return f"{said}点{''.join(_DIGITS[int(digit)] for digit in fraction[:_LONGEST])}" if fraction else said


def _amount(digits: str) -> str:
    """A whole number: every digit with its place, of which 万 comes twice; zeros before 万 and 亿 are not said."""
    said = ""
    for at, digit in enumerate(digits):
        place = len(digits) - at - 1
        if digit != "0":
            said += _DIGITS[int(digit)] + _PLACES[place]
        elif place % 4 == 0:
            said += "零" + _PLACES[place]
        elif at and not said.endswith("零"):
            said += "零"
    for zeros, full in (("零零", "零"), ("零万", "万"), ("零亿", "亿"), ("亿万", "亿")):
        said = said.replace(zeros, full)
    said = said.strip("零")
    if said.startswith("一十"):
        said = said.removeprefix("一")
    return said or "零"
