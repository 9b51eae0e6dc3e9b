"""English as it is said: numbers, dates, times, money, units, addresses, codes, abbreviations, formulas become words.

The rules for each kind of thing are in `engine.text.en`; here is the order in which they are asked. What is read digit
by digit comes before what is counted, and what has a name (a date, a sum, a unit) before bare numbers.
"""

import re

from engine.text.addresses import ADDRESS, FILE, HANDLE, PATH, TOPIC, has_addresses, spell_address, split_topic
from engine.text.en.abbreviations import has_abbreviations, say_abbreviations
from engine.text.en.calendar import has_dates, is_year, say_dates, say_times, say_years
from engine.text.en.codes import say_codes, say_versions
from engine.text.en.formulas import has_formulas, say_formulas, say_fractions, say_powers, say_ranges
from engine.text.en.measures import say_measures, say_units_of_fractions
from engine.text.en.money import say_money
from engine.text.en.numbers import DIGITS, NUMBER, START, cardinal, ordinal, pair, quantity, spelled, year
from engine.text.en.numerals import has_numerals, say_numerals
from engine.text.spelling import like, spell_digits, spell_symbols

_SPACED_DIGITS = {digit: f" {name} " for digit, name in DIGITS.items()}
_SIGNS = {
    "&": " and ", "@": " at ", "+": " plus ", "=": " equals ", "±": " plus or minus ", "×": " times ",
    "∓": " minus or plus ", "÷": " divided by ", "≈": " is about ", "≠": " is not equal to ",
    "≤": " less than or equal to ", "≥": " greater than or equal to ", "<": " less than ", ">": " greater than ",
    "√": " root of ", "∞": " infinity ", "§": " section ", "→": " to ", "*": "", "®": "", "™": "", "©": " copyright ",
    "π": " pi ", "α": " alpha ", "β": " beta ", "γ": " gamma ", "δ": " delta ", "Δ": " delta ", "λ": " lambda ",
    "μ": " mu ", "µ": " micro ", "θ": " theta ", "σ": " sigma ", "Σ": " sum ", "∑": " sum ", "∫": " integral of ",
    "∂": " partial ", "∏": " product ", "ω": " omega ", "Ω": " ohm ", "φ": " phi ", "ε": " epsilon ",
    "²": " squared ", "³": " cubed ", "¢": " cents ", "~": " about ", "_": " ", "|": ", ", "·": ", ", "•": ", ",
    "%": " percent ", "‰": " per mille ", "°": " degrees ", "$": " dollars ", "€": " euros ", "£": " pounds ",
    "¥": " yen ", "￥": " yen ", "₹": " rupees ", "₩": " won ", "^": " to the power of ", "#": " hash ",
    "\\": " backslash ",
    "∈": " in ", "∪": " union ", "∩": " intersection ", "∀": " for all ", "∃": " there exists ", "⇒": " implies ",
    "∝": " is proportional to ",
}  # fmt: skip
_ADDRESS_SIGNS = {
    ".": " dot ", "/": " slash ", ":": " colon ", "@": " at ", "-": " dash ", "_": " underscore ",
    "?": " question mark ", "=": " equals ", "&": " and ", "#": " hash ", "%": " percent ", "+": " plus ",
    "~": " tilde ", "\\": " backslash ",
}  # fmt: skip
_CONTRACTIONS = (
    (re.compile(r"\b(w)on't\b", re.IGNORECASE), r"\1ill not"),
    (re.compile(r"\b(c)an't\b", re.IGNORECASE), r"\1annot"),
    (re.compile(r"\b(sh)an't\b", re.IGNORECASE), r"\1all not"),
    (re.compile(r"n't\b", re.IGNORECASE), " not"),
    (re.compile(r"(?<=[A-Za-z])'ll\b", re.IGNORECASE), " will"),
    (re.compile(r"(?<=[A-Za-z])'re\b", re.IGNORECASE), " are"),
    (re.compile(r"(?<=[A-Za-z])'ve\b", re.IGNORECASE), " have"),
    (re.compile(r"\bI'm\b", re.IGNORECASE), "I am"),
    (re.compile(r"(?<=[A-Za-z])'d\b", re.IGNORECASE), " would"),
)
_DASHES = re.compile(r"(?<![^\S\n])([^\S\n]*+)--+[^\S\n]*+")
# As on the continent: 1.234,56.
_DOTTED_THOUSANDS = re.compile(rf"{START}([0-9]{{1,3}}(?:\.[0-9]{{3}})++),([0-9]{{1,2}})(?![\w,.]?[0-9])")
_THOUSANDS = re.compile(r"(?<=[0-9])(?:_(?=[0-9]{3})|'(?=[0-9]{3}(?!\w)))")
_UNDERSCORE = re.compile(r"(?<=\w)_+(?=\w)")
_SPACED_GROUPS = re.compile(
    rf"{START}([1-9][0-9]{{0,2}}(?: [0-9]{{3}}){{2,4}}|[1-9][0-9]{{0,2}} 000)(?![\w]|[.,:/-]?[0-9]| [0-9])"
)
_ORDINAL = re.compile(r"(?<![\w.,])([0-9]{1,3}(?:,[0-9]{3})+|[0-9]++)(?:st|nd|rd|th)\b", re.IGNORECASE)
_GROUPED = re.compile(rf"{START}({NUMBER})(?!\w|\.[0-9])")
_PLURAL_NUMBER = re.compile(r"(?<![\w.,])([0-9]{1,4})('?)s\b")
_RETIREMENT = re.compile(r"(?<![\w.])401\s?\(?k\)?(?!\w)")
_MEASURED = re.compile("[0-9²³^/°½¼¾]")
_WILDCARD = re.compile(r"(?<![\w*])\*\.(?=\w)")
_FILE_NUMBER = re.compile(r"[0-9]++")
_LETTER_HYPHEN = re.compile(r"(?<=[A-Za-z])[-–](?=[0-9])|(?<=[0-9])[-–](?=[A-Za-z])")
_ATTACHED_DECIMAL = re.compile(rf"{START}([0-9]++\.[0-9]++)(?=[A-Za-z])")
_ATTACHED = re.compile(r"(?<=[A-Za-z])[0-9]++|[0-9]++(?=[A-Za-z])")
_SLASHED = re.compile(r"(?<=[A-Za-z]{2})/(?=[A-Za-z]{2})|(?<=\b[A-Za-z])/(?=[A-Za-z]\b)")
_SHARP = re.compile(r"\b([A-G]|[CF])#(?!\w)")
_BEFORE_BRACKET = re.compile(r"(?<=[a-z]{2})(?=\([a-z]+\))(?<!sin)(?<!cos)(?<!tan)(?<!log)")
_LEADING_DASH = re.compile(r"^[ \t]*+[-–—][ \t]+", re.MULTILINE)
_EQUALS_RUN = re.compile(r"([+=~*#&@%^_|<>$-])\1{2,}")


def normalize_en(text: str, *, contractions: bool = True) -> str:
    """``text`` with everything that is not letters or marks in English words, as far as it has any.

    Characters of other scripts stay as they are. ``contractions`` are written out, unless the reader knows apostrophes.
    Initials lose their full stops and keep their capitals. What is in words already stays as it is. Takes linear time.
    """
    said = text.replace("’", "'").replace("‘", "'").replace("−", "-").replace("⁄", "/")
    said = _say(say_addresses(said) if has_addresses(said) else said)
    for pattern, full in _CONTRACTIONS if contractions and "'" in said else ():
        said = pattern.sub(full, said)
    return like(text, _tidy(said))


def _say(text: str) -> str:
    has_digits = bool(_MEASURED.search(text))
    text = _UNDERSCORE.sub(" ", _THOUSANDS.sub("", _DASHES.sub(_pause, text)))
    # Most text is prose in which a rule finds nothing: a look costs less than the rule.
    text = say_abbreviations(text) if has_abbreviations(text) else text
    text = say_numerals(text) if has_numerals(text) else text
    text = say_dates(text) if has_dates(text) else text
    if has_digits:
        text = say_years(say_times(text))
        text = _RETIREMENT.sub("four oh one k", text)
        text = say_money(_DOTTED_THOUSANDS.sub(lambda match: f"{match[1].replace('.', '')}.{match[2]}", text))
        text = say_codes(_SPACED_GROUPS.sub(lambda match: match[0].replace(" ", ""), text))
    text = say_formulas(text) if has_formulas(text) else text
    if has_digits:
        text = say_versions(text)
        text = say_powers(say_measures(say_ranges(say_fractions(say_units_of_fractions(text)))))
        text = _say_numbers(text)
    text = _SHARP.sub(r"\1 sharp", _SLASHED.sub(" ", text)).replace("/", " slash ")
    text = spell_symbols(_EQUALS_RUN.sub(" ", text), _SIGNS)
    return spell_digits(text, _SPACED_DIGITS)


def say_addresses(text: str) -> str:
    """``text`` with addresses, paths, names of files and of people, and topics read out sign by sign."""
    names = {**_ADDRESS_SIGNS, **_SPACED_DIGITS}
    text = ADDRESS.sub(lambda match: spell_address(match[0], names), text)
    if "." in text or "/" in text or "\\" in text:
        text = FILE.sub(_say_file, PATH.sub(_say_path, text))
    text = HANDLE.sub(lambda match: "at " + match[1].replace("_", " underscore "), text)
    text = _WILDCARD.sub("star dot ", text)
    return TOPIC.sub(lambda match: "hashtag " + split_topic(match[1]), text)


def _pause(match: re.Match[str]) -> str:
    return ", " if match.string[max(0, match.start() - 1) : match.start()].isalnum() else match[1][:1] or " "


def _say_path(match: re.Match[str]) -> str:
    return _say_file(match).replace("/", " slash ").strip()


def _say_file(match: re.Match[str]) -> str:
    said = spell_symbols(match[0], _ADDRESS_SIGNS).replace(" slash ", "/").replace(" underscore ", " ")
    return " ".join(_FILE_NUMBER.sub(lambda number: f" {_bare(number[0], '')} ", said).replace("/", " slash ").split())


def _say_numbers(text: str) -> str:
    """What is left of numbers: bare, in a row, or beside letters."""
    text = _ORDINAL.sub(lambda match: ordinal(match[1]), text)
    text = _PLURAL_NUMBER.sub(_plural, _LETTER_HYPHEN.sub(" ", text))
    text = _GROUPED.sub(lambda match: _bare(match[1], match.string[match.end() : match.end() + 32]), text)
    text = _ATTACHED_DECIMAL.sub(lambda match: f"{quantity(match[1])} ", text)
    return _ATTACHED.sub(_attached, text)


def _bare(number: str, following: str) -> str:
    if len(number) == 4 and number.isdigit() and is_year(number, following):
        return year(number)
    if len(number) > 9 and number.isdigit() and not number.endswith("000"):
        # An amount of that size has commas; this is of a telephone or a parcel.
        return spelled(number)
    return quantity(number)


def _plural(match: re.Match[str]) -> str:
    """Tens, hundreds and fives of something; 5s is five seconds, which `say_measures` has taken."""
    said = cardinal(match[1])
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}es" if said.endswith("x") else f"{said}s"


def _attached(match: re.Match[str]) -> str:
    """Beside a letter: x eighty six, A three twenty, RTX forty ninety; what is longer one by one."""
    number = match[0]
    before, after = match.string[max(0, match.start() - 1) : match.start()], match.string[match.end() : match.end() + 1]
    said = cardinal(number) if len(number) < 3 else pair(number) if len(number) < 5 else spelled(number)
    return (" " if before.isalnum() else "") + said + (" " if after.isalpha() else "")


def _tidy(text: str) -> str:
    """No space before marks, and no two in a row; no two commas either."""
    text = _LEADING_DASH.sub("", _BEFORE_BRACKET.sub(" ", text))
    text = re.sub(r" +(?=[,.;:!?](?!\w))", "", re.sub(r" {2,}", " ", text))
    return re.sub(r",(?: ?,)+", ",", text)
