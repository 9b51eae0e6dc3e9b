"""Amounts with what they are amounts of, in Chinese words: ranges, scores, money, shares, units, fractions."""

import re
from collections.abc import Iterable
from decimal import Decimal

from engine.text.zh.numbers import END, NUMBER, START, cardinal, one_by_one, two_before
from engine.text.zh.tables import (
    AREAS,
    CURRENCY_CODES,
    CURRENCY_SIGNS,
    PER,
    SCALES,
    SCORES,
    TOUCHING_UNITS,
    UNITS,
)


def _any_of(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_GROUPED = re.compile(r"(?<![0-9.,，])[0-9]{1,3}(?:[,，][0-9]{3}){1,12}(?![0-9]|[,，][0-9])")
_SCORE = re.compile(
    rf"{START}([0-9]{{1,3}})\s?(?:[-–—:：]|比)\s?([0-9]{{1,3}}){END}(?=\s?的?(?:大?比分)?\s?(?:{SCORES}))"
)
_SCORES = re.compile(rf"{START}([0-9]{{1,3}})\s?[-–—:：]\s?([0-9]{{1,3}}){END}")
_SCORE_AT_END = re.compile(
    rf"(?<=以)([0-9]{{1,3}})\s?[-–—:：]\s?([0-9]{{1,3}}){END}(?=\s?的?(?:比分)?(?:结束|告终|收场|收官))"
)
_TELLS_SCORES = re.compile("比分|战成|打成|扳成|踢成|追成|改写为")
# The same unit on both sides, or one between digits that only units have.
_SAME_UNIT = re.compile(r"(?<=[0-9])(\s?[A-Za-z°℃℉/²³%‰μΩ·$]{1,6}) ?(?:[-–—―~]|——|--) ?(?=[$€£¥￥]?-?[0-9.]{1,24} ?\1)")
_HAN_UNIT = re.compile(
    r"(?<=[0-9])(\s?[年月日号点时分秒周岁章页节回集期版楼层元块角万亿千百度米里斤克吨升个名位人天次倍折级届班排座栋小钟]{1,3})"
    r" ?(?:[-–—―~]|——|--) ?(?=-?[0-9第上下早晚中次])"
)
_RANGE = re.compile(rf"{START}({NUMBER})\s?(?P<mark>[-–—―~]|——|--)\s?(?P<sign>[-负]?)(?=({NUMBER}){END})")
_TIME_RANGE = re.compile(
    r"(?<=[分点秒日月年])\s?(?:[-–—―~]|——|--)\s?(?=[零一二三四五六七八九十两上下早中晚次]{1,4}[点时月日年午上])"
)
_WEEKDAYS = re.compile(
    r"(?<=周[一二三四五六日天])\s?[-–—―~]{1,2}\s?(?=周)|(?<=期[一二三四五六日天])\s?[-–—―~]{1,2}\s?(?=星期)"
)
_HAN_RANGE = re.compile(r"(?<=[一二两三四五六七八九十百千万])[-–—―~](?=[一二两三四五六七八九十百千])")
_CURRENCY = _any_of(CURRENCY_SIGNS)
_SPAN = re.compile(
    rf"({_CURRENCY}) ?({NUMBER})(万|亿|千|[KkMB](?![A-Za-z]))? ?[-–—~到至] ?({_CURRENCY})? ?(?={NUMBER})"
)
_NEGATIVE = re.compile(r"(?<![0-9A-Za-z)）\]\-²³%])-\s?(?=(?:[$€£¥￥]\s?)?[0-9.]*[0-9])")
_SIGNED = re.compile(rf"\+(?=({NUMBER})\s?[%‰°℃℉])")
_PREFIX = re.compile(
    rf"(?<![A-Za-z])({_CURRENCY}) ?({NUMBER}){END}(?P<many>(?:到{NUMBER}(?![0-9]))?) ?"
    rf"(?P<scale>万亿|千万|百万|十万|亿|万|千|百|(?:{_any_of(SCALES)})(?![A-Za-z]))?"
    rf"(?P<plus>\+?)(?P<own>元|美元|美金|欧元|英镑|块钱?|人民币)?"
)
_CODE = _any_of(CURRENCY_CODES)
_CODE_BEFORE = re.compile(rf"(?<![A-Za-z])({_CODE})[:：]? ?({NUMBER}){END} ?(万亿|百万|亿|万|千)?(?P<own>元?)")
_CODE_AFTER = re.compile(rf"{START}({NUMBER}) ?(万亿|百万|亿|万|千)? ?({_CODE})(?![A-Za-z])")
_NO_CENTS = re.compile(r"(?<=[0-9])\.00?(?![0-9])(?=\s?(?:元|块|美元|欧元|英镑))")
_SHARE_SPAN = re.compile(rf"{START}({NUMBER})([%‰]?)(到|至)(负?)({NUMBER}){END}\s?([%‰])")
_SHARE = re.compile(rf"{START}({NUMBER}){END}\s?([%‰])")
_MINUTE = r"([0-9]{1,2}(?:\.[0-9]{1,6})?)"
_ANGLE = re.compile(rf"{START}({NUMBER})°\s?{_MINUTE}['′](?:\s?{_MINUTE}(?:[\"″]|''|′′))?")
_AREA = rf"(?:{_any_of(AREAS)})(?:[²³23]|\^[23])"
_UNIT = rf"(?:{_AREA}|{_any_of(UNITS)})"
# A number with its unit.
MEASURED = re.compile(
    rf"{START}({NUMBER})(?P<gap>\s?)(?P<unit>{_UNIT})"
    rf"(?:/(?P<hundred>100)?(?P<per>s(?:[²2]|\^2)|{_UNIT}|{_any_of(PER)}))?(?![A-Za-z²³]|(?<![hnrt])[0-9])"
)
# Letters that belong to the thing and are no unit of it: a network, a company, a series.
_NO_UNIT = re.compile(r"\s?(?:网络|手机|时代|信号|基站|公司|胶|口罩|套餐|频段|通信)")
_THOUSANDS = re.compile(rf"{START}({NUMBER})[kK](?=\+?(?:字|块|元|人|粉|步|次|条|播放|点赞|阅读|收藏))")
# 85折 is 八五折: of ten parts, and of hundred.
_DISCOUNT = re.compile(rf"{START}([1-9])([1-9])(?=折(?!叠|线|扇|返))")
_MEGA = re.compile(rf"{START}({NUMBER})M(?![A-Za-z0-9]|公司|胶|口罩|\s?型)")
_TEN_THOUSANDS = re.compile(
    rf"{START}({NUMBER})(?:w(?=$|[\s+，。,；、！]|左右|以)|[wW](?=\+?(?:粉|播放|点赞|阅读|人|次|元|块|收藏|订阅)|\+))"
    r"(?P<plus>\+?)"
)
_PER = re.compile(
    r"(?<=[0-9\u4e00-\u9fff])/(?=(?:小时|分钟?|秒|天|日|周|月|年|人|次|个|斤|公斤|千克|克|吨|升|毫升|米|平米|平方米|立方米|"
    r"亩|件|盒|瓶|份|位|台|晚|间|套|度|股|张|袋|箱|包)(?![\u4e00-\u9fff]{0,4}/))"
)
_PER_HUNDRED = re.compile(r"(?<=[升度元瓦时])/100\s?(?=公里|千米|克|毫升|万?人|平米)")
_PER_UNIT = re.compile(rf"(?<=[元万块角分个次人件亿])/({_UNIT})(?![A-Za-z0-9])")
_DAY_HOURS = re.compile(r"(?<![0-9.A-Za-z])(12|24|36|48|72)H(?![A-Za-z0-9])")
_BEFORE_PER = re.compile(r"[元块角分个次人件吨克斤升米里度瓦币金转条篇页字万亿千百帧钱]")
_SPECIAL_FRACTIONS = {("24", "7"): "二十四七", ("7", "24"): "七二十四", ("9", "11"): "九一一"}
_PAGE = re.compile(r"第([0-9]{1,5})/([0-9]{1,5})(?=([页集章题步]))")
_MIXED = re.compile(r"(?<![0-9./])([0-9]{1,9})(?:又|[ ])([1-9][0-9]{0,5})/([1-9][0-9]{0,5})(?![0-9/]|\.[0-9])")
_FRACTION = re.compile(r"(?<![0-9./])([0-9]{1,9})/([1-9][0-9]{0,8})(?![0-9/]|\.[0-9])")
_RATIO = re.compile(rf"{START}(?<![0-9][:：])({NUMBER})((?:\s?[:：∶]\s?{NUMBER}){{1,6}}){END}(?![:：]?[0-9])")
_FEW = re.compile(r"(?<![0-9.、,，])([1-9])[、,，]([1-9])(?=[个位名人天年次米岁件条点分秒种本台月周家块元])")

_AMOUNT = re.compile(r"[0-9]++(?:\.[0-9]++)?")


def say_few(text: str) -> str:
    """``text`` with 两三个 for 2、3个: before it is cut at the mark between them."""
    return _FEW.sub(_say_few, text)


def group(text: str) -> str:
    """``text`` with numbers without the commas between their thousands."""
    return _GROUPED.sub(lambda match: re.sub("[,，]", "", match[0]), text)


def say_scores(text: str) -> str:
    """``text`` with 比 between the two numbers of a result."""
    text = _SCORE_AT_END.sub(r"\1比\2", _SCORE.sub(r"\1比\2", text))
    return _SCORES.sub(r"\1比\2", text) if _TELLS_SCORES.search(text) else text


def say_ranges(text: str, *, formula: bool) -> str:
    """``text`` with 到 between the ends of ranges and 负 before negative numbers; in a ``formula`` a dash is 减."""
    if formula:
        return text
    text = _SPAN.sub(_without_second_sign, text)
    text = _HAN_UNIT.sub(r"\1到", _SAME_UNIT.sub(r"\1到", text))
    text = _HAN_RANGE.sub("到", _WEEKDAYS.sub("到", _TIME_RANGE.sub("到", text)))
    return negative(_RANGE.sub(_say_range, text))


def negative(text: str) -> str:
    """``text`` with 负 and 正 for the signs of numbers."""
    return _SIGNED.sub("正", _NEGATIVE.sub("负", text))


def say_money(text: str) -> str:
    """``text`` with amounts of money before their currency."""
    text = _PREFIX.sub(_say_money, text)
    text = _CODE_BEFORE.sub(_say_code_money, text)
    text = _CODE_AFTER.sub(lambda match: f"{_money(match[1])}{match[2] or ''}{CURRENCY_CODES[match[3]]}", text)
    return _NO_CENTS.sub("", text)


def say_shares(text: str) -> str:
    """``text`` with percentages in words, of ranges on both sides."""
    text = _SHARE_SPAN.sub(_say_share_span, text)
    return _SHARE.sub(lambda match: _share(match[1], match[2]), text)


def say_units(text: str) -> str:
    """``text`` with units in words behind their numbers."""
    text = _ANGLE.sub(_say_angle, text)
    text = _TEN_THOUSANDS.sub(lambda match: f"{match[1]}万{'多' if match['plus'] else ''}", text)
    text = _DISCOUNT.sub(lambda match: one_by_one(match[0]), _THOUSANDS.sub(r"\1千", text))
    text = MEASURED.sub(_say_measured, text)
    text = _MEGA.sub(lambda match: f"{_counted(match[1])}兆", text)
    text = _DAY_HOURS.sub(r"\1小时", _PER_HUNDRED.sub("每百", text))
    text = _PER_UNIT.sub(lambda match: f"每{_per(match[1])}", text)
    return _PER.sub(lambda match: "每" if _BEFORE_PER.match(match.string, max(0, match.start() - 1)) else "/", text)


def say_fractions(text: str, *, formula: bool) -> str:
    """``text`` with fractions in words; in a ``formula`` the slash of what is more than one divides."""
    text = _PAGE.sub(r"第\1\3，共\2", text)
    text = _MIXED.sub(lambda match: f"{cardinal(match[1])}又{cardinal(match[3])}分之{cardinal(match[2])}", text)
    return _FRACTION.sub(lambda match: _say_fraction(match, formula=formula), text)


def say_ratios(text: str) -> str:
    """``text`` with 比 for the colons between numbers."""
    return _RATIO.sub(lambda match: "比".join(cardinal(part.strip()) for part in re.split("[:：∶]", match[0])), text)


def say_amounts(text: str) -> str:
    """``text`` with every number in words that no other rule has taken; what is too long is read digit by digit."""
    return _AMOUNT.sub(_say_amount, text)


def _say_few(match: re.Match[str]) -> str:
    """2、3个 are 两三个; 1、5个 are two numbers."""
    low, high = match[1], match[2]
    return f"{cardinal(low, two='两')}{cardinal(high, two='两')}" if int(high) == int(low) + 1 else match[0]


def _without_second_sign(match: re.Match[str]) -> str:
    """$5-$10 and $5-10 are five to ten dollars."""
    sign, low, scale, second = match[1], match[2], match[3] or "", match[4]
    if second and second != sign:
        return f"{match[0][: match.end(3 if match[3] else 2) - match.start()]}到{second}"
    return f"{sign}{low}{scale}到" if not scale else f"{sign}{low}{scale}到{second or ''}"


def _say_range(match: re.Match[str]) -> str:
    """A range rises; what falls is a difference, and what has a sign of its own is a range all the same."""
    low, high, sign = match[1], match[4], match["sign"]
    before, after = (
        match.string[max(0, match.start() - 1) : match.start()],
        match.string[match.end(4) : match.end(4) + 1],
    )
    if before.isascii() and before.isalpha() and (len(high) > 3 or (after.isascii() and after.isalpha())):
        # A model: i7-13700H.
        return f"{low} "
    if before in ("图", "表", "式", "例", "题") and match["mark"] == "-":
        return f"{low}杠"
    if sign == "-" or match["mark"] != "-" or Decimal(low) < Decimal(high):
        return f"{low}到{'负' if sign else ''}"
    if low == high:
        return f"{low}比"
    if before in ("第", "-", "负") or _has_unit(match.string, match.end(4)):
        return f"{low}到"
    return f"{low}减"


def _has_unit(text: str, at: int) -> bool:
    return bool(re.compile(r"\s?(?:[%‰°℃]|个|人|元|天|年|月|日|号|章|页|点|层|楼|岁|米|度|折|分钟)").match(text, at))


def _say_money(match: re.Match[str]) -> str:
    amount, many, scale = match[2], match["many"], match["scale"] or ""
    if scale in SCALES:
        many = many and f"到{_scaled(many[1:], scale)}"
        amount, scale = _scaled(amount, scale), ""
    elif not many and not scale:
        amount = _money(amount)
    currency = match["own"] or CURRENCY_SIGNS[match[1]]
    gap = " " if match.string[match.end() : match.end() + 1].isdigit() else ""
    return f"{amount}{many}{scale}{'多' if match['plus'] else ''}{currency}{gap}"


def _scaled(amount: str, scale: str) -> str:
    """1.5 with M is 1500000, cut short again where it is whole in 万 or 亿 so that it is said as people do."""
    value = Decimal(amount).scaleb(SCALES[scale])
    return cardinal(f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}")


def _say_code_money(match: re.Match[str]) -> str:
    name, amount = CURRENCY_CODES[match[1]], f"{_money(match[2])}{match[3] or ''}"
    return f"人民币{amount}元" if name == "人民币" else f"{amount}{name}{match['own']}"


def _money(amount: str) -> str:
    """Without cents where there are none."""
    return re.sub(r"\.00?$", "", amount)


def _share(number: str, sign: str) -> str:
    return f"{'百' if sign == '%' else '千'}分之{'百' if number == '100' and sign == '%' else cardinal(number)}"


def _say_share_span(match: re.Match[str]) -> str:
    low, to, minus, high, sign = match[1], match[3], match[4], match[5], match[6]
    return f"{_share(low, match[2] or sign)}{to}{minus}{_share(high, sign)}"


def _say_angle(match: re.Match[str]) -> str:
    seconds = f"{cardinal(match[3])}秒" if match[3] else ""
    return f"{cardinal(match[1])}度{cardinal(match[2])}分{seconds}"


def _say_measured(match: re.Match[str]) -> str:
    number, unit, per = match[1], match["unit"], match["per"]
    if (unit in TOUCHING_UNITS and match["gap"]) or (len(unit) == 1 and _NO_UNIT.match(match.string, match.end())):
        return match[0]
    if unit == "s" and re.fullmatch("(?:[12][0-9])?[0-9]0", number) and not match["gap"] and len(number) == 4:
        return match[0]
    said = _counted(number) + _unit(unit) if unit not in ("°C", "°F", "℃", "℉") else cardinal(number) + UNITS[unit]
    return said + (f"每{'百' if match['hundred'] else ''}{_per(per)}" if per else "")


def _counted(number: str) -> str:
    return cardinal(number, two="两")


def _unit(unit: str) -> str:
    if unit in UNITS:
        return UNITS[unit]
    length = AREAS[unit.rstrip("²³23").rstrip("^")]
    return ("平方" if unit[-1] in "²2" else "立方") + length


def _per(unit: str) -> str:
    if unit in PER:
        return PER[unit]
    if unit in ("s²", "s2", "s^2"):
        return "二次方秒"
    return {"分钟": "分钟", "min": "分钟", "s": "秒"}.get(_unit(unit), _unit(unit))


def _say_fraction(match: re.Match[str], *, formula: bool) -> str:
    above, below = match[1], match[2]
    if formula and int(above) >= int(below):
        return match[0]
    if (above, below) in _SPECIAL_FRACTIONS:
        return _SPECIAL_FRACTIONS[above, below]
    # Blood pressure, sizes of tyres and the like: nobody says a hundredth part of so many.
    if int(above) > int(below) and int(below) >= 20:
        return f"{cardinal(above)}杠{below}"
    return f"{cardinal(below)}分之{cardinal(above)}"


def _say_amount(match: re.Match[str]) -> str:
    number = match[0]
    whole, _, fraction = number.partition(".")
    if number == "2":
        return two_before(match.string, match.start(), match.end())
    if len(whole) > 1 and whole[0] == "0" and not fraction:
        return one_by_one(number)
    return cardinal(number)
