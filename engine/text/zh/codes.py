"""Numbers that name something: telephone numbers, codes, addresses of machines, versions, models, flights."""

import re

from engine.text.zh.numbers import cardinal, of_code, one_by_one
from engine.text.zh.tables import DIALLED, KNOWN_BY_DIGITS, NAMED

_MOBILE = re.compile(r"(?<![0-9.\-])(?:\+?86[ \-]?)?1[3-9][0-9][ \-]?[0-9]{4}[ \-]?[0-9]{4}(?![0-9]|[.\-][0-9])")
_LANDLINE = re.compile(
    r"(?<![0-9.\-])(?:\+?86[ \-]?)?(?:[(（]0[0-9]{2,3}[)）]|0[0-9]{2,3})[ \-]?[0-9]{3,4}[ \-]?[0-9]{4}"
    r"(?:[ \-转][0-9]{1,6})?"
    r"(?![0-9]|[.\-][0-9])"
)
_ABROAD = re.compile(r"(?<![0-9.])\+[0-9]{1,3}(?:[ \-][0-9]{1,8}){2,5}(?![0-9]|[.\-][0-9])")
_SERVICE = re.compile(
    r"(?<![0-9.\-])(?:[48]00[ \-]?[0-9]{3}[ \-]?[0-9]{4}|[48]00-[0-9]{4}-[0-9]{3}"
    r"|\(?[2-9][0-9]{2}(?:-|\) ?)[0-9]{3}-[0-9]{4})(?![0-9\-]|\.[0-9])"
)
_CALLED = re.compile(
    r"((?:拨打|打|拨|呼叫|致电|求助)\s?)(1[0-9]{2,4}|9[5-6][0-9]{3})(?![0-9.]|\s?(?:个|次|分|通|局|场|折|人|元|块|天|多))"
)
_KNOWN = re.compile(rf"(?<![0-9.])(?:{KNOWN_BY_DIGITS})(?![0-9.])")
_LINK = r"(?:号码?|是|为|[:：#=]|[“\"'‘(（【\[】\]]|[ \t]|改成|改为|即|后四位){0,4}"
_CODE = r"((?:[A-Za-z]{1,4}[- ]?)?[0-9]{1,40}(?:[- ][0-9]{1,40}){0,8}(?:[A-Za-z](?![A-Za-z]))?)(?![0-9]|[.:][0-9])"
_NAMED = re.compile(rf"((?:{DIALLED}|(?:(?![A-Za-z])|(?<![A-Za-z]))(?:{NAMED}))(?:尾号)?{_LINK})(?<![0-9]){_CODE}")
_IS_DIALLED = re.compile(DIALLED)
_AMOUNT_FOLLOWS = re.compile(
    r"\s?(?:年|月|日|时|点|分|秒|天|个|位|台|部|条|次|通|行|段|人|件|种|类|封|元|块|万|亿|千|百|倍|%|折|名|只|级|岁|小时|米|间|套|本|张)"
)
_CARD = re.compile(r"(?<![0-9.\-])[0-9]{4}(?:[ \-][0-9]{4}){2,5}(?:[ \-][0-9]{1,3})?(?![0-9]|[.\-][0-9])")
# More digits than any amount has, or more parts than any date.
_ENDLESS = re.compile(
    r"(?<![0-9.])[0-9]{12,}+(?!\.[0-9]|\s?[元个人块美次万亿])|(?<![0-9\-])[0-9]{1,40}(?:-[0-9]{1,40}){3,12}(?![0-9]|-[0-9])"
)
_TRIPLE = re.compile(r"(?<![0-9.\-])([0-9]{1,6})-([0-9]{1,6})-([0-9]{1,6})(?![0-9]|[.\-][0-9])")
_SEVEN_DIGITS = re.compile(r"(?<![0-9.\-])([2-9][0-9]{2})-([0-9]{4})(?![0-9]|[.\-][0-9]|\s?[\u4e00-\u9fff%°A-Za-z])")
_ROOM = re.compile(
    r"(?<![0-9.A-Za-z])([1-9][0-9]{2,3})(?=号?(?:房(?!价|子|产)|室(?!内)|教室|病房|包[间厢]|会议室|办公室|客房|宿舍|寝室|机房|实验室|诊室))"
    r"|(?:(?<=[栋幢座])|(?<=单元))([1-9][0-9]{2,3})(?![0-9.])"
)
_LINE = re.compile(r"(?<![0-9.])([1-9][0-9]{2})(?=路(?!人|程)|国道|省道|次列车|次航班|航班)")
_POINTED = re.compile(r"(?<![0-9.])([0-9]{1,10}(?:\.[0-9]{1,10}){2,8})(?::([0-9]{2,5})(?![0-9]))?(?![0-9]|\.[0-9])")
_PLATE = re.compile(
    "(?<=[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼])([A-Z])[·•. ]?"
    "(?=[A-Z0-9]{0,5}[0-9])([A-Z0-9]{5,6})(?![A-Za-z0-9])"
)
# GB/T 19001-2016: a number and the year of its edition.
_STANDARD = re.compile(r"(?<![A-Za-z])([A-Z]{2,4})((?:/[A-Z]{1,3})?) ?([0-9]{3,6})-((?:19|20)[0-9]{2})(?![0-9\-])")
_VERSION = re.compile(r"(?<=[vV])([0-9]{1,6}\.[0-9]{1,6})(?![0-9]|\.[0-9])")
_HEX = re.compile(
    r"(?<![0-9A-Za-z])0[xX][0-9A-Fa-f]{1,32}(?![0-9A-Za-z])|#(?=[0-9A-Fa-f]*[A-Fa-f])(?=[0-9A-Fa-f]*[0-9])[0-9A-Fa-f]{6}(?![0-9A-Za-z])"
)
_MODEL = re.compile(r"(?<=[A-Z]{2})([ \-])([1-9][0-9]{2,4})(?![0-9]|\.[0-9]|\s?[\u4e00-\u9fff%]?[元个人万亿块年月])")
_BEHIND_LETTER = re.compile(r"(?<=[A-Za-z])([0-9]{3,40})(?!\.?[0-9]|[:/][0-9])")
_BEHIND_HYPHEN = re.compile(r"(?<=[A-Za-z]-)([0-9]{3,12})(?![0-9]|[.:/\-][0-9])")
_BEFORE_LETTER = re.compile(r"(?<![0-9.A-Za-z])([1-9][0-9]{2,4})(?=[ABCDEFGHPQRSUXYZip](?![A-Za-z]))")
_PADDED = re.compile(r"(?<![0-9.:])0[0-9]{1,30}(?!\.?[0-9]|[0-9%])")


def say_names(text: str) -> str:
    """``text`` with the numbers in digits that words before them or their own form show to be names."""
    text = _HEX.sub(lambda match: _spell(match[0].lstrip("#")), text)
    text = _STANDARD.sub(_say_standard, text)
    text = _MOBILE.sub(_say_mobile, text)
    text = _ABROAD.sub(lambda match: one_by_one(match[0]), text)
    text = _SERVICE.sub(lambda match: one_by_one(match[0]), text)
    text = _LANDLINE.sub(_say_landline, text)
    text = _CALLED.sub(lambda match: match[1] + one_by_one(match[2]), text)
    text = _PLATE.sub(lambda match: match[1] + _spell(match[2]), text)
    text = _NAMED.sub(_say_named, text)
    return _KNOWN.sub(lambda match: one_by_one(match[0]), text)


def say_codes(text: str) -> str:
    """``text`` with what is no date and no amount by its form: cards, serial numbers, versions, rooms, models."""
    text = _CARD.sub(lambda match: one_by_one(match[0]), text)
    text = _ENDLESS.sub(lambda match: one_by_one(match[0]), text)
    text = _TRIPLE.sub(lambda match: "杠".join(map(of_code, match.groups())), text)
    text = _SEVEN_DIGITS.sub(_say_seven, text)
    text = _ROOM.sub(lambda match: one_by_one(match[0]), text)
    text = _LINE.sub(lambda match: one_by_one(match[0]), text)
    text = _POINTED.sub(_say_pointed, text)
    return _VERSION.sub(lambda match: _parts(match[0]), text)


def say_models(text: str) -> str:
    """``text`` with the numbers that letters belong to, and those that begin with zero."""
    text = _MODEL.sub(lambda match: " " + of_code(match[2]), text)
    text = _BEHIND_LETTER.sub(lambda match: of_code(match[1]), text)
    text = _BEHIND_HYPHEN.sub(lambda match: of_code(match[1]), text)
    text = _BEFORE_LETTER.sub(lambda match: one_by_one(match[1]), text)
    return _PADDED.sub(lambda match: one_by_one(match[0]), text)


def _say_standard(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2].replace('/', ' ')} {one_by_one(match[3])}杠{one_by_one(match[4])}"


def _say_mobile(match: re.Match[str]) -> str:
    return one_by_one(match[0], one="幺")


def _say_landline(match: re.Match[str]) -> str:
    """A number that begins with a zero has no other reading, unless it counts as a year and a day do."""
    return one_by_one(match[0].replace("转", "转"))


def _say_named(match: re.Match[str]) -> str:
    said, code = match[1], match[2]
    digits = sum(map(str.isdigit, code))
    parts = re.split("[- ]", code)
    amounts = _AMOUNT_FOLLOWS.match(match.string, match.end())
    ranged = "-" in code and len(parts) == 2 and all(part.isdigit() and len(part) < 4 for part in parts)
    if (amounts and digits < 9) or (digits < 3 and code[0] != "0") or (ranged and not _IS_DIALLED.match(said)):
        return match[0]
    return said + _spell(code)


def _spell(code: str) -> str:
    """Digits one by one, with the letters between them."""
    return re.sub("[0-9]+|[- ]+", lambda match: one_by_one(match[0]), code)


def _say_seven(match: re.Match[str]) -> str:
    rising = int(match[1]) < int(match[2]) and match[1].endswith("0") and match[2].endswith("0")
    return match[0] if rising else one_by_one(match[0])


def _say_pointed(match: re.Match[str]) -> str:
    parts, port = match[1].split("."), f"冒号{one_by_one(match[2])}" if match[2] else ""
    return (one_by_one(match[1]) if len(parts) == 4 else _parts(match[1])) + port


def _parts(version: str) -> str:
    """17.4.1 is 十七点四点一; a part that begins with zero, or has four digits, is read one by one."""
    parts = version.split(".")
    return "点".join(
        one_by_one(part) if (part[0] == "0" and len(part) > 1) or len(part) > 3 else cardinal(part) for part in parts
    )
