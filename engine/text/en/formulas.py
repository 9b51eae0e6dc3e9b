"""Formulas, fractions, powers, signs and ranges in English words."""

import re

from engine.text.en.numbers import NUMBER, START, WHOLE, cardinal, ordinal, quantity

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ", "0123456789+-ni")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_RAISED = re.compile(r"(?<=[\w)\]])\s?([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|ⁿ|ⁱ)")
_LOWERED = re.compile("[₀₁₂₃₄₅₆₇₈₉]+")
_VULGAR = {
    "¼": "1/4", "½": "1/2", "¾": "3/4", "⅐": "1/7", "⅑": "1/9", "⅒": "1/10", "⅓": "1/3", "⅔": "2/3", "⅕": "1/5",
    "⅖": "2/5", "⅗": "3/5", "⅘": "4/5", "⅙": "1/6", "⅚": "5/6", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8",
    "↉": "0/3",
}  # fmt: skip
_VULGAR_SIGN = re.compile("([0-9]?)([" + "".join(_VULGAR) + "])")
_POWER = re.compile(rf"(?<=[\w)\]])\^\{{?\(?([+-]?{WHOLE}|[A-Za-z])\)?\}}?(?![\w])")
_UNIT_BEFORE = re.compile(r"(?:[0-9]\s?|[0-9]-|/\s?|per )(?:[kcmdnµ]?m|ft|in|mi|yd|s)$")
_LETTER_PAIR = re.compile(r"\b([a-z])([a-z])(?=\^|²|³|\ssquared|\scubed)")
_SCIENTIFIC = re.compile(rf"{START}({NUMBER})[eE]([+-]?)([0-9]{{1,4}})(?![\w.])")
_TEN_POWER = re.compile(rf"{START}({NUMBER})\s?[×x*·]\s?10\s?\^\s?\{{?\(?([+-]?[0-9]{{1,4}})\)?\}}?(?![\w.])")
_PLACES = re.compile(rf"{START}([0-9]{{1,4}})/([0-9]{{1,4}})(rds?|ths?|nds?)\b")
_MIXED = re.compile(rf"{START}([0-9]{{1,6}})[ -]([0-9]{{1,2}})/([0-9]{{1,3}})(?![\w/]|\.[0-9])")
_FRACTION = re.compile(r"(?<![\w./])([0-9]{1,15})/([0-9]{1,15})(?![\w/]|\.[0-9])")
_LONG_FRACTION = re.compile(r"(?<![\w./])([0-9]++)/([0-9]++)(?![\w/.])")
_OUT_OF = re.compile(
    r"\b(?:rated|rate|rating|score|scored|scores|scoring|got|gets|gave|give|gives|grade|mark|a solid"
    r"|an?)\s(?:it\s|of\s|him\s|her\s)?(?:an?\s)?$",
    re.IGNORECASE,
)
_CHAIN = re.compile(r"(?<![\w/.])[0-9]{1,12}(?:/[0-9]{1,12}){2,20}(?![\w/.])")
_FUNCTION = re.compile(r"\b([fghFGHPpE])\(([a-zA-Z](?:\s?,\s?[a-zA-Z])?)\)")
_ROOT = re.compile(r"([√∛∜])\s?")
_ROOTS = {"√": " square root of ", "∛": " cube root of ", "∜": " fourth root of "}
_COEFFICIENT = re.compile(r"(?<=[0-9])(?=[a-z]{1,2}(?:\^|²|³|\s?[-+*/=)<>−]|\s?$|[a-z](?:\^|²|³)))")
_EQUATION = re.compile("[=^√²³≈≠≤≥∑∫]")
_ASKED = re.compile(
    r"\b(?:solve|calculate|compute|subtract|evaluate|what is|what's)\s[^.!?\n]{0,40}?[0-9)] [-–−] (?=[0-9(])",
    re.IGNORECASE,
)
_SPACED_MINUS = re.compile(r"(?:(?<=[0-9)²³])|(?<=\b[A-Za-z])) [-–−] (?=[0-9(]|[A-Za-z]\b)")
_TIGHT_MINUS = re.compile(
    r"(?<=[0-9])[-–−](?=[0-9]++\s?=)|(?<=[0-9)²³])[-−](?=[a-z]\b|\()|(?<=\b[a-z])[-−](?=[0-9]|[a-z]\b)"
)
_CLOSE_MINUS = re.compile(r"(?:(?<=[0-9)])|(?<=\b[a-z]))[-−](?=[0-9(]|[a-z]\b)")
_TIMES = re.compile(r"(?<=[\w)])( ?)(?:\*|(?<!N)[·⋅∙])\1(?=[\w(])")
_FACTORIAL = re.compile(r"(?<=[0-9a-z])!(?=\s?[=+*/×)-])")
_PRODUCT = re.compile(r"(?<![\w'])([a-z])([a-z])(?=\s?[-+=*/)]|\s?$|\s(?:plus|minus|times|equals)\b)")
_NO_PRODUCTS = frozenset(
    [
        "is",
        "to",
        "of",
        "if",
        "or",
        "in",
        "at",
        "by",
        "as",
        "an",
        "we",
        "it",
        "so",
        "do",
        "no",
        "up",
        "me",
        "my",
        "he",
        "go",
        "be",
        "us",
        "am",
        "on",
        "ok",
        "mm",
        "cm",
        "km",
        "kg",
        "mg",
        "ml",
        "ft",
        "pi",
        "ln",
        "lg",
        "dx",
        "dy",
        "dt",
    ]
)
_ALWAYS = re.compile(r"(?<![\w/.])24/7/365(?![\w/])")
_EVEN = re.compile(r"(?<![\w.-])([0-9]{1,3})-(?=\1(?![\w.,-]?[0-9]))(?![^\n]{0,8}\1%)")
_HALF_RANGE = re.compile(r"(?<=/[0-9])\s?[-–—]\s?(?=[0-9]{1,2}/[0-9])")
_RATED = re.compile(rf"{START}([0-9]{{1,3}}\.[0-9]{{1,2}})/([0-9]{{1,3}})(?![\w/]|\.[0-9])")
_DIVIDED = re.compile(r"(?<=[0-9)]) / (?=[0-9(])|(?<=\b[a-z])/(?=[a-z]\s?=)")
_LETTER_SLASH = re.compile(r"(?<![0-9] [a-z])(?<![0-9][a-z])(?:(?<=\b[a-z])|(?<=[0-9)]))/(?=[a-z]\b|\()")
_NEGATIVE = re.compile(r"(?:(?<![\w)\]])|(?<=\bUTC)|(?<=\bGMT))[-−](?=\.?[0-9])")
_POSITIVE = re.compile(r"(?<![\w)\]+])\+(?=\.?[0-9])")
_ARROW = re.compile(r"\s?(?:<?[-=]+>|→|⇒|➜|➔)\s?")
_COMPARED = {
    "+/-": " plus or minus ", "!=": " not equal to ", "<=": " less than or equal to ",
    ">=": " greater than or equal to ", "==": " equals ", ":=": " is defined as ", "&&": " and ", "~=": " about ",
    "+-": " plus or minus ",
}  # fmt: skip
_COMPARISON = re.compile("|".join(map(re.escape, _COMPARED)))
_SPACED_RANGE = re.compile(rf"{START}({NUMBER})([%°]?)\s[-–—]\s({NUMBER})(?![\w]*[-/])")
_RANGE = re.compile(
    r"(?<=[0-9%°½¼¾kKmMBC])\s?[–—~]\s?(?=[.]?[0-9])|(?<=[0-9])-(?=[.]?[0-9])|(?<=[0-9][%°kKmM])-(?=[0-9])|(?<=[0-9]°[CF])\s?[-–—]\s?(?=[0-9])"
)
_RATIO = re.compile(rf"{START}(?<!:)({WHOLE}(?:\.[0-9]++)?):({WHOLE}(?:\.[0-9]++)?)(?![\w:]|\.[0-9])")
_CHAIN_RATIO = re.compile(r"(?<![\w.:])[0-9]{1,6}(?::[0-9]{1,6}){2,8}(?![\w:])")
_VERSE = re.compile(
    r"\b(?:John|Matthew|Mark|Luke|Acts|Romans|Corinthians|Genesis|Exodus|Psalms?|Isaiah|Proverbs|Revelation|Kings|Samuel|Job|Hebrews|James|Peter|Timothy|Ephesians|Philippians|Surah)\s$"
)
_SIZES = {"2": ("half", "halves"), "4": ("quarter", "quarters")}
_ABOUT = re.compile(r"(?<![\w~%°])(?<![0-9] )~\s?(?=[$€£]?[0-9])")


_BEYOND_PROSE = re.compile(r"[^A-Za-z\s.,;:!?'\"…–—-]")


def has_formulas(text: str) -> bool:
    """Whether `say_formulas` may find anything; a quick look."""
    return bool(_BEYOND_PROSE.search(text))


def say_formulas(text: str) -> str:
    """``text`` with the signs of formulas in words: powers, roots, minus, times; what is no formula stays."""
    text = _VULGAR_SIGN.sub(lambda match: f"{match[1]} {_VULGAR[match[2]]}" if match[1] else _VULGAR[match[2]], text)
    text = _LOWERED.sub(lambda match: match[0].translate(_SUBSCRIPTS), text)
    text = _RAISED.sub(lambda match: f"^{match[1].translate(_SUPERSCRIPTS)}", text)
    text = _COMPARISON.sub(lambda match: _COMPARED[match[0]], text)
    text = _ABOUT.sub("about ", _ARROW.sub(" to ", _FUNCTION.sub(r"\1 of \2", text)))
    text = _TEN_POWER.sub(lambda match: _scientific(match[1], match[2]), text)
    text = _SCIENTIFIC.sub(lambda match: _scientific(match[1], match[2] + match[3]), text)
    text = _ASKED.sub(lambda match: f"{match[0][:-3]} minus ", text)
    if _EQUATION.search(text):
        text = _FACTORIAL.sub(" factorial", text)
        text = "".join(
            _equation(part) if _EQUATION.search(part) else part for part in re.split(r"((?<=[.!?;\n])\s)", text)
        )
    text = _ROOT.sub(lambda match: _ROOTS[match[1]], text)
    text = _POWER.sub(
        lambda match: (
            match[0] if _UNIT_BEFORE.search(match.string[max(0, match.start() - 12) : match.start()]) else _power(match)
        ),
        text,
    )
    return _TIMES.sub(" times ", _DIVIDED.sub(" divided by ", text))


def say_powers(text: str) -> str:
    """``text`` with the powers in words that turned out to belong to no unit."""
    return _POWER.sub(_power, text)


def say_fractions(text: str) -> str:
    """``text`` with fractions in words, and with what is written like one: 24/7, 50/50, 120/80, 8/10."""
    text = _ALWAYS.sub("twenty four seven three sixty five", text)
    text = _HALF_RANGE.sub(" to ", text)
    text = _RATED.sub(
        lambda match: (
            f"{quantity(match[1])} {'out of' if match[2] in ('5', '10', '100') else 'over'} {cardinal(match[2])}"
        ),
        text,
    )
    text = _PLACES.sub(lambda match: _fraction(match[1], match[2]), text)
    text = _MIXED.sub(_mixed, text)
    text = _CHAIN.sub(lambda match: " slash ".join(cardinal(part) for part in match[0].split("/")), text)
    text = _FRACTION.sub(_two_numbers, text)
    return _LONG_FRACTION.sub(lambda match: f"{cardinal(match[1])} over {cardinal(match[2])}", text)


def say_ranges(text: str) -> str:
    """``text`` with "to" between the ends of ranges and in ratios and scores, and minus before what is less than 0."""
    text = _CHAIN_RATIO.sub(lambda match: match[0].replace(":", " to "), text)
    text = _RATIO.sub(_ratio, text)
    text = _SPACED_RANGE.sub(_spaced, text)
    text = _RANGE.sub(" to ", _EVEN.sub(r"\1 ", text))
    return _POSITIVE.sub(" plus ", _NEGATIVE.sub(" minus ", text))


def _scientific(number: str, power: str) -> str:
    sign = "minus " if power.startswith("-") else ""
    said = f"{sign}{cardinal(power.lstrip('+-').lstrip('0') or '0')}"
    return f"{quantity(number)} times ten to the power of {said}"


def _equation(text: str) -> str:
    text = _LETTER_PAIR.sub(_product, _COEFFICIENT.sub(" ", text))
    if "=" in text:
        text = _PRODUCT.sub(_product, text)
    if "=" in text or "^" in text:
        text = _CLOSE_MINUS.sub(" minus ", text)
    text = _TIGHT_MINUS.sub(" minus ", _SPACED_MINUS.sub(" minus ", text))
    return _LETTER_SLASH.sub(" over ", text)


def _product(match: re.Match[str]) -> str:
    return match[0] if match[0] in _NO_PRODUCTS else f"{match[1]} {match[2]}"


def _power(match: re.Match[str]) -> str:
    raised = match[1]
    if raised in ("2", "3"):
        return " squared" if raised == "2" else " cubed"
    sign, number = ("minus ", raised[1:]) if raised[0] == "-" else ("", raised.lstrip("+"))
    return f" to the power of {sign}{cardinal(number) if number[0].isdigit() else number}"


def _mixed(match: re.Match[str]) -> str:
    whole, above, below = match[1], match[2], match[3]
    if int(above) >= int(below) or int(below) < 2:
        return match[0]
    return (
        f"{cardinal(whole)} and {'a' if above == '1' and below in _SIZES else cardinal(above)} {_parts(above, below)}"
    )


def _two_numbers(match: re.Match[str]) -> str:
    above, below = match[1], match[2]
    first, second = int(above), int(below)
    before = match.string[max(0, match.start() - 24) : match.start()]
    if (above, below) in (("24", "7"), ("9", "11"), ("7", "11"), ("20", "20")) or first + second == 100:
        return f"{cardinal(above)} {cardinal(below)}"
    starred = match.string[match.end() : match.end() + 5] in (" star", "-star")
    if first == second or (below in ("10", "5", "100") and (starred or _OUT_OF.search(before)) and first <= second):
        return f"{cardinal(above)} out of {cardinal(below)}"
    if first < second and second >= 2 and (second <= 20 or second in (32, 50, 64, 100, 1000)) and above[0] != "0":
        return _fraction(above, below)
    return f"{cardinal(above)} over {cardinal(below)}"


def _fraction(above: str, below: str) -> str:
    return (
        f"{cardinal(above)} {_parts(above, below)}" if below.strip("0") else f"{cardinal(above)} over {cardinal(below)}"
    )


def _parts(above: str, below: str) -> str:
    one, many = _SIZES.get(below) or (ordinal(below), f"{ordinal(below)}s")
    return one if above == "1" else many


def _spaced(match: re.Match[str]) -> str:
    """5 - 2 is a difference, 2 - 5 a range."""
    first, second = (float(match[number].replace(",", "")[:300]) for number in (1, 3))
    return f"{match[1]}{match[2]} {'to' if first < second else 'minus'} {match[3]}"


def _ratio(match: re.Match[str]) -> str:
    if _VERSE.search(match.string[max(0, match.start() - 16) : match.start()]):
        return f"{cardinal(match[1])} {cardinal(match[2])}"
    return f"{match[1]} to {match[2]}"
