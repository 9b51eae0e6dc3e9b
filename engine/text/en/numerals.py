"""Roman numerals in English words."""

import re

from engine.text.en.numbers import cardinal, ordinal, year
from engine.text.spelling import words_of

_ROMAN = r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_CUES = (
    "chapter|part|book|volume|act|scene|section|article|title|appendix|super bowl|phase|type|class|stage"
    "|level|grade|tier|table|figure|"
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
_TITLES = (
    "King|Queen|Pope|Emperor|Empress|Tsar|Czar|Sultan|Prince|Princess|Pharaoh|Kaiser|Shah|Duke|Lord|Archduke|Caliph|"
    "Patriarch"
)
_CROWNED = re.compile(
    rf"\b((?:(?:{_TITLES})\s[A-Z][a-zé]+(?:\s[A-Z][a-z]+)?|(?:{_RULERS}))\s)"
    rf"({_ROMAN})\b(?!['’](?!s\b)[a-z])(?=(?P<next>.{{0,12}}))",
    re.DOTALL,
)
_PRONOUN = re.compile(
    r"\s(?:am|have|think|know|saw|met|will|would|can|could|do|did|don't|must|should|want|need|love|like)\b"
)
_YEAR_NUMERAL = re.compile(rf"(?<![\w'-])(?=M[MDCLXVI]{{3,14}}\b)(?=[MDCL]*[XVI])({_ROMAN})(?![\w'-])")
_CENTURY = re.compile(
    rf"\b({_ROMAN})(?:th|st|nd|rd)?(?=[ -](?:century|centuries|dynasty|olympiad|arrondissement|congress"
    rf"|corps|legion|army)\b)",
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


_NUMERAL = re.compile(rf"{_ROMAN}(?:th|st|nd|rd|TH|ST|ND|RD)?|WW[I1-3]{{0,3}}")
# A single I is a pronoun, unless one of these is near, or it numbers a line.
_NEAR_ONE = frozenset(
    [
        *(cue + plural for name in _CUES.split("|") for cue in name.split() for plural in ("", "s")),
        *(name.lower() for name in _RULERS.split("|")),
        *_TITLES.lower().split("|"),
        *("century", "centuries", "dynasty", "olympiad", "arrondissement", "congress", "corps", "legion", "army"),
    ]
)
_SMALL_CUES = frozenset(
    ("page", "pages", "pp", "chapter", "chapters", "section", "sections", "part", "parts", "item", "items", "clause",
     "clauses")
)  # fmt: skip


def has_numerals(text: str) -> bool:
    """Whether `say_numerals` may find anything; a quick look."""
    words = words_of(text)
    if "(" in text or not words.isdisjoint(_SMALL_CUES) or any(map(_NUMERAL.fullmatch, words - {"I"})):
        return True
    if "I" not in words:
        return False
    return "I." in text or "I)" in text or not _NEAR_ONE.isdisjoint(map(str.lower, words))


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
