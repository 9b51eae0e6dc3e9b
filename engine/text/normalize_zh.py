"""Chinese as it is said: numbers, dates, times, money, units, addresses and formulas become words.

The grammar is that of wetext; what it misreads is put in words before it sees it.
"""

import re
from functools import lru_cache

from engine.text.addresses import ADDRESS, spell_address
from engine.text.grammar import like, spell_digits, spell_symbols, through

_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
_ADDRESS_SIGNS = {
    ".": "点", "/": "斜杠", ":": "冒号", "@": "艾特", "-": "杠", "_": "下划线", "?": "问号", "=": "等于", "&": "和",
    "#": "井号", "%": "百分号", "+": "加", "~": "波浪号",
}  # fmt: skip
_SIGNS = {
    "&": "和", "@": "艾特", "＋": "加", "＝": "等于", "×": "乘以", "÷": "除以", "≈": "约等于", "≠": "不等于",
    "√": "根号", "∞": "无穷大", "→": "到", "π": "派", "α": "阿尔法", "β": "贝塔", "γ": "伽马", "δ": "德尔塔",
    "Δ": "德尔塔", "λ": "兰姆达", "μ": "缪", "θ": "西塔", "σ": "西格玛", "Σ": "西格玛", "ω": "欧米伽", "Ω": "欧姆",
    "φ": "斐", "ε": "艾普西龙", "№": "第", "§": "第", "®": "", "™": "", "_": " ", "|": " ", "²": "的平方",
    "³": "的立方",
}  # fmt: skip
_LEFT = {
    "%": "百分号", "‰": "千分号", "°": "度", "$": "美元", "€": "欧元", "£": "英镑", "¥": "元", "^": "的次方",
    "+": "加", "=": "等于", "#": "号", "~": "到",
}  # fmt: skip
_UNITS = {
    "km/h": "千米每小时", "m/s": "米每秒", "MB/s": "兆每秒", "KB/s": "K每秒", "GB/s": "G每秒", "TB": "T", "GB": "G",
    "MB": "兆", "KB": "K", "GHz": "吉赫兹", "MHz": "兆赫", "kHz": "千赫", "Hz": "赫兹", "kW": "千瓦", "kWh": "千瓦时",
    "mAh": "毫安时", "Mbps": "兆比特每秒", "fps": "帧每秒", "mL": "毫升",
}  # fmt: skip
_UNIT = re.compile(rf"(?<=\d) ?({'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![A-Za-z])")
_SUPERSCRIPT_UNIT = re.compile(r"(?<=\d)(m|cm|km|mm)([²³])")
_SUPERSCRIPT_UNITS = {
    "m²": "平方米", "m³": "立方米", "cm²": "平方厘米", "cm³": "立方厘米", "km²": "平方千米", "km³": "立方千米",
    "mm²": "平方毫米", "mm³": "立方毫米",
}  # fmt: skip
_GROUPED = re.compile(r"(?<![\d.,，])\d{1,3}(?:[,，]\d{3})+(?![\d,，])")
_MOBILE = re.compile(r"(?<![\d\-])(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?![\d\-])")
_IN_LATIN = re.compile(r"(?<=[A-Za-z])\d{4,}(?![\d.:/\-])")
_HYPHENED = re.compile(r"(?<=[A-Za-z])-(?=\d)|(?<=\d)-(?=[A-Za-z])")
_DOTTED = re.compile(r"(?<![\d.])\d+(?:\.\d+){3,}(?!\d)|(?<=[vV])\d+(?:\.\d+)+(?!\d)")
_POWER = re.compile(r"(?<=[A-Za-z0-9)）])\^(\d+)")
_POWERS = {"2": "的平方", "3": "的立方"}
_FORMULA = re.compile(r"(?<=[A-Za-z0-9)）²³]) ?([+*/=<>\-]) ?(?=[A-Za-z0-9(（√])")
_OPERATORS = {"+": "加", "*": "乘以", "/": "除以", "=": "等于", "<": "小于", ">": "大于", "-": "减"}
_COMPARED = re.compile(r"([<>≤≥]=?) ?(?=\d)")
_COMPARISONS = {"<": "小于", ">": "大于", "<=": "小于等于", ">=": "大于等于", "≤": "小于等于", "≥": "大于等于"}
_ADDED = re.compile(r"(?<=[A-Za-z)）]) ?\+ ?(?=\d)")
_RANGE = re.compile(r"(?<=\d)[–—](?=\d)")
_NO_CENTS = re.compile(r"(?<=\d)\.00(?!\d)(?= ?(?:元|块|美元|欧元|$))")
# More digits than any amount has: of a card, an account, a book.
_ENDLESS = re.compile(r"(?<![\d.])\d{12,}(?![\d.])|(?<![\d\-])\d+(?:-\d+){3,}(?![\d\-])")
_SCIENTIFIC = re.compile(r"(?<![A-Za-z\d.])(\d+(?:\.\d+)?)[eE]([+-]?)(\d+)(?![A-Za-z\d])")
_ORDINALS = re.compile(r"(第\d+)[-~—–](?=\d)")
_SHARP = re.compile(r"(?<=[A-Za-z])#")
_EITHER = re.compile(r"(?<=[A-Za-z])/(?=[A-Za-z])")
_RANK = re.compile(r"(?:No\.|№|#) ?(?=\d)")
_FOREIGN_MONEY = re.compile(r"(US\$|HK\$|NT\$|[$€£￡¥￥₩₹]) ?(\d+(?:\.\d+)?) ?(万亿|亿|万|千|百)?")
_CURRENCIES = {
    "US$": "美元", "HK$": "港元", "NT$": "新台币", "$": "美元", "€": "欧元", "£": "英镑", "￡": "英镑", "¥": "元",
    "￥": "元", "₩": "韩元", "₹": "卢比",
}  # fmt: skip


@lru_cache(maxsize=1)
def _grammar() -> object:
    # Reading the grammars takes a second, and only who speaks Chinese needs these.
    from wetext import Normalizer

    return Normalizer(lang="zh", operator="tn")


def normalize_zh(text: str) -> str:
    """``text`` with everything that is not characters, letters or marks in Chinese words, as far as it has any.

    Words of other languages stay as they are; the numbers among them are said in Chinese, too.
    """
    said = ADDRESS.sub(lambda match: spell_address(match[0], {**_ADDRESS_SIGNS, **_DIGITS}), text.replace("−", "-"))
    said = _say_numbers(said)
    said = _say_formulas(said)
    said = spell_symbols(through(_grammar(), spell_symbols(said, _SIGNS)), _LEFT)
    return like(text, spell_digits(said, _DIGITS))


def _say_numbers(text: str) -> str:
    """Those that the grammar misreads: with separators, to dial, of versions, of money, behind letters."""
    text = _GROUPED.sub(lambda match: re.sub("[,，]", "", match[0]), text)
    text = _RANGE.sub("~", text)
    text = _SCIENTIFIC.sub(lambda match: f"{match[1]}乘以10的{'负' if match[2] == '-' else ''}{match[3]}次方", text)
    text = _ENDLESS.sub(lambda match: _one_by_one(match[0]), text)
    text = _MOBILE.sub(lambda match: _one_by_one(match[0]).replace("一", "幺"), text)
    text = _DOTTED.sub(lambda match: _one_by_one(match[0]), text)
    text = _FOREIGN_MONEY.sub(lambda match: f"{match[2]}{match[3] or ''}{_CURRENCIES[match[1]]}", text)
    text = _NO_CENTS.sub("", text)
    text = _SUPERSCRIPT_UNIT.sub(lambda match: _SUPERSCRIPT_UNITS[match[0]], text)
    text = _UNIT.sub(lambda match: _UNITS[match[1]], text)
    return _IN_LATIN.sub(lambda match: _one_by_one(match[0]), text)


def _say_formulas(text: str) -> str:
    text = _SHARP.sub(" sharp ", _ORDINALS.sub(r"\1到", _RANK.sub("第", text)))
    text = _POWER.sub(lambda match: _POWERS.get(match[1], f"的{match[1]}次方"), text)
    text = _ADDED.sub("加", text)
    if "=" in text or "＝" in text:
        text = _FORMULA.sub(lambda match: _OPERATORS[match[1]], text)
    text = _COMPARED.sub(lambda match: _COMPARISONS[match[1]], text)
    return _EITHER.sub(" ", _HYPHENED.sub(" ", text))


def _one_by_one(text: str) -> str:
    return "".join(_DIGITS.get(sign, "点" if sign == "." else "") for sign in text)
