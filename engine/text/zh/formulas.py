"""Formulas, signs, decoration, ordinals and Roman numerals in Chinese words."""

import re

from engine.text.zh.numbers import DIGITS, cardinal, of_code, one_by_one
from engine.text.zh.tables import FILE_ENDINGS

_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\s]{1,1000}\)")
_FACE = re.compile(
    r"\^[_.oO0-]?\^;?|[TQ]_+[TQ]|>[_.]<|=[_.]=|-[_.]-|[oO][_.][oO](?![A-Za-z])|╯°□°╯|(?<![A-Za-z0-9:])[:;]-?[)(DPp](?![A-Za-z0-9])|"
    r"¯\\_\(ツ\)_/¯|(?:(?<=\s)|(?<=[！!。~]))<3(?![0-9.])(?=$|[\s，。！!~])"
)
_RULER = re.compile(r"([-=_*~#+—–·•.^])\1{2,}+")
_TOPIC = re.compile(r"#([^#\s\[\]]{1,60})#")
_ABOUT = re.compile(r"(?<![0-9A-Za-z%‰°+)）\u4e00-\u9fff\s])\s?~(?=[0-9])")
# Between such ends it spans a range.
_TILDES = re.compile(
    r"(?<![0-9A-Za-z%‰°一二两三四五六七八九十百千万亿年月日号点分秒元岁级章页米里斤度])~+|~+(?![0-9\-.$€£¥一二两三四五六七八九十])"
)
_TERNARY = re.compile(r"(?<![×xX])[×xX]{2,12}+(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])[×xX]{2,12}+(?![×xXA-Za-z])")
_SCIENTIFIC = re.compile(r"(?<![A-Za-z0-9.])([0-9]{1,24}(?:\.[0-9]{1,24})?)[eE]([+-]?)([0-9]{1,4})(?![A-Za-z0-9])")
_POWER = re.compile(r"(?<=[A-Za-z0-9)）])\^[({]?(-?)([0-9]{1,24}|[A-Za-z])[)}]?")
_SQUARE = {"2": "的平方", "3": "的立方"}
_IS_FORMULA = re.compile(r"[=＝≈≠]|[0-9)] ?[+×÷] ?[0-9(√]")
_MINUS = re.compile(r"(?<=[A-Za-z0-9)）²³方]) ?- ?(?=[A-Za-z0-9(（√])")
_FORMULA = re.compile(r"(?<=[A-Za-z0-9)）²³方]) ?([+*/=<>]) ?(?=[-A-Za-z0-9(（√负])")
_OPERATORS = {"+": "加", "*": "乘以", "/": "除以", "=": "等于", "<": "小于", ">": "大于"}
_TIMES = re.compile(
    r"(?<=[A-Za-z0-9)）\u4e00-\u9fff]) ?[×✕⋅] ?(?=[A-Za-z0-9(（\u4e00-\u9fff])|(?<=[0-9]) ?[xX*] ?(?=[0-9])"
)
_COMPARED = re.compile(r"(<=|>=|[<>≤≥]) ?(?=[-+]?[0-9.])|(?<=[A-Za-z0-9)]) ?(<=|>=|[<>≤≥]) ?(?=[A-Za-z0-9(])")
_COMPARISONS = {"<": "小于", ">": "大于", "<=": "小于等于", ">=": "大于等于", "≤": "小于等于", "≥": "大于等于"}
_EQUALS = re.compile(r"(?<=[\w)）%]) ?={1,2} ?(?=[\w(（\-])")
_ARROW = re.compile(r"[-=]{1,5}>")
_PLUS = re.compile(r"(?<=[A-Za-z0-9)）\u4e00-\u9fff]) ?\+ ?")
_PLUS_MANY = re.compile(r"(?<=[0-9]|[万亿千百])\+(?=[个名位人家件次条种款])")
_ROOT = re.compile(r"√ ?(?=[A-Za-z0-9(（])")
_RANK = re.compile(r"(?<![A-Za-z])(?:[Nn][Oo]\.|№|#) ?(?=[0-9])")
_SHARP = re.compile(r"(?<=[A-Za-z])#")
_HOUSE = re.compile(r"(?<=[0-9])#")
_EITHER = re.compile(r"(?<=[A-Za-z\u4e00-\u9fff])/(?=[A-Za-z\u4e00-\u9fff])")
_HYPHENED = re.compile(r"(?<=[A-Za-z])[-–](?=[0-9])|(?<=[0-9])[-–](?=[A-Za-z])|(?<=[A-Za-z])-(?=[A-Za-z])")
_SERIES = re.compile(r"(?<=[歼轰运直强苏图风浪旗征舟娥宫格鹰龙])-(?=[0-9]{1,3}(?![0-9.]))")
_POINT = re.compile(r"(?<![A-Za-z])([A-Z])\.([0-9]{1,12})(?![0-9])")
_FILE = re.compile(rf"(?<=[A-Za-z0-9_\u4e00-\u9fff])\.({FILE_ENDINGS})(?![A-Za-z0-9])", re.IGNORECASE)
_ORDINAL = re.compile(r"(?<![0-9A-Za-z.])([0-9]{1,9})(?:st|nd|rd|th)(?![A-Za-z0-9])")
_SHORTENED = re.compile(r"(?<=[A-Za-z])\.\s?(?=[0-9])")
_TOUCHED = re.compile(r"(?<=[0-9])'(?=[0-9])")

_ROMANS = tuple(
    tens + ones
    for tens in ("", "X", "XX", "XXX")
    for ones in ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
    if tens + ones
)
_ROMAN = {roman: str(number) for number, roman in enumerate(_ROMANS, 1)}
_ROMAN_SIGNS = dict(zip("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ", _ROMANS, strict=False))
_ROMAN_SMALL = dict(zip("ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻ", _ROMANS, strict=False))
_ORDERED = re.compile(
    r"(?<=第)\s?([IVX]{1,7})(?![A-Za-z])|(?<![A-Za-z])([IVX]{1,7})(?=\s?(?:型|期|级|类|度|世(?!界)|卷|章|部|阶段|号|次世界|战|相|区))"
)
_NAMED = re.compile(
    r"(?<=[\u4e00-\u9fff])\s?(?!XX)([IVX]{2,7})(?![A-Za-z]|设计|系统|手册)|(?<=[a-z] )(?!XX)([IVX]{2,7})(?![A-Za-z])"
)


def undecorated(text: str) -> str:
    """``text`` without faces made of marks, rulers, the signs around topics, and waves that lengthen a sound."""
    text = _FACE.sub("", _LINK.sub(r"\1", text))
    text = _RULER.sub(lambda match: "……" if match[1] in ".·" else " ", text)
    text = _TERNARY.sub("某某", _TOPIC.sub(r"\1", text))
    return _FILE.sub(r"点\1", text)


def calm(text: str) -> str:
    """``text`` without the waves that stand at words, as in 你好~; one before a number is 约."""
    return _TILDES.sub(" ", _ABOUT.sub("约", text))


def is_formula(text: str) -> bool:
    """Whether a dash between numbers of ``text`` would take one from the other."""
    return bool(_IS_FORMULA.search(text))


def say_romans(text: str) -> str:
    """``text`` with Roman numerals as digits where they number something; other capitals are left alone."""
    for signs in (_ROMAN_SIGNS, _ROMAN_SMALL):
        if not signs.keys().isdisjoint(text):
            text = text.translate({ord(sign): _ROMAN[number] for sign, number in signs.items()})
    if not {"I", "V", "X"}.isdisjoint(text):
        text = _NAMED.sub(_say_roman, _ORDERED.sub(_say_roman, text))
    return text


def _say_roman(match: re.Match[str]) -> str:
    roman = match[1] or match[2]
    return _ROMAN.get(roman, roman)


def say_powers(text: str) -> str:
    """``text`` with powers and comparisons in words, and gaps for the hyphens in the names of series."""
    text = _SERIES.sub(" ", text)
    text = _SCIENTIFIC.sub(
        lambda match: f"{match[1]}乘以10的{'负' if match[2] == '-' else ''}{cardinal(match[3])}次方", text
    )
    text = _POWER.sub(_say_power, text)
    return _COMPARED.sub(lambda match: _COMPARISONS[match[1] or match[2]], text)


def say_formulas(text: str, *, formula: bool) -> str:
    """``text`` with operators, comparisons and the signs of ranks in words."""
    text = _ARROW.sub("到", _ORDINAL.sub(lambda match: f"第{cardinal(match[1])}", text))
    if formula:
        text = _FORMULA.sub(lambda match: _OPERATORS[match[1]], _MINUS.sub("减", text))
    text = _ROOT.sub("根号", _TIMES.sub("乘以", text))
    text = _EQUALS.sub("等于", text)
    text = _HOUSE.sub("号", _SHARP.sub(" sharp ", _RANK.sub("第", text)))
    return _PLUS.sub("加", _PLUS_MANY.sub("多", text))


def say_joined(text: str) -> str:
    """``text`` with gaps where letters, digits and characters are joined by a hyphen, a slash or a full stop."""
    text = _POINT.sub(lambda match: f"{match[1]}点{of_code(match[2])}", text)
    text = _EITHER.sub(" ", _HYPHENED.sub(" ", _TOUCHED.sub(" ", text)))
    return _SHORTENED.sub(" ", text)


def _say_power(match: re.Match[str]) -> str:
    minus, number = match[1], match[2]
    if not number.isdigit():
        return f"的{'负' if minus else ''}{number}次方"
    return (
        _SQUARE.get(number, "")
        if not minus and number in _SQUARE
        else f"的{'负' if minus else ''}{cardinal(number)}次方"
    )


def last_digits(text: str) -> str:
    """``text`` with the digits by their names that no rule has taken."""
    return re.sub("[0-9]+", lambda match: one_by_one(match[0]), text) if not DIGITS.keys().isdisjoint(text) else text
