"""Abbreviations in English words."""

import re

from engine.text.spelling import words_of

# Before a name.
_TITLES = {
    "Mr": "Mister", "Mrs": "Missus", "Dr": "Doctor", "Drs": "Doctors", "Prof": "Professor", "Rev": "Reverend",
    "Hon": "Honorable", "Gen": "General", "Col": "Colonel", "Maj": "Major", "Capt": "Captain", "Cpt": "Captain",
    "Lt": "Lieutenant", "Cpl": "Corporal", "Sgt": "Sergeant", "Adm": "Admiral", "Cmdr": "Commander", "Sen": "Senator",
    "Rep": "Representative", "Gov": "Governor", "Pres": "President", "St": "Saint", "Mt": "Mount", "Ft": "Fort",
    "Fr": "Father", "Pvt": "Private", "Messrs": "Messieurs", "Supt": "Superintendent", "Insp": "Inspector",
    "Amb": "Ambassador", "Atty": "Attorney",
}  # fmt: skip
# Behind a name.
_STREETS = {
    "St": "Street", "Dr": "Drive", "Ave": "Avenue", "Av": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Ln": "Lane",
    "Ct": "Court", "Pl": "Place", "Sq": "Square", "Hwy": "Highway", "Pkwy": "Parkway", "Ter": "Terrace",
    "Cir": "Circle", "Jr": "Junior", "Sr": "Senior", "Esq": "Esquire", "Inc": "Incorporated", "Ltd": "Limited",
    "Corp": "Corporation", "Co": "Company", "Bros": "Brothers", "Mfg": "Manufacturing", "Mt": "Mountain",
    "Ft": "Fort", "Pt": "Point",
}  # fmt: skip
# Anywhere, with their full stop.
_PLAIN = {
    "e.g": "for example", "i.e": "that is", "etc": "et cetera", "vs": "versus", "approx": "approximately",
    "a.k.a": "also known as", "viz": "namely", "cf": "compare", "dept": "department", "depts": "departments",
    "univ": "university", "assn": "association", "assoc": "association", "inst": "institute", "govt": "government",
    "incl": "including", "excl": "excluding", "esp": "especially", "misc": "miscellaneous", "avg": "average",
    "ext": "extension", "intl": "international", "dist": "district", "eq": "equation", "resp": "respectively",
    "mgr": "manager", "asst": "assistant", "attn": "attention", "eds": "editors", "orig": "original",
    "prob": "probably", "blvd": "boulevard", "ave": "avenue", "bldg": "building", "apt": "apartment", "ste": "suite",
    "p.s": "P S", "w.r.t": "with respect to",
}  # fmt: skip
# Before a number, with their full stop or (those that are no words) without.
_NUMBERED = {
    "no": "number", "nos": "numbers", "nr": "number", "p": "page", "pp": "pages", "pg": "page", "pgs": "pages",
    "vol": "volume", "vols": "volumes", "ch": "chapter", "chap": "chapter", "chs": "chapters", "sec": "section",
    "secs": "sections", "sect": "section", "fig": "figure", "figs": "figures", "eq": "equation", "eqs": "equations",
    "art": "article", "para": "paragraph", "par": "paragraph", "app": "appendix", "ex": "example", "ver": "version",
    "ed": "edition", "apt": "apartment", "ste": "suite", "rm": "room", "bldg": "building", "ext": "extension",
    "tel": "telephone", "ca": "circa", "c": "circa", "est": "established", "op": "opus", "ep": "episode",
    "pt": "part", "max": "maximum", "min": "minimum", "approx": "approximately", "avg": "average",
    "temp": "temperature", "rd": "road", "hwy": "highway", "rte": "route", "l": "line", "ll": "lines", "v": "verse",
    "vv": "verses", "tab": "table", "st": "street", "dept": "department", "dist": "district", "q": "question",
    "ser": "series", "sn": "serial number", "cl": "clause", "col": "column",
}  # fmt: skip
_BARE_NUMBERED = frozenset(["nos", "pp", "vol", "fig", "figs", "eq", "approx", "ver", "pg", "apt", "bldg", "chap"])
# Roman ones are read behind these only.
_BEFORE_NUMERALS = frozenset(["vol", "vols", "ch", "chap", "p", "pp", "fig", "sec", "art", "app", "pt"])
_SIGNED = {
    "w/o": "without", "w/": "with", "b/c": "because", "n/a": "N A", "c/o": "care of",
    "w/in": "within", "w/out": "without",
    "i/o": "I O", "h/t": "hat tip",
}  # fmt: skip
_AND = re.compile(r"(?<=\w)\s?&\s?(?=\w)")
_SIGNED_PATTERN = re.compile(r"(?<![\w/])(w/in|w/out|w/o|w/|b/c|n/a|N/A|c/o|I/O|h/t)(?![/\d])(?=\W|$|(?<=w/)\w)")
_NUMBERED_PATTERN = re.compile(
    rf"(?<![\w.'])({'|'.join(sorted(_NUMBERED, key=len, reverse=True))})(?:\.:?\s?|(\s))(?=[$#]?[0-9]"
    rf"|[ivxlcIVXLC]{{1,6}}\b(?!\.))",
    re.IGNORECASE,
)
_TITLE = re.compile(
    rf"\b({'|'.join(sorted(_TITLES, key=len, reverse=True))})\b(?:\.(?=\s?[A-Z])\s?|(?=\s[A-Z][a-z]))(?![A-Z]{{2,}}\b)"
)
_COMPASS = re.compile(r"(?<=[0-9] )([NSEW])\.(?=\s[A-Z])")
_COMPASS_NAMES = {"N": "North", "S": "South", "E": "East", "W": "West"}
_MISS = re.compile(r"\b(Ms|Mx)\.(?=\s)")
_FALLBACK_TITLE = re.compile(r"\b(Mr|Mrs|Dr|Prof|Sgt|Capt|Gov|Lt)\b\.?(?![\w.'])")
_STREET = re.compile(
    rf"(?<=[\w.&']) ({'|'.join(sorted(_STREETS, key=len, reverse=True))})\b(\.?)(?=(?P<next>\s*\S{{0,12}}))"
)
_AND_COMPANY = re.compile(r"(?:(?<=& )|(?<=and ))Co\b(\.?)(?=(?P<next>\s*\S{0,12}))(?!\w)")
_COMPANY = re.compile(r"(?<=[A-Za-z0-9.]), (Jr|Sr|Inc|Ltd|Esq|Corp|Co)\b(\.?)(?=(?P<next>\s*\S{0,12}))")
_PLAIN_PATTERN = re.compile(
    rf"(?<![\w.])({'|'.join(re.escape(name) for name in sorted(_PLAIN, key=len, reverse=True))})\."
    rf"(?!\w)(?=(?P<next>\s*\S{{0,12}}))",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?<![\w.])(?<!slash )(vs|etc|approx|dept|govt)(?![\w.'-])(?! slash)")
_VERSUS = re.compile(r"(?<=[a-z]) v\.? (?=[A-Z][a-z])")
_FIRST_WORD = re.compile(r"[ \t]+[\"'“(]?([A-Za-z]+)")
_INITIALS = re.compile(
    r"(?<![\w.])((?:[A-Za-z]\.){2,8})(?![A-Za-z])(?=(?P<next>\s*\S{0,12}))|(?<![\w.])(Ph\.D|M\.Sc|B\.Sc|Ed\.D|D\.Phil|Ph\.Ds)\b(\.?)(?=(?P<last>\s*\S{0,12}))"
)
_STARTERS = frozenset(
    [
        "The",
        "A",
        "An",
        "I",
        "He",
        "She",
        "It",
        "We",
        "They",
        "You",
        "This",
        "That",
        "These",
        "Those",
        "There",
        "Here",
        "His",
        "Her",
        "Its",
        "Our",
        "Their",
        "My",
        "Your",
        "But",
        "And",
        "So",
        "Then",
        "In",
        "On",
        "At",
        "If",
        "When",
        "While",
        "After",
        "Before",
        "What",
        "Who",
        "Why",
        "How",
        "Where",
        "Now",
        "For",
        "As",
        "No",
        "Yes",
        "To",
        "From",
        "With",
        "By",
        "Is",
        "Are",
        "Was",
        "Were",
        "Do",
        "Does",
        "Did",
        "Can",
        "Could",
        "Will",
        "Would",
    ]
)


# One of these is in every abbreviation: a word, a slash, or a full stop within what else would be one.
_WORDS = frozenset(name.lower() for name in (*_TITLES, *_STREETS, *_PLAIN, *_NUMBERED, *_COMPASS_NAMES, "Ms", "Mx"))
_MARKS = re.compile(r"/|\.\w")


def has_abbreviations(text: str) -> bool:
    """Whether `say_abbreviations` may find anything; a quick look."""
    return bool(_MARKS.search(text)) or not _WORDS.isdisjoint(map(str.lower, words_of(text)))


def say_abbreviations(text: str) -> str:
    """``text`` with abbreviations in full: those of titles by the name behind them, of streets by the one before."""
    text = _SIGNED_PATTERN.sub(
        lambda match: (
            _SIGNED[match[1].lower()]
            + ("" if match.string[match.end() : match.end() + 1] in (" ", "", ",", ".") else " ")
        ),
        text,
    )
    text = _NUMBERED_PATTERN.sub(_numbered, text)
    text = _AND_COMPANY.sub(lambda match: f"Company{full_stop(match[1], match['next'])}", text)
    text = _COMPANY.sub(lambda match: f" {_STREETS[match[1]]}{full_stop(match[2], match['next'])}", text)
    text = _STREET.sub(_street, text)
    text = _TITLE.sub(lambda match: _TITLES[match[1]] + (" " if match[0][-1] in ". " else ""), text)
    text = _MISS.sub(r"\1", _COMPASS.sub(lambda match: _COMPASS_NAMES[match[1]], text))
    text = _FALLBACK_TITLE.sub(
        lambda match: (
            _TITLES[match[1]]
            + full_stop("." if match[0][-1] == "." else "", match.string[match.end() : match.end() + 12])
        ),
        text,
    )
    text = _PLAIN_PATTERN.sub(_plain, text)
    text = _BARE.sub(lambda match: _PLAIN[match[1].lower()], text)
    text = _VERSUS.sub(" versus ", text)
    return _INITIALS.sub(_initials, text)


def full_stop(dot: str, following: str) -> str:
    """The full stop of an abbreviation, where it ends a sentence as well."""
    if not dot:
        return ""
    if not following.strip() or following[0] == "\n":
        return "."
    word = _FIRST_WORD.match(following)
    return "." if word and word[1] in _STARTERS else ""


def _numbered(match: re.Match[str]) -> str:
    """The name in full, where it is written as an abbreviation and a number follows: p. 5, Fig. 3, pp 12."""
    name = match[1].lower()
    if "." not in match[0] and name not in _BARE_NUMBERED:
        return match[0]
    if name in ("c", "v", "q", "l", "st", "p") and not match[1].islower():
        return match[0]
    is_digit = match.string[match.end() : match.end() + 2].strip("$#")[:1].isdigit()
    if not is_digit and name not in _BEFORE_NUMERALS:
        return match[0]
    full = _NUMBERED[name]
    return (full.capitalize() if match[1][0].isupper() and not match[1].isupper() else full) + " "


def _street(match: re.Match[str]) -> str:
    """Behind a word with a capital or a number, unless a name follows, of which it is the title."""
    short, dot, following = match[1], match[2], match["next"]
    before = re.search(r"([\w.'&]+)$", match.string[max(0, match.start() - 30) : match.start()])
    word = before[1] if before else ""
    if not word[:1].isupper() and not (word[:1].isdigit() and word[-2:] in ("st", "nd", "rd", "th")):
        return match[0]
    name = re.match(r"\s([A-Z][a-z]+|[A-Z]\.)", following)
    is_place = short not in _TITLES or not name or name[1] in _STARTERS
    if short in ("St", "Dr", "Mt", "Ft") and not is_place:
        return match[0]
    if short in ("Mt", "Ft", "Pt", "Pl", "Co", "Av", "Ct", "Ter", "Cir", "Sq", "Mfg") and not dot:
        return match[0]
    if short in ("Mt", "Ft"):
        return match[0]
    if word in _STARTERS and short in ("Dr", "St"):
        return match[0]
    return f" {_STREETS[short]}{full_stop(dot, following)}"


def _plain(match: re.Match[str]) -> str:
    full = _PLAIN[match[1].lower()]
    full = full[0].upper() + full[1:] if match[1][0].isupper() else full
    stop = full_stop(".", match["next"])
    return full + (
        "" if match[1].lower() in ("e.g", "i.e", "vs", "approx", "dept", "a.k.a") and match["next"].strip() else stop
    )


def _initials(match: re.Match[str]) -> str:
    """U.S. is US, and J. R. R. stays as it is."""
    written, following = (match[1], match["next"]) if match[1] else (match[3] + match[4], match["last"])
    letters = written.replace(".", "")
    if letters.lower() in ("eg", "ie"):
        return {"eg": "for example", "ie": "that is"}[letters.lower()]
    if letters.lower() in ("am", "pm") or len(letters) < 2:
        return match[0]
    return letters + full_stop("." if written.endswith(".") else "", following)
