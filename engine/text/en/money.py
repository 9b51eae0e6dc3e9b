"""Sums of money in English words."""

import re

from engine.text.en.numbers import NUMBER, START, cardinal, quantity

# Sign: what one is called, and the hundredth of it, where that is spoken of.
_SIGNS = {
    "$": ("dollar", "cent"),
    "US$": ("US dollar", "cent"),
    "C$": ("Canadian dollar", "cent"),
    "CA$": ("Canadian dollar", "cent"),
    "A$": ("Australian dollar", "cent"),
    "AU$": ("Australian dollar", "cent"),
    "NZ$": ("New Zealand dollar", "cent"),
    "HK$": ("Hong Kong dollar", "cent"),
    "S$": ("Singapore dollar", "cent"),
    "NT$": ("Taiwan dollar", ""),
    "R$": ("real", ""),
    "€": ("euro", "cent"),
    "£": ("pound", "penny"),
    "¥": ("yen", ""),
    "￥": ("yen", ""),
    "₹": ("rupee", "paisa"),
    "Rs.": ("rupee", "paisa"),
    "Rs": ("rupee", "paisa"),
    "₩": ("won", ""),
    "₽": ("ruble", ""),
    "₺": ("lira", ""),
    "₪": ("shekel", ""),
    "₫": ("dong", ""),
    "฿": ("baht", ""),
    "₴": ("hryvnia", ""),
    "₦": ("naira", ""),
    "₱": ("peso", ""),
    "₿": ("bitcoin", ""),
}
_CODES = {
    "USD": "US dollar", "EUR": "euro", "GBP": "British pound", "JPY": "Japanese yen", "CNY": "Chinese yuan",
    "RMB": "Chinese yuan", "CHF": "Swiss franc", "CAD": "Canadian dollar", "AUD": "Australian dollar",
    "NZD": "New Zealand dollar", "HKD": "Hong Kong dollar", "SGD": "Singapore dollar", "INR": "Indian rupee",
    "KRW": "Korean won", "RUB": "Russian ruble", "BRL": "Brazilian real", "MXN": "Mexican peso", "SEK": "Swedish krona",
    "NOK": "Norwegian krone", "DKK": "Danish krone", "PLN": "Polish zloty", "TRY": "Turkish lira",
    "ZAR": "South African rand", "BTC": "bitcoin", "ETH": "ether",
}  # fmt: skip
_PLURALS = {
    "penny": "pence", "paisa": "paise", "Swedish krona": "Swedish kronor", "Norwegian krone": "Norwegian kroner",
    "Danish krone": "Danish kroner", "yen": "yen", "won": "won", "baht": "baht", "dong": "dong",
    "Japanese yen": "Japanese yen", "Chinese yuan": "Chinese yuan", "Korean won": "Korean won",
    "South African rand": "South African rand",
}  # fmt: skip
SCALES = {
    "k": "thousand", "m": "million", "mn": "million", "mm": "million", "mln": "million", "mil": "million",
    "b": "billion", "bn": "billion", "bln": "billion", "t": "trillion", "tn": "trillion", "trn": "trillion",
}  # fmt: skip
_WORDS = "hundred|thousand|million|billion|trillion|quadrillion"
_SCALE = rf"(?:\s?(?P<scale>{_WORDS}|mn|mln|mil|mm|bn|bln|tn|trn|MN|MM|BN|TN|[kKmMbBtT])(?![\w]))"
_SIGN = r"(?P<sign>(?<![A-Za-z])(?:US|CA|C|AU|A|NZ|HK|S|NT|R)?\$|(?<![A-Za-z])Rs\.?|[€£¥￥₹₩₽₺₪₫฿₴₦₱₿])"
_TO = r"(?:\s?[-–—~]\s?(?:(?P=sign)\s?)?|\sto\s)"

_RANGE = re.compile(
    rf"{_SIGN}\s?(?P<first>{NUMBER}){_SCALE.replace('scale', 'from')}?{_TO}"
    rf"(?P<last>{NUMBER}){_SCALE}?(?![\w]|[.,:/-][0-9]|%)"
)
_BEFORE = re.compile(
    rf"(?P<minus>(?<![\w)])[-−](?=[A-Z]{{0,2}}[$€£¥]))?{_SIGN}\s?(?P<inner>-(?=[.0-9]))?(?P<number>[0-9]{{1,3}}(?:\.[0-9]{{3}})*+,[0-9]{{2}}(?!,?[0-9])|{NUMBER})(?:\s?{_SCALE})?(?P<unit>-(?:dollar|euro|pound|yen)s?\b)?(?:'?s\b)?(?P<plus>\+(?!\s?[\w$€£]))?"
    r"(?:/(?P<per>[A-Za-z]{1,12})\b)?"
)
_AFTER = re.compile(
    rf"{START}(?P<number>{NUMBER}|[0-9]{{1,3}}(?:\.[0-9]{{3}})*,[0-9]{{2}}){_SCALE}?\s?(?P<sign>[€£¥₹₩₽₺₪₫]|\$(?![0-9]))(?!\w)(?:/(?P<per>[A-Za-z]{{1,12}})\b)?"
)
_CODE = "|".join(_CODES)
_CODE_BEFORE = re.compile(rf"\b(?P<sign>{_CODE})\s?(?P<number>{NUMBER}){_SCALE}?(?![\w%]|[.,:/-][0-9])")
_CODE_AFTER = re.compile(rf"{START}(?P<number>{NUMBER}){_SCALE}?\s?(?P<sign>{_CODE})\b")
# A $5bn-a-year business.
_A_TIME = re.compile(r"(?<=[0-9kKmMbn])-(?=an?-(?:year|month|week|day|night|head|piece|hour|share|barrel|pop)\b)")
_CENTS_OF = re.compile(r"\.[0-9]{2}$(?<!\.00)")
_CENTS = re.compile(rf"{START}({NUMBER})\s?¢")
_PER = {"hr": "hour", "h": "hour", "mo": "month", "yr": "year", "wk": "week", "lb": "pound", "kg": "kilogram",
        "sqft": "square foot", "mi": "mile", "km": "kilometer", "gal": "gallon", "l": "liter", "oz": "ounce",
        "pp": "person", "ea": "each", "min": "minute", "d": "day"}  # fmt: skip
# "a $5 million deal" has million dollar; "a $5 and a $10 note" has not.
_ARTICLE = re.compile(
    r"\b(?:[0-9]|two|three|four|five|six|ten|twenty|some|few|several|an?|the|another|every|each|his|her|their|our|your|my|its|this|that)\s(?:[a-z]{3,}ly\s)?$",
    re.IGNORECASE,
)
_NOUN = re.compile(
    r"[ -](?!(?:an?|and|or|nor|for|in|of|to|on|at|is|was|are|were|per|each|every|from|by|with|more|less"
    r"|off|extra|now|but|"
    r"if|when|so|because|while|after|before|until|today|yesterday|tomorrow|as|than|over|under|not|just|too|also|that|"
    r"this|the|it|he|she|they|we|you|will|would|can|could|may|had|has|have|went|into|all|only|plus|minus|times|[a-z]+ly)\b)[a-z]"
)


def say_money(text: str) -> str:
    """``text`` with sums of money in words, their signs before or behind, with or without k, M, bn."""
    if not _ANY.search(text):
        return text
    text = _A_TIME.sub(" ", _RANGE.sub(_range, text))
    text = _BEFORE.sub(_sum, text)
    text = _AFTER.sub(_sum, text)
    text = _CODE_AFTER.sub(_coded, _CODE_BEFORE.sub(_coded, text))
    return _CENTS.sub(lambda match: f"{quantity(match[1])} {'cent' if match[1] == '1' else 'cents'}", text)


_ANY = re.compile(rf"[$€£¥￥₹₩₽₺₪₫฿₴₦₱₿¢]|Rs|{_CODE}")


def _names(sign: str) -> tuple[str, str]:
    return _SIGNS[sign]


def _is_adjective(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 24) : match.start()]
    return bool(_ARTICLE.search(before) and _NOUN.match(match.string[match.end() : match.end() + 12]))


def _plural(name: str) -> str:
    return _PLURALS.get(name, f"{name}s")


def _scaled(number: str, scale: str | None) -> str:
    said = quantity(number)
    return f"{said} {SCALES.get(scale.lower(), scale)}" if scale else said


def _range(match: re.Match[str]) -> str:
    name, part = _names(match["sign"])
    unit = name if _is_adjective(match) else _plural(name)
    ends = match["first"], match["last"]
    if part and not (match["from"] or match["scale"]) and any(_CENTS_OF.search(end) for end in ends):
        sums = (_BEFORE.match(match["sign"] + end) for end in ends)
        return " to ".join(_sum(found) for found in sums if found)
    return f"{_exact(match['first'], match['from'])} to {_exact(match['last'], match['scale'])} {unit}"


def _exact(number: str, scale: str | None) -> str:
    return _scaled(number.removesuffix(".00"), scale)


def _sum(match: re.Match[str]) -> str:
    unit, part = _names(match["sign"])
    number, scale = match["number"], match["scale"]
    number = number.replace(".", "").replace(",", ".") if "," in number and number[-3] == "," else number
    groups = match.groupdict()
    minus = "minus " if groups.get("minus") or groups.get("inner") else ""
    whole, _, cents = number.replace(",", "").partition(".")
    if scale:
        said = f"{_scaled(number, scale)} {unit if groups.get('unit') or _is_adjective(match) else _plural(unit)}"
    elif len(cents) in (0, 2) and (part or not int(cents or 0)):
        said = _coins(match, whole or "0", cents or "00", unit, part)
    else:
        said = f"{quantity(number)} {_plural(unit)}"
    plus = " plus" if groups.get("plus") else ""
    apart = " " if match.string[match.end() : match.end() + 1].isalnum() else ""
    per = groups.get("per")
    return minus + said + plus + (f" per {_PER.get(per.lower(), per)}" if per else "") + apart


def _coins(match: re.Match[str], whole: str, cents: str, unit: str, part: str) -> str:
    words = []
    if whole.strip("0") or not cents.strip("0"):
        single = whole.lstrip("0") == "1" or (_is_adjective(match) and not cents.strip("0"))
        words.append(f"{cardinal(whole.lstrip('0') or '0')} {unit if single else _plural(unit)}")
    if cents.strip("0"):
        words.append(f"{cardinal(cents.lstrip('0'))} {part if cents == '01' else _plural(part)}")
    return " and ".join(words)


def _coded(match: re.Match[str]) -> str:
    name = _CODES[match["sign"]]
    single = match["number"] == "1" and not match["scale"]
    whole, _, cents = match["number"].partition(".")
    if len(cents) == 2 and not match["scale"] and name.endswith(("dollar", "euro")):
        rest = f" and {cardinal(cents.lstrip('0'))} {'cent' if cents == '01' else 'cents'}" if cents != "00" else ""
        return f"{quantity(whole or '0')} {name if whole == '1' else _plural(name)}{rest}"
    return f"{_scaled(match['number'], match['scale'])} {name if single or _is_adjective(match) else _plural(name)}"
