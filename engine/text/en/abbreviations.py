"""Abbreviations and Roman numerals in English words."""

import re

from engine.text.en.numbers import cardinal, ordinal, year

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
    "St": "Street", "Dr": "Drive", "Ave": "Avenue", "Av": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Ln": "Lane", "Ct": "Court",
    "Pl": "Place", "Sq": "Square", "Hwy": "Highway", "Pkwy": "Parkway", "Ter": "Terrace", "Cir": "Circle",
    "Jr": "Junior", "Sr": "Senior", "Esq": "Esquire", "Inc": "Incorporated", "Ltd": "Limited", "Corp": "Corporation",
    "Co": "Company", "Bros": "Brothers", "Mfg": "Manufacturing", "Mt": "Mountain", "Ft": "Fort", "Pt": "Point",
}  # fmt: skip
# Anywhere, with their full stop.
_PLAIN = {
    "e.g": "for example", "i.e": "that is", "etc": "et cetera", "vs": "versus", "approx": "approximately",
    "a.k.a": "also known as", "viz": "namely", "cf": "compare", "dept": "department", "depts": "departments", "univ": "university",
    "assn": "association", "assoc": "association", "inst": "institute", "govt": "government", "est": "established", "ca": "circa",
    "al": "al", "incl": "including", "excl": "excluding", "esp": "especially", "misc": "miscellaneous", "max": "maximum",
    "avg": "average", "temp": "temperature", "tel": "telephone", "no": "number", "jan": "January",
    "ext": "extension", "intl": "international", "dist": "district", "eq": "equation", "resp": "respectively",
    "mgr": "manager", "asst": "assistant", "dir": "director", "attn": "attention", "hr": "hour", "hrs": "hours", "min": "minutes",
    "mins": "minutes", "sec": "seconds", "secs": "seconds", "yr": "year", "yrs": "years", "wk": "week", "wks": "weeks",
    "ed": "editor", "eds": "editors", "orig": "original", "prob": "probably", "tbsp": "tablespoon", "tsp": "teaspoon", "blvd": "boulevard",
    "ave": "avenue", "rd": "road", "bldg": "building", "apt": "apartment", "ste": "suite", "p.s": "P S", "w.r.t": "with respect to",
}  # fmt: skip
for _needless in (
    "hr",
    "hrs",
    "mins",
    "secs",
    "yr",
    "yrs",
    "wk",
    "wks",
    "tbsp",
    "tsp",
    "no",
    "jan",
    "al",
    "sec",
    "ed",
    "min",
    "temp",
    "est",
    "ca",
    "max",
    "dir",
    "rd",
    "tel",
):
    del _PLAIN[_needless]
# Before a number, with their full stop or (those that are no words) without.
_NUMBERED = {
    "no": "number", "nos": "numbers", "nr": "number", "p": "page", "pp": "pages", "pg": "page", "pgs": "pages", "vol": "volume",
    "vols": "volumes", "ch": "chapter", "chap": "chapter", "chs": "chapters", "sec": "section", "secs": "sections", "sect": "section",
    "fig": "figure", "figs": "figures", "eq": "equation", "eqs": "equations", "art": "article", "para": "paragraph",
    "par": "paragraph", "app": "appendix", "ex": "example", "ver": "version", "ed": "edition", "apt": "apartment", "ste": "suite",
    "rm": "room", "bldg": "building", "ext": "extension", "tel": "telephone", "ca": "circa", "c": "circa", "est": "established", "op": "opus",
    "ep": "episode", "pt": "part", "max": "maximum", "min": "minimum", "approx": "approximately", "avg": "average", "temp": "temperature",
    "rd": "road", "hwy": "highway", "rte": "route", "l": "line", "ll": "lines", "v": "verse", "vv": "verses", "tab": "table", "st": "street",
    "dept": "department", "dist": "district", "q": "question", "ser": "series", "sn": "serial number", "cl": "clause", "col": "column",
}  # fmt: skip
_BARE_NUMBERED = frozenset(["nos", "pp", "vol", "fig", "figs", "eq", "approx", "ver", "pg", "apt", "bldg", "chap"])
_SIGNED = {
    "w/o": "without", "w/": "with", "b/c": "because", "n/a": "N A", "c/o": "care of", "w/in": "within", "i/o": "I O", "h/t": "hat tip",
}  # fmt: skip
_AND = re.compile(r"(?<=\w)\s?&\s?(?=\w)")
_SIGNED_PATTERN = re.compile(r"(?<![\w/])(w/in|w/o|w/|b/c|n/a|N/A|c/o|I/O|h/t)(?![/\d])(?=\W|$|(?<=w/)\w)")
_NUMBERED_PATTERN = re.compile(
    rf"(?<![\w.'])({'|'.join(sorted(_NUMBERED, key=len, reverse=True))})(?:\.:?\s?|(\s))(?=[$#]?[0-9]|[ivxlcIVXLC]{{1,6}}\b(?!\.))",
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
    rf"(?<![\w.])({'|'.join(re.escape(name) for name in sorted(_PLAIN, key=len, reverse=True))})\.(?!\w)(?=(?P<next>\s*\S{{0,12}}))",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?<![\w.])(?<!slash )(vs|etc|approx|dept|govt)(?![\w.'-])(?! slash)")
_VERSUS = re.compile(r"(?<=[a-z]) v\.? (?=[A-Z][a-z])")
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

_ROMAN = r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_CUES = (
    "chapter|part|book|volume|act|scene|section|article|title|appendix|super bowl|phase|type|class|stage|level|grade|tier|table|figure|"
    "episode|season|verse|canto|lesson|unit|exhibit|schedule|annex|division|group|category|quarter|round|game|no|number|vatican|"
    "war|olympiad|symphony|sonata|concerto|mark|page|pages|plate|amendment|apollo|gemini|saturn|step|item|paragraph|clause|sonnet|form|"
    "world war|star wars|final fantasy|region|zone|corps|army|legion|element|factor|schedule|titan"
)
_CUED = re.compile(
    rf"\b((?:{_CUES})s?\s)({_ROMAN})\b(?!['’][a-z])(?:(?P<point>\.)(?=[0-9]))?"
    rf"(?:(?P<joint>\s?[-–—]\s?|\s(?:and|to|or|through)\s)(?P<last>(?!I\s[a-z]){_ROMAN})(?![\w'-]))?(?=(?P<next>.{{0,12}}))",
    re.IGNORECASE | re.DOTALL,
)
_RULERS = (
    "Henry|Louis|Elizabeth|George|Charles|James|Edward|William|Richard|Philip|Philippe|Frederick|Friedrich|Napoleon|Catherine|Peter|"
    "Alexander|Nicholas|Pius|Paul|Benedict|Leo|Gregory|Clement|Innocent|Urban|Boniface|Francis|Ferdinand|Otto|Ivan|Mary|Anne|Victoria|"
    "Ramses|Rameses|Thutmose|Tutmose|Amenhotep|Ptolemy|Cleopatra|Darius|Xerxes|Cyrus|Mehmed|Selim|Murad|Suleiman|Alfonso|Carlos|Felipe|Pedro|"
    "Joseph|Leopold|Albert|Baldwin|Christian|Gustav|Gustavus|Harald|Harold|Haakon|Olaf|Olav|Magnus|Wilhelm|Umberto|Emmanuel|Franz|Maximilian|"
    "Rudolf|Sigismund|Casimir|Kamehameha|Rama|Edmund|Robert|Stephen|David|Constantine|Theodosius|Justinian|Basil|Michael|John|Juan|"
    "Isabella|Margaret|Matilda|Eric|Erik|Canute|Philippa|Hussein|Abdullah|Mohammed|Mahmud|Osman|Ahmed|Mustafa|Johan|Willem|Wenceslaus|"
    "Boris|Feodor|Vasily|Dmitri|Sixtus|Julius|Adrian|Hadrian|Celestine|Callixtus|Eugene|Honorius|Nebuchadnezzar|Ashurbanipal|Artaxerxes|Antiochus|"
    "Seleucus|Attalus|Mithridates|Tiberius|Claudius|Marcus|Rainier|Hirohito|Akbar|Jahan|Manuel|Sancho|Afonso|Luis|Zog|Carol"
)
_CROWNED = re.compile(
    rf"\b((?:(?:King|Queen|Pope|Emperor|Empress|Tsar|Czar|Sultan|Prince|Princess|Pharaoh|Kaiser|Shah|Duke|Lord|Archduke|Caliph|Patriarch)\s[A-Z][a-zé]+(?:\s[A-Z][a-z]+)?|(?:{_RULERS}))\s)"
    rf"({_ROMAN})\b(?!['’](?!s\b)[a-z])(?=(?P<next>.{{0,12}}))",
    re.DOTALL,
)
_PRONOUN = re.compile(
    r"\s(?:am|have|think|know|saw|met|will|would|can|could|do|did|don't|must|should|want|need|love|like)\b"
)
_YEAR_NUMERAL = re.compile(rf"(?<![\w'-])(?=M[MDCLXVI]{{3,14}}\b)(?=[MDCL]*[XVI])({_ROMAN})(?![\w'-])")
_CENTURY = re.compile(
    rf"\b({_ROMAN})(?:th|st|nd|rd)?(?=[ -](?:century|centuries|dynasty|olympiad|arrondissement|congress|corps|legion|army)\b)",
    re.IGNORECASE,
)
_NTH = re.compile(rf"\b({_ROMAN})(?:th|st|nd|rd)\b")
_NAMED = re.compile(
    r"(?<=[A-Za-z][A-Za-z0-9])( )(X{0,3}(?:IX|IV|VI{1,3}|II{1,2}|I{2,3})|X{1,2}V|XI{1,3}|XIV|XVI{0,3}|XIX)(?![\w'’-])"
)
_LISTED = re.compile(rf"^(\s{{0,8}})({_ROMAN})([.)])(?=\s[A-Z])", re.MULTILINE)
_PARENTHESISED = re.compile(
    r"(?<=[\s,;:])\((i{2,3}|iv|vi{1,3}|ix|xi{1,3}|xiv|xv)\)|^\((i{1,3}|iv|vi{0,3}|ix|xi{0,3})\)", re.MULTILINE
)
_SMALL = re.compile(
    r"\b(pages?|pp|chapters?|sections?|parts?|items?|clauses?)(\s)([ivxlc]{1,7})(?:\s?[-–]\s?([ivxlc]{1,7}))?\b"
)
_WORLD_WAR = re.compile(r"\bWW\s?(III|II|I|3|2|1)\b")
_NO_NUMERALS = frozenset(
    [
        "MIX",
        "DI",
        "MI",
        "LI",
        "DIM",
        "MD",
        "CD",
        "DC",
        "CV",
        "MC",
        "CC",
        "MM",
        "DM",
        "LCD",
        "CIVIC",
        "MM",
        "XL",
        "XXL",
        "XXX",
        "CL",
        "CI",
        "MCI",
        "DVD",
        "VIM",
        "LIVID",
        "MV",
        "DL",
    ]
)


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


def say_numerals(text: str) -> str:
    """``text`` with Roman numerals in words: of rulers and centuries as ordinals, others as numbers, never "I"."""
    text = _WORLD_WAR.sub(lambda match: f"World War {cardinal(str(_value(match[1])))}", text)
    text = _CENTURY.sub(lambda match: ordinal(str(_value(match[1]))) if match[1].isupper() else match[0], text)
    text = _NTH.sub(lambda match: ordinal(str(_value(match[1]))), text)
    text = _CROWNED.sub(_crowned, text)
    text = _CUED.sub(_cued, text)
    text = _NAMED.sub(lambda match: f" {cardinal(str(_value(match[2])))}", text)
    text = _YEAR_NUMERAL.sub(lambda match: year(str(_value(match[1]))), text)
    text = _LISTED.sub(_listed, text)
    text = _PARENTHESISED.sub(lambda match: f"({cardinal(str(_value((match[1] or match[2]).upper())))})", text)
    return _SMALL.sub(_small, text)


def _value(numeral: str) -> int:
    if numeral.isdigit():
        return int(numeral)
    values = [_VALUES[letter] for letter in numeral.upper()]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def full_stop(dot: str, following: str) -> str:
    """The full stop of an abbreviation, where it ends a sentence as well."""
    word = following.strip()
    if not dot:
        return ""
    ends = (
        not word
        or following[:1] == "\n"
        or (
            following[:1] in " \t"
            and re.match(r"[\"'“(]?([A-Za-z]+)", word)
            and re.match(r"[\"'“(]?([A-Za-z]+)", word)[1] in _STARTERS
        )
    )
    return "." if ends else ""


def _numbered(match: re.Match[str]) -> str:
    name = match[1].lower()
    has_dot = "." in match[0]
    if not has_dot and name not in _BARE_NUMBERED and not (match[1] == "No" and False):
        return match[0]
    if name in ("c", "v", "q", "l", "st", "p") and not (has_dot and match[1].islower()):
        return match[0]
    if name in ("no", "art", "par", "col", "sec", "min", "tab", "app", "ex", "max") and not has_dot:
        return match[0]
    if not match.string[match.end() : match.end() + 2].strip("$#")[:1].isdigit() and name not in (
        "vol",
        "vols",
        "ch",
        "chap",
        "p",
        "pp",
        "fig",
        "sec",
        "art",
        "app",
        "pt",
    ):
        return match[0]
    if name == "no" and match[1] == "no" and not re.match(r"[0-9]", match.string[match.end() : match.end() + 1]):
        return match[0]
    full = _NUMBERED[name]
    # At the beginning of a sentence "no. 5" could end one; then what is before it is an answer.
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


def _crowned(match: re.Match[str]) -> str:
    numeral, following = match[2], match["next"]
    if not numeral or numeral in _NO_NUMERALS:
        return match[0]
    is_titled = match[1].split()[0] not in _RULERS.split("|")
    if numeral in ("I", "X", "V") and not (_goes_on(following) or (is_titled and not _PRONOUN.match(following))):
        return match[0]
    return f"{match[1]}the {ordinal(str(_value(numeral)))}"


def _goes_on(following: str) -> bool:
    """Whether what follows shows that a single I was a number and no pronoun."""
    return bool(
        re.match(
            r"\s*(?:$|[.,;:!?)'\"\n–—-]|(?:was|is|has|of|became|died|ruled|reigned|and|or|in|on|at|to|the|begins|begin|starts|ended|ends|ended|"
            r"by|for|from|with|as|error|errors|diabetes|collagen|clinical|trial|trials|study|took|gave|made|married|who|which|won|lost|founded)\b)",
            following,
        )
    )


def _cued(match: re.Match[str]) -> str:
    numeral, following = match[2], match["next"]
    if not numeral or not (numeral.isupper()) or numeral in ("D", "M", "C", "L", "MIX"):
        return match[0]
    cue = match[1].strip().lower()
    if numeral == "I" and not (match["last"] or match["point"] or _goes_on(following) or cue.endswith("war")):
        return match[0]
    if numeral in ("C", "D", "CD", "XL") or (
        numeral == "X" and cue in ("factor", "element", "number", "class", "group", "type", "item", "form", "level")
    ):
        return match[0]
    said = f"{match[1]}{cardinal(str(_value(numeral)))}{' point ' if match['point'] else ''}"
    last = match["last"]
    if not last:
        return said + (match["joint"] or "")
    if not last.isupper():
        return said + match["joint"] + last
    joint = match["joint"] if match["joint"].strip().isalpha() else " to "
    return f"{said}{joint}{cardinal(str(_value(last)))}"


def _listed(match: re.Match[str]) -> str:
    if match[2] in ("", "C", "D", "L", "M") or match[2] in _NO_NUMERALS:
        return match[0]
    return f"{match[1]}{cardinal(str(_value(match[2])))}{match[3]}"


def _small(match: re.Match[str]) -> str:
    if not all(re.fullmatch(_ROMAN, part.upper()) for part in (match[3], match[4] or "I")):
        return match[0]
    if match[3] in ("i", "c", "l") and not match[4]:
        return match[0]
    last = f" to {cardinal(str(_value(match[4])))}" if match[4] else ""
    return f"{match[1]}{match[2]}{cardinal(str(_value(match[3])))}{last}"
