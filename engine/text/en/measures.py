"""Amounts with their units in English words."""

import re

from engine.text.en.money import SCALES
from engine.text.en.numbers import NUMBER, START, quantity
from engine.text.en.units import LENGTHS, PER, POWERS, SPACED, UNITS, WORDS

_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_BELOW = "|".join(sorted((re.escape(unit) for unit in {*UNITS, *PER}), key=len, reverse=True))
_SUP = r"(?:\s?(?P<power>[²³])|\^(?P<raised>[23])(?!\d)|(?P<digit>[23])(?![\w]))"
_MEASURE = re.compile(
    rf"{START}(?P<number>{NUMBER})(?:(?P<scale>\s?(?:thousand|million|billion|trillion)\s)|(?P<gap>[  -]?))"
    rf"(?P<unit>{_UNIT}){_SUP}?"
    rf"(?P<below>(?:\s?/\s?(?:{_BELOW})(?:\s?[²³]|\^?[23](?!\d))?){{1,2}})?(?![\w²³^]|/\w)(?P<dot>\.(?=\s[a-z0-9(]|[,;:)]))?"
)
_BELOW_PART = re.compile(rf"/\s?(?P<unit>{_BELOW})\s?(?P<power>[²³]|\^?[23])?(?![A-Za-z])")
_FEET = re.compile(r"(?<![\w.,'])([0-9]{1,2})\s?['′]\s?([0-9]{1,2}(?:\.[0-9])?)\s?(?:\"|''|″|”)?(?![\w'])")
_FEET_ALONE = re.compile(r"(?<![\w.,'])([0-9]{1,3})[′](?!\w)")
_INCHES = re.compile(rf"{START}({NUMBER})\s?″")
_INCHES_QUOTED = re.compile(rf"(?<=[\s(-])(?<!\" )({NUMBER})\"(?=[ -][a-z]|-)")
_FEET_SIDE = re.compile(r"(?<![\w.,'])([0-9]{1,3})'(?=\s(?:[a-z]|x\s?[0-9]))(?!\s(?:and|or|to|is|was|in|of)\b)")
_SIDES = re.compile(rf"{START}({NUMBER})(?:\"|″)\s?[x×]\s?({NUMBER})(?:\"|″)")
_SAME_UNIT = re.compile(
    rf"{START}({NUMBER}\s?({_UNIT}))\s?[-–—]\s?(?={NUMBER}\s?(?P=unit)(?!\w))".replace(
        f"({_UNIT})", f"(?P<unit>{_UNIT})"
    )
)
_OF_FRACTION = re.compile(rf"(?<=/[0-9])([0-9]{{0,2}})(?:(\s?)|-)({_UNIT})(?![\w²³^/])\.?")
_RATES = re.compile(
    r"(?<![\w/^])(km|m|cm|mm|mi|ft|mg|µg|g|kg|L|mL|ml|GB|MB|kB|Gb|Mb|W|kW|mol|mmol|J|kJ|N|lb)/(s|h|hr|L|l|dL|dl|min|kg|g|m|cm|km|day|week|month|year|mol)(\^[23])?(?![\w/^])"
)
_AREAS = re.compile(r"(?<![\w/^])(?:(per )(m|s)|(km|cm|mm|ft|in|mi))\^([23])(?![\w])")
_MICRO = re.compile(r"(?<=[0-9])(\s?)[μµ](?=[mgslLAFVW]\b|mol\b)|(?<![\w])[μµ](?=[mgslL]/)")
# As on the continent: 1,5 kg, 3,5 million.
_COMMA = re.compile(
    rf"{START}([0-9]{{1,3}}),([0-9]{{1,2}})(?=\s?(?:%|°)|\s?(?:million|billion|percent|kg|km|cm|mm|GB|MB|mg|ml|kW|MW|Hz)\b)"
)
_LETTER_DEGREE = re.compile(r"\b([Dd]egrees?)\s([CF])\b")
_COORDINATE = re.compile(
    rf"{START}({NUMBER})\s?°\s?(?:([0-9]{{1,2}})\s?['′]\s?)?(?:([0-9]{{1,2}}(?:\.[0-9]{{1,3}})?)\s?(?:\"|″|'')\s?)?([NSEW])?(?![\w])(?!\s?[CF]\b)"
)
_COMPASS = {"N": "north", "S": "south", "E": "east", "W": "west"}
_DEGREES = re.compile(r"(?<=[0-9])\s?[°º]\s?(?=[CF]\b)|(?<=[0-9])\s?°")
_SCALED = re.compile(
    rf"{START}(?P<number>{NUMBER})(?P<gap> ?)(?P<scale>mn|mln|bn|bln|tn|[kKMB])(?P<plus>\+?)(?![\w'-]"
    rf"|/\w)(?P<rest>(?=.{{0,24}}))",
    re.DOTALL,
)
_RUN = re.compile(r"\s(?:run|race|video|resolution|display|monitor|tv|screen|gold|runner|runners)\b", re.IGNORECASE)
_TIMES = re.compile(
    rf"{START}({NUMBER})\s?[x×](?=\s(?:faster|slower|more|less|better|worse|larger|bigger|smaller|higher|lower|longer|"
    r"cheaper|as|the|stronger|lighter|heavier|quicker|return|increase|improvement|growth|speedup|zoom)\b)"
)
_BY = re.compile(
    rf"{START}({NUMBER}(?:\s?(?:m|cm|mm|ft|in))?)\s?[x×](?=\s?[0-9])(?:\s?({NUMBER}(?:\s?(?:m|cm|mm|ft|in)\b)?)\s?[x×](?=\s?[0-9]))?"
)
_HOURS_MINUTES = re.compile(rf"{START}([0-9]{{1,3}})\s?h\s?([0-5]?[0-9])\s?(m|min|mins)?\b")
_MINUTES_SECONDS = re.compile(rf"{START}([0-9]{{1,3}})\s?m(?:in)?\s?([0-5]?[0-9])\s?s(?:ec)?\b")
_SINGLE = re.compile(r"\b(?:an?|another|every|each)\s(?:[a-z]{3,}ly\s)?$", re.IGNORECASE)
_NOUN = re.compile(
    r"[ -](?!(?:and|or|for|in|of|to|on|at|is|was|are|were|per|from|by|with|more|less|as|than|over|under|long|wide|tall|"
    r"deep|high|away|before|after|but|when|if|so|because|while|that|this|the|it|he|she|they|we|you)\b)[a-z]"
)


def say_measures(text: str) -> str:
    """``text`` with amounts of something in words, ``5 km/h``, ``20 m²``, ``3.5M``, ``6'2"`` among them."""
    text = _MICRO.sub(r"\1µ", text.replace("′′", "″"))
    text = _COMMA.sub(r"\1.\2", text)
    text = _LETTER_DEGREE.sub(lambda match: f"{match[1]} {'Celsius' if match[2] == 'C' else 'Fahrenheit'}", text)
    text = _COORDINATE.sub(_coordinate, text)
    text = _SAME_UNIT.sub(r"\1 to ", text)
    text = _SIDES.sub(lambda match: f"{quantity(match[1])} inches by {quantity(match[2])} inches", text)
    text = _FEET.sub(_feet, _DEGREES.sub("°", text))
    text = _FEET_ALONE.sub(lambda match: f"{quantity(match[1])} feet", text)
    text = _FEET_SIDE.sub(_feet_side, text)
    text = _INCHES.sub(lambda match: f"{quantity(match[1])} inches", text)
    text = _INCHES_QUOTED.sub(_inches, text)
    text = _HOURS_MINUTES.sub(_hours_minutes, text)
    text = _MINUTES_SECONDS.sub(lambda match: f"{_counted(match[1], 'minute')} {_counted(match[2], 'second')}", text)
    text = _TIMES.sub(lambda match: f"{quantity(match[1])} times", text)
    text = _BY.sub(_by, text)
    text = _SCALED.sub(_scaled, text)
    text = _MEASURE.sub(_measure, text)
    return _AREAS.sub(_area, _RATES.sub(_rate, text))


def say_units_of_fractions(text: str) -> str:
    """``text`` with the units in words that stand behind fractions, which stay."""
    return _OF_FRACTION.sub(_of_fraction, text)


def _of_fraction(match: re.Match[str]) -> str:
    unit, before = match[3], match.string[max(0, match.start() - 12) : match.start()]
    if (unit in WORDS and unit != "in.") or (unit in SPACED) or (not match[2] and len(unit) == 1 and unit != "%"):
        return match[0]
    one, many = UNITS[unit]
    return f"{match[1]} {many if re.search(r'[0-9][ -][0-9]{1,2}/[0-9]$', before) else one}"


def _feet_side(match: re.Match[str]) -> str:
    return (
        match[0]
        if match.string.count("'", max(0, match.start() - 200), match.start()) % 2
        else f"{quantity(match[1])} foot"
    )


def _rate(match: re.Match[str]) -> str:
    one = PER.get(match[2]) or UNITS[match[2]][0]
    power = match[3][1] if match[3] else ""
    below = (
        f"{POWERS[power]} {one}"
        if power and match[2] in LENGTHS
        else one + {"": "", "2": " squared", "3": " cubed"}[power]
    )
    return f"{UNITS[match[1]][1]} per {below}"


def _area(match: re.Match[str]) -> str:
    unit = match[2] or match[3]
    if unit == "s":
        return f"per second {'squared' if match[4] == '2' else 'cubed'}"
    one, many = UNITS.get(unit, ("inch", "inches"))
    return f"per {POWERS[match[4]]} {one}" if match[1] else f"{POWERS[match[4]]} {many}"


def _counted(number: str, unit: str) -> str:
    return f"{quantity(number.lstrip('0') or '0')} {unit if number in ('1', '01') else unit + 's'}"


def _feet(match: re.Match[str]) -> str:
    feet, inches = quantity(match[1]), quantity(match[2])
    return f"{feet} {'foot' if match[1] == '1' else 'feet'} {inches} {'inch' if match[2] == '1' else 'inches'}"


def _inches(match: re.Match[str]) -> str:
    """Only where the quotation marks before it are closed: a 27" screen, not "the 27" of something."""
    if match.string.count('"', max(0, match.start() - 400), match.start()) % 2:
        return match[0]
    return f"{quantity(match[1])} inch"


_EQUALS = re.compile(r"\s?[0-9.,]{1,20}\s?=")


def _by(match: re.Match[str]) -> str:
    written = [part for part in (match[1], match[2]) if part]
    is_sum = bool(_EQUALS.match(match.string, match.end()))
    is_product = is_sum or ("×" in match[0] and match[1].isdigit() and (len(match[1]) < 3 or "=" in match.string))
    return "".join(f"{part.strip()} {'times' if is_product else 'by'} " for part in written)


def _hours_minutes(match: re.Match[str]) -> str:
    return f"{_counted(match[1], 'hour')} {_counted(match[2], 'minute')}"


def _coordinate(match: re.Match[str]) -> str:
    if not (match[2] or match[3] or match[4]):
        return match[0]
    parts = [f"{quantity(match[1])} {'degree' if match[1] == '1' else 'degrees'}"]
    parts += [_counted(match[2], "minute")] if match[2] else []
    parts += [f"{quantity(match[3])} seconds"] if match[3] else []
    return " ".join([*parts, _COMPASS.get(match[4] or "", "")]).strip()


def _scaled(match: re.Match[str]) -> str:
    """10k users are thousands, a 10K race and 4K are not; B alone is a byte or a letter as often as a billion."""
    scale, number = match["scale"], match["number"]
    rest = match.string[match.end() : match.end() + 24]
    if match["gap"] and scale in ("k", "K", "B") and "." not in number:
        return match[0]
    if scale in "kK" and (_RUN.match(rest) or (scale == "K" and number in ("2", "4", "5", "8", "16"))):
        return f"{quantity(number)} {scale}"
    if scale == "B" and "." not in number and not re.match(r" (?:[a-z]+s\b|people|in\b|of\b)|\+", rest):
        return match[0]
    return f"{quantity(number)} {SCALES[scale.lower()]}" + (" plus" if match["plus"] else "")


def _measure(match: re.Match[str]) -> str:
    unit, number, gap = match["unit"], match["number"], match["gap"]
    power = match["power"] or match["raised"] or match["digit"]
    rest = match.string[match.end() : match.end() + 16]
    if not _is_unit(match, unit, gap, number, rest) or (match["digit"] and unit not in LENGTHS):
        return match[0]
    one, many = UNITS["bp"] if unit == "bps" and len(number.replace(",", "")) < 4 else UNITS[unit]
    if power:
        kind = POWERS[power]
        raised = " squared" if kind == "square" else " cubed"
        one, many = (f"{kind} {one}", f"{kind} {many}") if unit in LENGTHS else (one + raised, many + raised)
    before = match.string[max(0, match.start() - 24) : match.start()]
    single = number in ("1", "-1") or gap == "-" or bool(_SINGLE.search(before) and _NOUN.match(rest))
    below = "".join(f" per {_below(part)}" for part in _BELOW_PART.finditer(match["below"] or ""))
    scale = f" {match['scale'].strip()}" if match["scale"] else ""
    return f"{quantity(number)}{scale} {one if single and not scale else many}{below}"


def _is_unit(match: re.Match[str], unit: str, gap: str | None, number: str, rest: str) -> bool:
    if match["below"] or match["power"] or match["raised"]:
        return True
    if len(unit) == 1 and rest.startswith("'s"):
        # The five W's are letters.
        return False
    if unit in SPACED:
        # Letters: platform 9 A, but 300 K and 2.5 A.
        return (
            gap != ""
            and not re.match(r"[.-]?[A-Za-z0-9]|\. [A-Z]", rest)
            and (unit not in ("A", "F", "N") or "." in number)
        )
    return unit not in WORDS or gap != " " or "." in number or unit not in ("us", "ly", "st.")


def _below(part: re.Match[str]) -> str:
    unit, power = part["unit"], (part["power"] or "").lstrip("^")
    one = PER.get(unit) or UNITS[unit][0]
    if not power:
        return one
    kind = POWERS[power]
    return f"{kind} {one}" if unit in LENGTHS else f"{one} {'squared' if kind == 'square' else 'cubed'}"
