"""English as it is said: numbers, dates, times, money, units, addresses and formulas become words.

The grammar is that of wetext; what it misreads is put in words before it sees it.
"""

import re
from functools import lru_cache

_DIGITS = {
    "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight",
    "9": "nine",
}  # fmt: skip
_SPACED_DIGITS = {digit: f" {name} " for digit, name in _DIGITS.items()}
_TENS = {
    "2": "twenties", "3": "thirties", "4": "forties", "5": "fifties", "6": "sixties", "7": "seventies", "8": "eighties",
    "9": "nineties",
}  # fmt: skip
_CURRENCIES = {
    "$": ("dollar", "cent"),
    "US$": ("US dollar", "cent"),
    "€": ("euro", "cent"),
    "£": ("pound", "penny"),
    "¥": ("yen", ""),
    "￥": ("yen", ""),
    "₹": ("rupee", "paisa"),
    "₩": ("won", ""),
}
_PLURALS = {"penny": "pence", "paisa": "paise", "yen": "yen", "won": "won"}
# These the grammar must not see, or not see alone ...
_SIGNS = {
    "&": " and ", "@": " at ", "+": " plus ", "=": " equals ", "±": " plus or minus ", "×": " times ",
    "÷": " divided by ", "≈": " is about ", "≠": " is not ", "≤": " at most ", "≥": " at least ", "<": " less than ",
    ">": " greater than ", "√": " root of ", "∞": " infinity ", "§": " section ", "→": " to ", "*": "", "®": "",
    "™": "", "©": " copyright ", "π": " pi ", "α": " alpha ", "β": " beta ", "γ": " gamma ", "δ": " delta ",
    "Δ": " delta ", "λ": " lambda ", "μ": " mu ", "θ": " theta ", "σ": " sigma ", "Σ": " sum ", "ω": " omega ",
    "Ω": " ohm ", "φ": " phi ", "ε": " epsilon ", "²": " squared", "³": " cubed", "¢": " cents", "~": " about ",
    "_": " ", "|": " ",
}  # fmt: skip
# ... and of these it leaves some.
_LEFT = {
    "%": " percent ", "‰": " per mille ", "°": " degrees ", "$": " dollars ", "€": " euros ", "£": " pounds ",
    "¥": " yen ", "^": " to the power of ",
}  # fmt: skip
_ADDRESS_SIGNS = {
    ".": " dot ", "/": " slash ", ":": " colon ", "@": " at ", "-": " dash ", "_": " underscore ",
    "?": " question mark ", "=": " equals ", "&": " and ", "#": " hash ", "%": " percent ", "+": " plus ",
    "~": " tilde ",
}  # fmt: skip

ADDRESS = re.compile(
    r"(?<![\w@])(?:(?:https?|ftp)://|www\.)[A-Za-z0-9][A-Za-z0-9\-._~:/?#@!$&'*+=%]*[A-Za-z0-9/]"
    r"|(?<![\w.@%+\-])[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"
    r"|(?<![\w.@\-])(?:[A-Za-z0-9\-]+\.)+(?:com|org|net|edu|gov|io|ai|cn|dev|co|uk|de|jp|info|app)(?:/[\w\-./?=&#%]*)?(?![\w])",
    re.ASCII,
)
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
_MONEY = re.compile(
    r"(US\$|[$€£¥￥₹₩]) ?(\d+(?:,\d{3})*)(?:\.(\d\d))?(?![\d.]*\d)"
    r"(?! ?(?:thousand|million|billion|trillion|[kKmMbB]\b))"
)
_SCALED_MONEY = re.compile(r"(US\$|[$€£¥￥₹₩]) ?(\d+(?:\.\d+)?) ?(thousand|million|billion|trillion|[kKmMbB]\b)")
_SCALES = {"k": "thousand", "m": "million", "b": "billion"}
_DECADE = re.compile(r"(?<![\w.])'?(\d\d)?([2-9])0'?s\b")
_EARLY_DECADE = re.compile(r"(?<![\w.])(\d\d)(0)0s\b")
_GROUPED = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+)(?:\.(\d+))?(?![\d,])")
_PHONE = re.compile(r"(?<![\w.\-])(?:\+?\d{1,3}[ \-])?(?:(?:\(\d{3}\) ?|\d{3}[ \-])\d{3}[\- ]|\d{3}-)\d{4}(?![\w\-])")
_DOTTED = re.compile(r"(?<![\d.])\d+(?:\.\d+){2,}(?![\d])")
_HYPHENED = re.compile(r"(?<=[A-Za-z])-(?=\d)|(?<=\d)-(?=[A-Za-z])")
_NEGATIVE = re.compile(r"(?<![\w)\]])-(?=\d)")
_AMOUNT = re.compile(r"(?<![\w.:/\-])\d{4,}(?![\w.:/\-])")
_NUMBERED = re.compile(r"\bN[oO]\. ?(?=\d)")
_NOON = re.compile(r"(?<=\d) ?([ap])\.m\.(?=,)")
_SCIENTIFIC = re.compile(r"(?<![A-Za-z\d.])(\d+(?:\.\d+)?)[eE]([+-]?)(\d+)(?![A-Za-z\d])")
_FRACTION = re.compile(r"(?<![\d/.])(\d+)/(\d+)(?![\d/.])")
_FEET = re.compile(r"(?<!\d)(\d)'(\d{1,2})(?:\"|'')")
_SPEED = re.compile(r"(?<=\d) ?m/s\b")
_RANGE = re.compile(r"(?<=\d)[–—](?=\d)")
_TO = re.compile(r"(?<=[\d%]) ?~ ?(?=\d)")
_MONEY_RANGE = re.compile(r"(US\$|[$€£¥￥₹₩]) ?(\d+) ?[-–~] ?(\d+)(?![\d.,]*\d)")
_MINUS = re.compile(r"(?<=\d) ?- ?(?=\d+ ?=)")
_DIFFERENCE = re.compile(r"(?<=[A-Za-z\d)²³]) - (?=[A-Za-z\d(])")
_TIMES = re.compile(r"(?<=[\w)]) ?\* ?(?=[\w(])")
_NUMBER_SIGN = re.compile(r"#(?=\d)")
_SHARP = re.compile(r"(?<=[A-Za-z])#")
_SHORT = {"e.g.": "for example", "i.e.": "that is", "etc.": "et cetera", "vs.": "versus", "approx.": "approximately"}
_SHORTENED = re.compile("|".join(rf"\b{re.escape(short)}" for short in _SHORT))
_POWER = re.compile(r"(?<=[A-Za-z0-9)])\^([23])(?!\d)")
_SLASHED = re.compile(r"(?<=[A-Za-z]{2})/(?=[A-Za-z]{2})|(?<=\b[A-Za-z])/(?=[A-Za-z]\b)")
_COEFFICIENT = re.compile(r"(?<=\d)(?=[xyzn](?:\^|²|³| ?[-+*/=)]|$))")
# The grammar would write backslashes, or nothing.
_UNPARSABLE = re.compile(r"([\"\\\n\t\[\]{}\ud800-\udfff]+)")
_LONG = re.compile(r".{1,80}(?:\s|$)|.{1,80}", re.DOTALL)
_YEARS = range(1100, 2100)


@lru_cache(maxsize=1)
def _grammar() -> object:
    # Reading the grammars takes a second, and only who speaks English needs these.
    from wetext import Normalizer

    return Normalizer(lang="en", operator="tn")


def normalize_en(text: str, *, contractions: bool = True) -> str:
    """``text`` with everything that is not letters or marks in English words, as far as it has any.

    Characters of other scripts stay as they are. ``contractions`` are written out, unless the reader knows apostrophes.
    """
    said = text.replace("’", "'").replace("‘", "'").replace("−", "-")
    said = ADDRESS.sub(lambda match: spell_address(match[0], {**_ADDRESS_SIGNS, **_SPACED_DIGITS}), said)
    said = _SHORTENED.sub(lambda match: _SHORT[match[0]], said)
    for pattern, full in _CONTRACTIONS if contractions else ():
        said = pattern.sub(full, said)
    said = _say_formulas(_say_numbers(said))
    said = spell_symbols(through(_grammar(), spell_symbols(said, _SIGNS)), _LEFT)
    return like(text, _tidy(spell_digits(said, _SPACED_DIGITS)))


def _say_numbers(text: str) -> str:
    """Those that the grammar misreads: to dial, of money, with separators, of versions, of decades."""
    text = _PHONE.sub(lambda match: f" {_one_by_one(match[0])} ", _NOON.sub(r" \1m", text))
    text = _SCIENTIFIC.sub(_say_scientific, text)
    text = _FRACTION.sub(_say_fraction, text)
    text = _MONEY_RANGE.sub(lambda match: f"{match[2]} to {match[3]} {_plural(_CURRENCIES[match[1]][0], 2)}", text)
    text = _SCALED_MONEY.sub(_say_scaled_money, text)
    text = _MONEY.sub(_say_money, text)
    text = _GROUPED.sub(_say_grouped, text)
    text = _EARLY_DECADE.sub(lambda match: f"{match[1]} hundreds", text)
    text = _DECADE.sub(lambda match: f"{match[1] or ''} {_TENS[match[2]]}", text)
    text = _DOTTED.sub(lambda match: match[0].replace(".", " dot " if match[0].count(".") == 3 else " point "), text)
    text = _NUMBERED.sub("number ", _FEET.sub(r"\1 feet \2", text))
    return _AMOUNT.sub(_say_amount, text)


def _say_formulas(text: str) -> str:
    if "=" in text or "^" in text:
        text = _DIFFERENCE.sub(" minus ", _COEFFICIENT.sub(" ", text))
    text = _MINUS.sub(" minus ", _SPEED.sub(" meters per second", _TO.sub(" to ", _RANGE.sub("-", text))))
    text = _NEGATIVE.sub("minus ", _HYPHENED.sub(" ", text))
    text = _POWER.sub(lambda match: " squared" if match[1] == "2" else " cubed", _TIMES.sub(" times ", text))
    text = _SHARP.sub(" sharp", _NUMBER_SIGN.sub(" number ", text)).replace("#", " hash ")
    return _SLASHED.sub(" ", text)


def like(text: str, said: str) -> str:
    """``said`` with the white space around it that ``text`` has."""
    stripped = text.strip()
    if not stripped:
        return text
    start = text.index(stripped)
    return text[:start] + said.strip() + text[start + len(stripped) :]


def through(grammar: object, text: str) -> str:
    """``text`` through a grammar of wetext, in pieces: without what that cannot parse, and short.

    Its time grows with the square of the length.
    """
    return "".join(
        piece if index % 2 else "".join(_parsed(grammar, part) for part in _LONG.findall(piece))
        for index, piece in enumerate(_UNPARSABLE.split(text))
    )


def _parsed(grammar: object, text: str) -> str:
    if not any(character.isdigit() or not character.isalpha() for character in text.strip()):
        return text
    try:
        return like(text, grammar.normalize(text.strip()))
    # It asserts that it can read its own output, which it cannot for symbols that it has no rule for.
    except AssertionError:
        words = re.split(r"(\s+)", text)
        return "".join(_parsed(grammar, word) for word in words) if len(words) > 1 else text


def spell_symbols(text: str, names: dict[str, str]) -> str:
    """``text`` with symbols by their names."""
    return text.translate(str.maketrans(names))


def spell_digits(text: str, names: dict[str, str]) -> str:
    """``text`` with the digits by their names that no rule has taken: whatever else they are, they are digits."""
    return re.sub("[0-9]", lambda match: names[match[0]], text)


def spell_address(address: str, names: dict[str, str]) -> str:
    """A URL or an e-mail address read out sign by sign, without its scheme and a closing slash."""
    return re.sub(r"^\w+://", "", address).rstrip("/").translate(str.maketrans(names))


def _one_by_one(text: str) -> str:
    words = [_DIGITS[sign] if sign.isdigit() else "," for sign in text if sign.isdigit() or sign in " -"]
    return " ".join(words).replace(" ,", ",")


def _say_money(match: re.Match[str]) -> str:
    unit, part = _CURRENCIES[match[1]]
    whole, cents = int(match[2].replace(",", "")), int(match[3] or 0)
    if cents and not part:
        return f"{_cardinal(whole)} point {match[3]} {unit}"
    said = [f"{_cardinal(number)} {_plural(name, number)}" for number, name in ((whole, unit), (cents, part)) if number]
    return " and ".join(said) or f"zero {_plural(unit, 0)}"


def _say_grouped(match: re.Match[str]) -> str:
    fraction = f" point {' '.join(_DIGITS[digit] for digit in match[2])}" if match[2] else ""
    return _cardinal(int(match[1].replace(",", ""))) + fraction


def _say_scientific(match: re.Match[str]) -> str:
    return f"{match[1]} times ten to the power of {'minus ' if match[2] == '-' else ''}{match[3]}"


def _say_fraction(match: re.Match[str]) -> str:
    """24/7 and 9/11 are none, nor is what is more than one."""
    above, below = int(match[1]), int(match[2])
    return match[0] if above < below and match[0] != "9/11" else f"{match[1]} {match[2]}"


def _say_scaled_money(match: re.Match[str]) -> str:
    scale = _SCALES.get(match[3].lower(), match[3])
    return f"{match[2]} {scale} {_plural(_CURRENCIES[match[1]][0], 2)}"


def _plural(name: str, number: int) -> str:
    return name if number == 1 else _PLURALS.get(name, f"{name}s")


def _say_amount(match: re.Match[str]) -> str:
    number = match[0]
    # Of four digits, years are read in pairs and the rest in thousands; a leading zero means a number to dial.
    if number[0] == "0" or len(number) > 15:
        return " ".join(_DIGITS[digit] for digit in number)
    return number if int(number) in _YEARS else _cardinal(int(number))


def _cardinal(number: int) -> str:
    from num2words import num2words

    return num2words(number, lang="en").replace(",", "").replace("-", " ")


def _tidy(text: str) -> str:
    """No space before marks, and no two in a row."""
    return re.sub(r" +(?=[,.;:!?])", "", re.sub(r" {2,}", " ", text))
