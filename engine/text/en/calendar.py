"""Dates, times of the day, years and decades in English words."""

import re

from engine.text.en.abbreviations import full_stop
from engine.text.en.numbers import START, cardinal, ordinal, quantity, spelled, year
from engine.text.spelling import words_of

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORT_DAYS = {
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
_SHORT_MONTHS = {month[:3].lower(): month for month in MONTHS if month != "May"} | {"sept": "September"}
_TENS = {
    "1": "tens", "2": "twenties", "3": "thirties", "4": "forties", "5": "fifties", "6": "sixties", "7": "seventies",
    "8": "eighties", "9": "nineties",
}  # fmt: skip
_MONTH = "|".join(MONTHS)
_SHORT_MONTH = "|".join(name.capitalize() for name in _SHORT_MONTHS)
_SHORT_DAY = "|".join(name.capitalize() for name in _SHORT_DAYS)
_DAY = "(?:3[01]|[12][0-9]|0?[1-9])"
_YEAR = "(?:1[0-9]{3}|20[0-9]{2})"
_TO = r"\s?[-–—~]\s?"

# An abbreviation counts where its neighbours show that it is one: "Sun. 9th", "3 Feb", "Jan–Mar", "Mon, 3".
_MONTH_SHORT = re.compile(
    rf"\b({_SHORT_MONTH}|{_SHORT_MONTH.upper()})\b(?:\.(?=\s?(?:[0-9'\-–—,]|of\b|to\b|and\b|{_SHORT_MONTH}))|(?=\.?(?:\s|\s?[-–—/]\s?)(?:{_DAY}(?:st|nd|rd|th)?\b|{_YEAR}\b|'[0-9]{{2}}\b))"
    rf"|(?={_TO}(?:{_SHORT_MONTH}|{_MONTH})\b))"
    rf"|(?<=[0-9] )({_SHORT_MONTH}|{_SHORT_MONTH.upper()})\b(\.(?=\s[0-9a-z]))?|(?<=[0-9](?:st|nd|rd|th) "
    rf")({_SHORT_MONTH})\b(\.(?=\s[0-9a-z]))?"
    rf"|(?<=\bof )({_SHORT_MONTH})\b(\.(?=\s[0-9a-z]))?|(?<=[-–—/])({_SHORT_MONTH})\b(?!')",
)
_DAY_SHORT = re.compile(
    rf"\b({_SHORT_DAY}|MON|TUE|WED|THU|FRI)\b(?:\.?(?=,?\s(?:the\s)?(?:{_DAY}(?:st|nd|rd|th)?\b(?!:)|(?:{_MONTH})\b|(?:{_SHORT_MONTH})\b))|(?={_TO}(?:{_SHORT_DAY}|{'|'.join(_DAYS)})\b)|\.(?=\s(?:at|and|to|through|from)\b|,))"
    rf"|(?<=[-–—])({_SHORT_DAY})\b(?!')"
)
_SHORT_RANGE = re.compile(
    rf"\b({_SHORT_DAY})\b\.?{_TO}({_SHORT_DAY})\b\.?|\b({_SHORT_MONTH})\b\.?{_TO}({_SHORT_MONTH})\b\.?"
)
_ERAS = re.compile(r"\b(BC|BCE|CE|AD)\s?[–—-]\s?(?=AD\b|[0-9])")
_DAY_AT_END = re.compile(rf"\b((?:on|and|by|every|next|last|this|until)\s)({_SHORT_DAY})\.(?=(?P<next>\s*\S{{0,12}}))")
_NAME_RANGE = re.compile(rf"\b({_MONTH}|{'|'.join(_DAYS)}){_TO}(?=(?:{_MONTH}|{'|'.join(_DAYS)})\b)")
_DATE_RANGE = re.compile(
    rf"\b((?:{_MONTH})\s{_DAY}(?:st|nd|rd|th)?(?:,?\s{_YEAR})?){_TO}(?=(?:{_MONTH})\s{_DAY})"
    rf"|\b((?:{_MONTH})(?:\s{_YEAR})?){_TO}(?={_DAY}(?:st|nd|rd|th)?\s(?:{_MONTH}))|\b((?:{_MONTH})\s{_YEAR}){_TO}(?=(?:{_MONTH})\s{_YEAR})"
    rf"|{START}({_YEAR}-[0-9]{{2}}-[0-9]{{2}})\s?[–—/]\s?(?={_YEAR}-)|{START}({_YEAR}-[0-9]{{2}}-[0-9]{{2}})\s-\s(?={_YEAR}-)"
)
_ISO = re.compile(
    rf"{START}({_YEAR})([-/.])(0?[1-9]|1[0-2])\2(3[01]|[12][0-9]|0?[1-9])"
    r"(?:[T ](?=[0-9]{2}:[0-9]{2})|(?![\w/]|[-.][0-9]))"
)
_SLASHED = re.compile(rf"{START}([0-9]{{1,2}})([/.-])([0-9]{{1,2}})\2((?:1[0-9]|20)?[0-9]{{2}})(?![\w/]|[-.][0-9])")
_SHORT_DATE = re.compile(
    r"\b((?:on|by|until|till|since|dated|due|before|after|from)\s)([0-9]{1,2})/([0-9]{1,2})(?![\w/]|\.[0-9])",
    re.IGNORECASE,
)
_YEAR_AFTER = rf"(?:(?P<comma>,?)\s(?P<year>{_YEAR}|'[0-9]{{2}})(?![\w%]|[-–/.,:][0-9]|\s?(?:{_MONTH})))?"
_MONTH_DAY = re.compile(
    rf"\b(?P<month>{_MONTH})\s(?:the\s)?(?P<day>{_DAY})(?:st|nd|rd|th)?"
    rf"(?:{_TO}(?P<last>{_DAY})(?:st|nd|rd|th)?)?(?![\w%]|[.,:/][0-9])(?!\s(?:times|people|days|weeks|months|years|hours|of\s[a-z])\b)"
    + _YEAR_AFTER
)
_DAY_MONTH = re.compile(
    rf"{START}(?P<the>\bthe\s)?(?P<day>{_DAY})(?P<suffix>st|nd|rd|th)?(?:{_TO}(?P<last>{_DAY})(?:st|nd|rd|th)?)?"
    rf"(?P<of>\sof)?[ -](?P<month>{_MONTH})\b(?:-(?={_YEAR}))?" + _YEAR_AFTER.replace(r"\s(?P", r"\s?(?P")
)
_MONTH_YEAR = re.compile(rf"\b({_MONTH})(,?\s|[-/])({_YEAR}|'[0-9]{{2}})(?![\w%]|[.,:][0-9])")
_QUARTER = re.compile(rf"\b(Q[1-4]|H[12]|FY|CY)[ -]?({_YEAR}|'?[0-9]{{2}})(?![\w%]|[.,:][0-9])")

_AM = r"(?P<half>[ap])\.?m\b(?P<dot>\.(?=\s?[,;:)a-z0-9])|\.)?"
_NOON = re.compile(r"(?:(?<=[0-9])\s?|(?<=[a-z]\s))([AaPp])(?:\.[Mm]\b\.?|[Mm]\b)(?=(.?.?))", re.DOTALL)
_CLOCK = re.compile(
    rf"{START}(?<!:)([01]?[0-9]|2[0-4])[:h]([0-5][0-9])(?::([0-5][0-9])(\.[0-9]++)?)?(?![\w:]|\.[0-9])(\s?[AP]M\b|\so'clock\b)?"
)
_LAPSE = re.compile(rf"{START}(?<!:)([0-9]{{1,3}}):([0-5][0-9]):([0-5][0-9])(?:[.,]([0-9]++))?(?![\w:])")
_HOURED = re.compile(rf"{START}([01]?[0-9])(?:[.:]([0-5][0-9]))?\s?([AP]M)\b")
_DOTTED = re.compile(
    r"\b((?:at|by|until|till|from|around|before|after|about)\s)([01]?[0-9]|2[0-3])\.([0-5][05])"
    r"(?=\s?(?:$|[,;!?)]|\.(?:\s|$)|(?:today|tonight|tomorrow|yesterday|sharp|in the|on|every|each|this|and|to)\b))",
    re.IGNORECASE,
)
_O_CLOCK = re.compile(r"(?<=[0-9]) ?o'?clock\b", re.IGNORECASE)
_RANGE_OF_TIMES = re.compile(
    r"((?:[0-9]\s?[AP]M|\b[0-9]{1,2}:[0-9]{2}|\bnoon|\bmidnight))\s?[-–—~]\s?(?=[0-9]{1,2}(?::[0-9]{2})?\b|noon\b|midnight\b)"
)
_RANGE_TO_HALF = re.compile(
    rf"{START}([0-9]{{1,2}})\s?[-–—]\s?(?=[0-9]{{1,2}}(?::[0-9]{{2}})?\s?[AP]M\b|noon\b|midnight\b)"
)

_DECADE = re.compile(r"(?<![\w.,])(?:'(?=[0-9]0'?s))?(1[0-9]|20)?([0-9])0(?:'s|s)\b")
_DECADES = re.compile(r"(?<![\w.,])('?[0-9]{0,3}0'?s)\s?[-–—]\s?(?='?[0-9]{1,3}0'?s\b)")
_WAITING = re.compile(
    r"\b(?:an?|under|for|wait|waits|waited|every|after|within|takes|took|lasted|lasts|timeout|last|next|in under"
    r"|[0-9]{1,4}\s?(?:h|hrs?|m|mins?))\s$",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(r"(?<![\w'])'([0-9]{2})(?![\w'\"])")
_YEARS = re.compile(rf"{START}(?P<first>{_YEAR})\s?[-–—/~]\s?(?P<last>{_YEAR}|[0-9]{{2}})(?![\w%/]|[-.,:][0-9])")
_IN_YEAR = re.compile(
    rf"\b(in|since|by|from|until|till|to|and|year|years|of|AD|BC|BCE|CE|circa|around|before|after|during|between|c\.|ca\.)(\s)({_YEAR})"
    r"(?=(?P<rest>.{0,24}))(?![\w%:]|[-.,/][0-9])"
)
_ERA = re.compile(rf"{START}([0-9]{{1,4}})(?=\s(?:AD|BC|BCE|CE|A\.D|B\.C)\b)")
# What is counted after a number shows that it is none of a year.
_NEXT_WORD = re.compile(
    r"[- ](?:(?:more|other|new|different|square|cubic|small|large|registered|active|free|extra|long)\s)?([a-z]{2,20})\b"
)
_COUNTED = frozenset(["people", "men", "women", "children", "feet", "percent", "sheep", "fish"])
_NOT_COUNTED = frozenset(
    [
        "was",
        "has",
        "yes",
        "his",
        "its",
        "this",
        "as",
        "us",
        "is",
        "always",
        "perhaps",
        "minus",
        "plus",
        "equals",
        "across",
        "besides",
        "sometimes",
        "does",
        "versus",
        "afterwards",
        "towards",
        "thus",
        "plus",
        "sales",
        "elections",
        "olympics",
        "its",
        "elsewhere",
        "news",
        "series",
    ]
)


_DIGIT = re.compile("[0-9]")
_DASH = re.compile("[-–—~]")
_SHORT_NAMES = frozenset(
    [
        *(written(name) for name in (*_SHORT_DAYS, *_SHORT_MONTHS) for written in (str.capitalize, str.upper)),
        *("BC", "BCE", "CE", "AD"),
    ]
)


def has_dates(text: str) -> bool:
    """Whether `say_dates` may find anything; a quick look."""
    if _DIGIT.search(text):
        return True
    words = words_of(text)
    return not words.isdisjoint(_SHORT_NAMES) or bool(_DASH.search(text) and not words.isdisjoint((*MONTHS, *_DAYS)))


def say_dates(text: str) -> str:
    """``text`` with dates in words; numbers that are none stay. Month first where both could be meant."""
    text = _ERAS.sub(r"\1 to ", _SHORT_RANGE.sub(_short_range, text))
    text = _DAY_SHORT.sub(_long_day, text)
    text = _DAY_AT_END.sub(
        lambda match: match[1] + _DAYS[_SHORT_DAYS[match[2].lower()]] + full_stop(".", match["next"]), text
    )
    text = _MONTH_SHORT.sub(_long_month, text)
    text = _NAME_RANGE.sub(r"\1 to ", text)
    text = _DATE_RANGE.sub(lambda match: f"{next(filter(None, match.groups()))} to ", text)
    text = _ISO.sub(_iso, text)
    text = _SLASHED.sub(_slashed, text)
    text = _SHORT_DATE.sub(_short_date, text)
    text = _DAY_MONTH.sub(_day_month, _MONTH_DAY.sub(_month_day, text))
    text = _MONTH_YEAR.sub(lambda match: f"{match[1]} {_any_year(match[3])}", text)
    return _QUARTER.sub(lambda match: f"{_letters(match[1])} {_any_year(match[2])}", text)


def say_times(text: str) -> str:
    """``text`` with times of the day and lengths of time such as 1:23:45 in words."""
    text = _NOON.sub(_half_of_day, text)
    text = _O_CLOCK.sub(" o'clock", text)
    text = _RANGE_OF_TIMES.sub(r"\1 to ", _RANGE_TO_HALF.sub(r"\1 to ", text))
    text = _LAPSE.sub(_lapse, text)
    text = _HOURED.sub(lambda match: f"{_hour_and_minute(match[1], match[2] or '00', exact=False)} {match[3]}", text)
    text = _DOTTED.sub(lambda match: f"{match[1]}{_hour_and_minute(match[2], match[3], exact=False)}", text)
    return _CLOCK.sub(_clock, text)


def say_years(text: str) -> str:
    """``text`` with decades, spans of years, and years that a word announces, in words."""
    text = _DECADE.sub(_decade, _DECADES.sub(r"\1 to ", text))
    text = _SHORT_YEAR.sub(lambda match: _any_year(match[0]), text)
    text = _YEARS.sub(_span, text)
    text = _ERA.sub(lambda match: year(match[1]) if len(match[1]) == 4 else cardinal(match[1]), text)
    return _IN_YEAR.sub(_announced, text)


def is_year(number: str, following: str) -> bool:
    """Whether four bare digits are a year: from 1100 to 2099, unless ``following`` counts something."""
    return 1100 <= int(number) < 2100 and not _counts(following)


def _counts(following: str) -> bool:
    match = _NEXT_WORD.match(following)
    word = match[1] if match else ""
    return word in _COUNTED or (word.endswith("s") and word[-2:] not in ("ss", "us", "is") and word not in _NOT_COUNTED)


def _short_range(match: re.Match[str]) -> str:
    if match[1]:
        return " to ".join(_DAYS[_SHORT_DAYS[name.lower()]] for name in (match[1], match[2]))
    return " to ".join(_SHORT_MONTHS[name.lower()] for name in (match[3], match[4]))


def _long_day(match: re.Match[str]) -> str:
    return _DAYS[_SHORT_DAYS[(match[1] or match[2]).lower()]]


def _long_month(match: re.Match[str]) -> str:
    name = next(filter(None, (match[1], match[2], match[4], match[6], match[8])))
    return _SHORT_MONTHS[name.lower()]


def _any_year(number: str) -> str:
    number = number.lstrip("'")
    if len(number) == 4:
        return year(number)
    return f"oh {spelled(number[1])}" if number[0] == "0" else cardinal(number)


def _iso(match: re.Match[str]) -> str:
    ends = " " if match[0][-1] in "T " else ""
    return f"{MONTHS[int(match[3]) - 1]} {ordinal(match[4])}, {year(match[1])}{ends}"


def _slashed(match: re.Match[str]) -> str:
    first, mark, second, when = int(match[1]), match[2], int(match[3]), match[4]
    day_first = first > 12 or (mark == "." and second <= 12)
    day, month = (first, second) if day_first else (second, first)
    if not (1 <= day <= 31 and 1 <= month <= 12) or (mark != "/" and len(when) == 2):
        return match[0]
    when = when if len(when) == 4 else ("20" if int(when) < 50 else "19") + when
    if day_first:
        return f"the {ordinal(str(day))} of {MONTHS[month - 1]} {year(when)}"
    return f"{MONTHS[month - 1]} {ordinal(str(day))}, {year(when)}"


def _short_date(match: re.Match[str]) -> str:
    month, day = int(match[2]), int(match[3])
    if not (1 <= month <= 12 and 1 <= day <= 31) or (month, day) == (9, 11):
        return match[0]
    return f"{match[1]}{MONTHS[month - 1]} {ordinal(match[3])}"


def _month_day(match: re.Match[str]) -> str:
    said = f"{match['month']} {ordinal(match['day'])}"
    said += f" to {ordinal(match['last'])}" if match["last"] else ""
    return said + (f"{match['comma']} {_any_year(match['year'])}" if match["year"] else "")


def _day_month(match: re.Match[str]) -> str:
    day = ordinal(match["day"]) + (f" to {ordinal(match['last'])}" if match["last"] else "")
    has_suffix = match["suffix"] and not match["the"]
    said = f"{match['the'] or ('' if has_suffix else 'the ')}{day} of {match['month']}"
    if has_suffix and not match["of"]:
        said = f"{day} {match['month']}"
    return said + (f"{match['comma']} {_any_year(match['year'])}" if match["year"] else "")


def _letters(name: str) -> str:
    return f"{name[0]} {cardinal(name[1])}" if name[1].isdigit() else name


def _half_of_day(match: re.Match[str]) -> str:
    """AM and PM, with the full stop where a sentence ends."""
    before = match.string[max(0, match.start() - 16) : match.start()].rstrip()
    if not before or not (before[-1].isdigit() or re.search(r"\b(?:o'clock|thirty|fifteen|five|nine|in the)$", before)):
        return match[0]
    following = match[2]
    ends = match[0].rstrip().endswith(".") and (
        not following.strip() or following[:1] == "\n" or following.strip()[:1].isupper()
    )
    return f" {match[1].upper()}M" + ("." if ends else "")


def _hour_and_minute(hour: str, minute: str, *, exact: bool) -> str:
    said = cardinal(str(int(hour)))
    if minute == "00":
        return (
            said
            if not exact
            else "midnight"
            if hour in ("0", "00")
            else f"{said} o'clock"
            if int(hour) < 13
            else f"{said} hundred"
        )
    return f"{said} oh {spelled(minute[1])}" if minute[0] == "0" else f"{said} {cardinal(minute)}"


# A scale of 1:50 is no time, and neither is a ratio of 1:25.
_SCALED = re.compile(r"[ -](?:scale|ratio|mix|mixture|dilution|odds|slope|gradient|model)\b", re.IGNORECASE)
_SCALED_BEFORE = re.compile(r"\b(?:scale|ratio|odds|slope|gradient)(?: (?:of|is|was))? $", re.IGNORECASE)


def _clock(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 16) : match.start()]
    if not (match[3] or match[5]) and (_SCALED.match(match.string, match.end()) or _SCALED_BEFORE.search(before)):
        return f"{cardinal(match[1].lstrip('0') or '0')} to {cardinal(match[2].lstrip('0') or '0')}"
    rest = match.string[match.end() : match.end() + 4]
    before = match.string[max(0, match.start() - 4) : match.start()]
    in_range = rest.startswith(" to ") or before.endswith(" to ") or bool(match[5])
    return _hour_and_minute(match[1], match[2], exact=not in_range) + (f" {match[5].strip()}" if match[5] else "")


def _lapse(match: re.Match[str]) -> str:
    hours, minutes, seconds = (int(match[number]) for number in (1, 2, 3))
    whole = quantity(f"{seconds}.{match[4]}") if match[4] else cardinal(str(seconds))
    parts = ((cardinal(str(hours)), "hour", hours), (cardinal(str(minutes)), "minute", minutes))
    said = " ".join(f"{number} {unit if count == 1 else unit + 's'}" for number, unit, count in parts)
    joint = " and " if hours or minutes else " "
    return f"{said}{joint}{whole} {'second' if whole == 'one' else 'seconds'}"


def _decade(match: re.Match[str]) -> str:
    century, ten = match[1], match[2]
    if century is None:
        if ten == "0" and (match[0][0] == "'" or match.string[max(0, match.start() - 4) : match.start()] == "the "):
            return "two thousands"
        if ten == "0" or (match[0][0] != "'" and ten == "1"):
            return match[0]
        if match[0][0] != "'" and _WAITING.search(match.string[max(0, match.start() - 12) : match.start()]):
            return match[0]
        return _TENS[ten]
    if ten == "0":
        return "two thousands" if century == "20" else f"{cardinal(century)} hundreds"
    return f"{cardinal(century)} {_TENS[ten]}"


def _span(match: re.Match[str]) -> str:
    """Years from one to another, also 1939-45; 1500-1400 or 2019-13 are something else."""
    first, last = match["first"], match["last"]
    whole = last if len(last) == 4 else first[:2] + last
    if int(whole) <= int(first) or (len(last) == 2 and "/" in match[0] and int(whole) != int(first) + 1):
        return match[0]
    joint = " " if "/" in match[0] else " to "
    return year(first) + joint + (year(last) if len(last) == 4 else _any_year(last))


def _announced(match: re.Match[str]) -> str:
    number = match[3]
    loose = match[1] in ("to", "and", "of", "by", "around", "from", "between", "before", "after", "until", "till")
    if loose and (_counts(match["rest"]) or (int(number) < 1100 and match[1] in ("of", "by", "around"))):
        return match[0]
    if (
        match[1] in ("to", "and", "of", "by", "around", "from")
        and int(number) < 1100
        and not re.search(
            r"\b(?:in|from|between|since|year|eighteen|nineteen|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)\b[\w\s]{0,30}$",
            match.string[max(0, match.start() - 40) : match.start()],
        )
    ):
        return match[0]
    if re.match(
        r" (?:meters|kilometers|miles|[a-zA-Z]{1,2}\b(?<! is| in| to| of| it| we| he| at| on| or| by| as| an"
        r"| if| up| so| no| my))",
        match["rest"],
    ) and match[1] not in ("since", "year", "years"):
        return match[0]
    return f"{match[1]}{match[2]}{year(number)}"
