"""Dates, years and times of day in Chinese words."""

import re

from engine.text.zh.numbers import cardinal, one_by_one
from engine.text.zh.tables import HOLIDAYS

_Y = r"(?:1[0-9]{3}|20[0-9]{2}|21[0-9]{2})"
_M, _D = r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12][0-9]|0?[1-9])"
_TO = r"\s?(?:[-–—―~至到]|--|——)\s?"
_DATE = re.compile(rf"(?<![0-9.])({_Y})(?P<mark>[-/.])({_M})(?P=mark)({_D})(?![0-9]|\.[0-9])(?:T(?=[0-9]))?日?")
_AMERICAN = re.compile(r"(?<![0-9./])([0-9]{1,2})/([0-9]{1,2})/((?:19|20)[0-9]{2})(?![0-9/])")
_YEAR_MONTH = re.compile(
    r"(?<![0-9./\-])((?:19|20)[0-9]{2})(?:[-/](1[0-2]|0[1-9])|\.(0[1-9]))(?![0-9./\-%]|\s?[A-Za-z元万亿])"
)
_YEARS = re.compile(
    rf"(?<![0-9.])({_Y})(年?){_TO}({_Y})(?![0-9.])(?=(年|赛季|学年|财年|年度|间|期间|年间|）|\)|\s?[，。；、,;:]|$)?)"
)
_SEASON = re.compile(r"(?<![0-9.])((?:19|20)[0-9]{2})[-–—/]([0-9]{2})(?=\s?(?:赛季|学年|财年|年度))")
_BEFORE_CHRIST = re.compile(r"(?<=公元前)(\s?)([0-9]{1,3})(?=年|世纪)")
_SHORT_YEAR = re.compile(r"['’‘]([0-9]{2})(?=\s?(?:年|届|级))|(?<![0-9.])([0-9]{2})(?=年[0-9]{1,2}月)")
_TWO_MONTHS = re.compile(r"(?<![0-9./])([1-9]|1[0-2])/([1-9]|1[0-2])(?=月(?!日))")
_YEAR = re.compile(
    r"(?<![0-9.])([0-9]{4})(?=\s?(?:年|届|级(?!台阶|电|数)|财年|赛季|学年|春晚|世界杯|欧洲杯|奥运|亚运|冬奥|款|毕业|[QH][1-4](?![0-9])))"
)
_LONG_AGO = re.compile(r"\s?年(?:的?历史|以?前|的?文明|传承|来的|古)")
_TWO_DIGITS = re.compile(
    r"(?<![0-9.第])0([0-9])(?=年)|(?<![0-9.\u4e00-\u9fff第])([7-9][0-9])(?=年(?!代|级|后|以?前|以?来|的?历史|里|间|多|内|以|轮))"
)
_GENERATION = re.compile(
    r"(?<![0-9.])([0-9][05](?:[、/,，和]?[0-9][05]){0,3})后(?=$|[^\u4e00-\u9fff]|[男女的们生一和都也是成在有已群宝小妈爸员父]|青年|年轻|创业|人群)"
)
_DECADE = re.compile(r"(?<![0-9.A-Za-z])((?:1[0-9]|20)?[0-9]0)'?s(?![A-Za-z0-9])")
_LIFE = re.compile(
    r"((?:出?生|卒|死|逝世?|始建?|建成?|创[立办建]|成立|起源|发[生表]|出版|毕业|写|作|拍摄|诞生|摄|上映)(?:于|在)\s?)([12][0-9]{3})"
    r"(?=\s?(?:$|[^0-9.\s\u4e00-\u9fff]|至|到|和|的))"
)
_IN_BRACKETS = re.compile(r"(?<=[(（])((?:1[5-9]|20)[0-9]{2})(?=[)）])")
_PADDED = re.compile(r"(?<![0-9.:])0([1-9])(?=月|日|时|点(?![0-9])|周|章|节|回|课|集|期|页)|(?<=月)0([1-9])(?=[号日])")
_HOLIDAY = re.compile(
    rf"(?<![0-9./])({_M})/({_D})(?![0-9/])(?=\s?(?:{HOLIDAYS}|[（(]?(?:周|星期)[一二三四五六日天]|出发|开始|截止|上线|开售))"
)
_NICKNAME = re.compile(rf"(?<![0-9.])({_M})\.({_D})(?![0-9.])(?=\s?(?:{HOLIDAYS}))")
_EVENT = re.compile(
    rf"(?<![0-9.])({_M})(?:\.({_D})(?![0-9.])(?=[\u4e00-\u9fff]{{0,3}}(?:地震|事变|运动|惨案|爆炸案?|枪击|袭击|起义))"
    rf"|[·•・]({_D})(?![0-9.]))"
)
_DOUBLE = re.compile(r"(?<=双)([0-9]{2})(?![0-9])")

_AM_BEFORE = r"(?:(?P<before>[AaPp])\.?[Mm]\.?\s?)?"
_AM_AFTER = r"(?:\s?(?P<after>[AaPp])\.?[Mm](?![A-Za-z])\.?)"
_TIME = re.compile(
    rf"(?<![0-9.A-Za-z])(?<![0-9]:){_AM_BEFORE}(?<![0-9.])(?<![0-9]:)(?P<h>2[0-4]|[01]?[0-9]):(?P<m>[0-5][0-9])(?::(?P<s>[0-5][0-9])(?:\.[0-9]{{1,6}})?)?"
    rf"(?![0-9:]|\.[0-9]){_AM_AFTER}?Z?(?P<unit>分|点)?"
)
_HOUR = re.compile(rf"(?<![0-9:.A-Za-z])(?P<h>1[0-2]|0?[1-9]){_AM_AFTER}")
_HOUR_BEFORE = re.compile(r"(?<![A-Za-z])(?P<before>[AaPp])[Mm]\s?(?P<h>1[0-2]|0?[1-9])(?![0-9:.])")
_HALVES = {"a": "上午", "p": "下午"}
_BOTH_HALVES = re.compile(
    r"(?<![0-9:.])([0-9]{1,2}:[0-9]{2})(\s?[-–~]\s?[0-9]{1,2}:[0-9]{2}\s?([AaPp])\.?[Mm])(?![A-Za-z])"
)
_TOLD = ("上午", "下午", "早上", "晚上", "凌晨", "中午", "傍晚", "清晨")
_ZONE = re.compile(r"(?<=UTC|GMT)\s?([+-])\s?([0-9]{1,2})(?::?([0-9]{2}))?(?![0-9])")
_SECONDS = re.compile(r"(?<![0-9.])([0-9]{1,3})['′]([0-5]?[0-9](?:\.[0-9]{1,3})?)(?:[\"″]|''|′′)")
_TALL = re.compile(r"(?<=身高|高度)(\s?[是为约:：]?\s?)([0-9])['′]\s?([0-9]{1,2})(?:[\"″]|'')")
_MINUTES = re.compile(r"(?<=点)0?2(?=分)")
# A colon between such numbers says how many stand against how many.
_RATIO_WORDS = re.compile(
    r"比例|比分|比率|配比|比值|之比|缩尺|缩放|赔率|宽高|长宽|纵横|浓度|稀释|按[0-9]|兑[0-9]|[0-9]兑|杠杆|[^对]比[为是]"
)


def say_dates(text: str) -> str:
    """``text`` with dates and years in words; what is left of numbers beside 月, 日 and 年 is said as amounts are."""
    text = _DATE.sub(lambda match: f"{one_by_one(match[1])}年{_plain(match[3])}月{_plain(match[4])}日", text)
    text = _AMERICAN.sub(_say_american, text)
    text = _SEASON.sub(lambda match: f"{one_by_one(match[1])}到{one_by_one(match[2])}", text)
    text = _YEARS.sub(_say_years, text)
    text = _YEAR_MONTH.sub(lambda match: f"{one_by_one(match[1])}年{_plain(match[2] or match[3])}月", text)
    text = _BEFORE_CHRIST.sub(lambda match: match[1] + cardinal(match[2]), text)
    text = _SHORT_YEAR.sub(lambda match: one_by_one(match[1] or match[2]), text)
    text = _TWO_MONTHS.sub(_say_two_months, text)
    text = _YEAR.sub(_say_year, text)
    text = _TWO_DIGITS.sub(lambda match: one_by_one(f"0{match[1]}" if match[1] else match[2]), text)
    text = _GENERATION.sub(lambda match: _each(match[1]) + "后", text)
    text = _DECADE.sub(_say_decade, text)
    text = _LIFE.sub(lambda match: match[1] + one_by_one(match[2]), text)
    text = _IN_BRACKETS.sub(lambda match: one_by_one(match[1]), text)
    text = _HOLIDAY.sub(lambda match: f"{_plain(match[1])}月{_plain(match[2])}日", text)
    text = _EVENT.sub(lambda match: one_by_one(match[1] + (match[2] or match[3])), text)
    text = _NICKNAME.sub(_say_nickname, text)
    text = _DOUBLE.sub(lambda match: cardinal(match[1]), text)
    return _PADDED.sub(lambda match: match[1] or match[2], text)


def say_times(text: str) -> str:
    """``text`` with times of day, differences of time zones, minutes and seconds in words."""
    text = _ZONE.sub(lambda match: f"{'加' if match[1] == '+' else '减'}{cardinal(match[2])}", text)
    text = _TALL.sub(lambda match: f"{match[1]}{cardinal(match[2])}英尺{cardinal(match[3])}英寸", text)
    text = _SECONDS.sub(lambda match: f"{match[1]}分{match[2]}秒", text)
    text = _BOTH_HALVES.sub(r"\1\3m\2", text)
    if not _RATIO_WORDS.search(text):
        text = _TIME.sub(_say_time, text)
    text = _HOUR_BEFORE.sub(lambda match: f"{_HALVES[match['before'].lower()]}{_hour(match['h'])}点", text)
    text = _HOUR.sub(lambda match: f"{_HALVES[match['after'].lower()]}{_hour(match['h'])}点", text)
    return _MINUTES.sub("零二", text)


def _plain(number: str) -> str:
    return cardinal(number)


def _say_american(match: re.Match[str]) -> str:
    month, day = int(match[1]), int(match[2])
    if month > 12:
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    return f"{one_by_one(match[3])}年{cardinal(str(month))}月{cardinal(str(day))}日"


def _say_years(match: re.Match[str]) -> str:
    """Two amounts that happen to look like years end in hundreds, have a unit, or come down."""
    first, second, told = match[1], match[3], bool(match[2] or match[4])
    if int(first) >= int(second) or (not told and (first.endswith("00") and second.endswith("00"))):
        return match[0]
    following = match.string[match.end() : match.end() + 1]
    if not told and following and (following.isalpha() or following in "%‰°元$¥"):
        return match[0]
    return f"{one_by_one(first)}{match[2]}到{one_by_one(second)}"


def _say_year(match: re.Match[str]) -> str:
    year = int(match[1])
    if match.string.startswith(("年", " 年"), match.end()):
        spans = _LONG_AGO.match(match.string, match.end())
        if year > 2199 or (spans and not 1900 <= year <= 2100) or (spans and year == 2000):
            return cardinal(match[1])
    elif not 1900 <= year <= 2100:
        return match[1]
    return one_by_one(match[1])


def _say_two_months(match: re.Match[str]) -> str:
    """5/6月 are May and June; 5/1月 is no way to write anything."""
    return f"{match[1]}、{match[2]}" if int(match[2]) == int(match[1]) + 1 else match[0]


def _each(numbers: str) -> str:
    return re.sub("[0-9]+", lambda match: one_by_one(match[0]), numbers)


def _say_decade(match: re.Match[str]) -> str:
    return f"{one_by_one(match[1]) if len(match[1]) == 4 else cardinal(match[1])}年代"


def _say_nickname(match: re.Match[str]) -> str:
    """Days that are known by their date: 3.15 is 三一五, 10.1 is 十一."""
    month, day = match[1].lstrip("0"), match[2].lstrip("0")
    return one_by_one(month + day) if len(month) == 1 else cardinal(month) + cardinal(day)


def _say_time(match: re.Match[str]) -> str:
    if match.string[max(0, match.start() - 1) : match.start()] in ("比",):
        return match[0]
    told = match.string[max(0, match.start() - 3) : match.start()].rstrip().endswith(_TOLD)
    half = "" if told else _HALVES.get((match["before"] or match["after"] or "").lower(), "")
    minute, second = match["m"], match["s"]
    said = f"{half}{_hour(match['h'])}点"
    if minute != "00" or (second or "00") != "00":
        said += f"{_two_digits(minute)}分"
    if second and second != "00":
        said += f"{_two_digits(second)}秒"
    unit = match["unit"] or ""
    return said if said.endswith(unit) else said + unit


def _hour(number: str) -> str:
    return cardinal(number, two="两")


def _two_digits(number: str) -> str:
    """05 is 零五, 00 is 零."""
    return cardinal(number) if number[0] != "0" or number == "00" else one_by_one(number)
