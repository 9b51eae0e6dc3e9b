"""Numbers that are no amounts: to dial, of orders, flights, rooms and books, of versions, of machines on a network."""

import re

from engine.text.en.numbers import DIGITS, START, cardinal, pair, spelled

_SPACED_DIGITS = {digit: f" {name} " for digit, name in DIGITS.items()}
# Shapes of telephone numbers that need no word to tell them.
_PHONE = re.compile(
    r"(?<![\w.\-/$€£])(?<![0-9] )(?:"
    r"\+[0-9]{1,3}(?:[ .\-]?\(?[0-9]{1,5}\)?){2,6}(?:[ \-]?[0-9]{2,4})?"
    r"|(?:\+?[0-9]{1,3}[ .\-])?(?:\([0-9]{3}\) ?|[0-9]{3}[ .\-])[0-9]{3}[.\- ][0-9]{4}"
    r"|[0-9]{3}-[0-9]{4}"
    r"|1[ -][0-9]{3}[ -][0-9]{3}[ -][0-9]{4}"
    r"|\(?0[0-9]{2,4}\)?[ \-/][0-9]{3,4}(?:[ \-][0-9]{3,4})?"
    r"|0[0-9](?:[ .][0-9]{2}){4}"
    r"|0[0-9]{9,11}"
    r")(?:,?\s?(?:ext\.?|x|extension)\s?[0-9]{1,6})?(?![\w\-/%]|[.,:][0-9])"
)
_WORD_PHONE = re.compile(r"(?<![\w.\-])(?:\+?1[- ])?([0-9]{3})-([A-Z]{3,10})(?:-([A-Z0-9]{2,10}))?(?![\w-])")
_FREE_PHONE = re.compile(r"(?<![\w.\-])1[- ](?=(?:800|888|877|866|855|844|833|900)[- ][A-Z0-9])")
_DIALLED = re.compile(
    r"\b((?:call|calls|called|calling|dial|dials|dialed|dialled|dialing|phone|phoned|tel|telephone|fax|ring|text|sms|hotline|mobile|cell|whatsapp|"
    r"contact|number is|reach (?:me|us|him|her|them) at)(?:\s(?:me|us|him|her|them|number|no\.|at|on|is"
    r"|now|the))*[.:]?\s{0,2}:?\s?)"
    r"((?:\+|\()?[0-9](?:[ .\-()/]{0,2}[0-9]){2,20})(?![\w%]|[.,:][0-9]| ?(?:times|people|friends"
    r"|customers|dollars|a\.?m|p\.?m|AM|PM)\b)",
    re.IGNORECASE,
)
_EMERGENCY = re.compile(rf"{START}(911|999)(?![\w%,]|[.:-][0-9]|\s(?:[a-z]+s\b(?<!is)(?<!was)|people|percent))")
_TEXTED = re.compile(r"\b((?:text|sms|send)\b[^.!?\n]{1,40}\bto\s)([0-9]{4,6})(?![\w%]|[.,:/-][0-9])", re.IGNORECASE)
_STARS = re.compile(r"(?<![\w*#])(?:(?=[*#0-9]{0,20}[*#])[*#][*#0-9]{2,20}#|\*[0-9]{2,4})(?![\w*#])")
_STAR_NAMES = {"*": "star", "#": "hash"} | DIGITS
_PLANE = re.compile(r"(?<![\w.-])(7[0-9]7)-([0-9]{3})(?![\w-])")
# Of a processor: i7-9700K, Ryzen 5-3600X.
_PROCESSOR = re.compile(r"\b(i[3579]|Ryzen [3579]|Ultra [579])-([0-9]{2,3})([0-9]{2})([A-Z]{0,2})\b")
_EXTENSION = re.compile(r"\b(ext\.?|extension)\s?([0-9]{1,6})\b", re.IGNORECASE)

_KINDS = (
    "error|http|status|account|acct\\.?|apartment|apt\\.?|bib|booking|badge|box|card|case|claim|code|confirmation|contract|coupon|docket|"
    "employee|extension|flight|flug|gate|hotel room|id|ids|imei|invoice|iban|isbn|issn|item|key"
    "|licen[cs]e|locker|lot|member(?:ship)?|model|"
    "number|no\\.?|number:|order|otp|parcel|part|passcode|passport|password|patient|permit|pin|plate"
    "|policy|po box|p\\.o\\. box|"
    "postcode|product|purchase order|receipt|ref\\.?|reference|registration|reservation|room|routing"
    "|sec(?:urity)? code|serial|shipment|sku|ssn|"
    "student|suite|ticket|tracking|train|transaction|unit|upc|user|vat|verification code|vin|voucher|zip|zip code"
)
_CODED = re.compile(
    rf"\b((?:{_KINDS})(?:\s(?:number|no\.?|code|id|is|was|nr\.?|card))*[:.]?\s?(?:#|number\s)?\s?)"
    r"(?=[A-Z]{0,4}[- ]?[0-9])([A-Z]{0,4}[- ]?[0-9][A-Z0-9]*(?:-[A-Z0-9]+)*(?:[ "
    r"](?=[0-9]{3,4}\b)[0-9]{3,4}\b)*)(?![\w%]|[.,:/][0-9]|\s(?:of|per)\b)",
    re.IGNORECASE,
)
_OF_A_YEAR = re.compile("model|part|lot|number|item|user|unit|key|case", re.IGNORECASE)
_HASH = re.compile(r"(?<![\w&#])#\s?([A-Z]{0,4}-?[0-9][A-Z0-9]*(?:-[A-Z0-9]+)*)(?![\w-])", re.IGNORECASE)
_COLOR = re.compile(r"(?<![\w&#])#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})(?!\w)(?=)")
_HEX = re.compile(r"(?<!\w)0([xX])([0-9A-Fa-f]{1,64})(?!\w)")
_UUID = re.compile(r"(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])")
_MAC = re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}(?![\w:-])")
_MIXED = re.compile(
    r"(?<![\w.-])(?![0-9]+[xX][0-9]+\b)(?=[A-Za-z]*[0-9]+[A-Za-z]+[0-9]|[0-9]*[A-Za-z]+[0-9]+[A-Za-z]+[0-9])[A-Za-z0-9]{6,64}(?![\w-])"
)
_ISBN = re.compile(r"(?<![\w.\-])[0-9]{1,5}(?:-[0-9]{1,7}){3,6}(?:-?[Xx])?(?![\w\-])")
_GROUPS_OF_FOUR = re.compile(r"(?<![\w.\-])[0-9]{4}(?:[ -][0-9]{4}){2,6}(?![\w\-])")
_SOCIAL = re.compile(r"(?<![\w.\-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![\w\-])")
_ZIP = re.compile(r"(?<![\w.\-])[0-9]{5}-[0-9]{4}(?![\w\-])|(?<=\b[A-Z]{2} )[0-9]{5}(?![\w\-.,]?[0-9A-Za-z])")
_FLIGHT = re.compile(
    r"(?<![\w-])([A-Z]{2}|[A-Z][0-9]|[0-9][A-Z])[ -]?([0-9]{3,4})(?![\w-])(?=\s(?:to|from|departs"
    r"|arrives|is|was|has|leaves|boards|will)\b)"
)
_CHAIN = re.compile(r"(?<![\w.\-])[0-9]{1,12}(?:-[0-9]{1,12}){2,12}(?![\w\-])")

_NETWORK = re.compile(r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]{1,5}|/[0-9]{1,2})?(?![\w]|\.[0-9])")
_VERSION_NUMBER = r"[0-9]{1,6}(?:\.[0-9]{1,6})"
_VERSION = re.compile(r"(?<![\w.])(?:[vV](?=[0-9]+\.)|v(?=[0-9]))\.?\s?([0-9]{1,6}(?:\.[0-9]{1,6}){0,8})(?![0-9])")
_DOTTED = re.compile(r"(?<![\w.])[0-9]{1,12}(?:\.[0-9]{1,12}){2,20}(?![0-9])")
_PROGRAMS = (
    "python|node|node\\.js|ubuntu|java|php|ruby|perl|go|golang|rust|version|versions|ver\\.?|release|ios|android|macos|windows|"
    "linux|kernel|django|cuda|chrome|firefox|safari|gcc|debian|fedora|postgres|postgresql|mysql|swift|kotlin|react|angular|vue|"
    "typescript|unity|blender|numpy|pytorch|tensorflow|office|gpt|claude|llama|gemini|bluetooth|usb|http|tls|ssl|opengl|"
    "vulkan|directx|qt|gtk|gnome|kde|emacs|vim|git|docker|kubernetes|spark|scala|julia|lua|matlab|npm|pip|cmake|llvm|clang|"
    "redis|nginx|apache|wordpress|drupal|laravel|rails|flask|pandas|scipy|openssl|excel|photoshop|protocol|spec|api|sdk|update|patch|firmware|build"
)
_NAMED_VERSION = re.compile(
    rf"\b((?:{_PROGRAMS})[ -]v?)([0-9]{{1,4}}(?:\.[0-9]{{1,4}}){{1,8}})(?![\w%]|[.,][0-9]|\s(?:percent"
    rf"|million|billion|times)\b)",
    re.IGNORECASE,
)
_MODEL = re.compile(
    r"\b(Boeing|Airbus|A|B|Porsche|Peugeot|BMW|RTX|GTX|RX|Route|Highway|Interstate|Bus|Tram|Line|Channel"
    r"|Area)([ -]?)([0-9]{3})(?![\w%]|[.,:-][0-9])"
)


def say_codes(text: str) -> str:
    """``text`` with the numbers in words that are read digit by digit, and with letters of codes apart."""
    text = _STARS.sub(lambda match: " ".join(_STAR_NAMES[sign] for sign in match[0]), _NETWORK.sub(_network, text))
    text = _PLANE.sub(lambda match: f"{pair(match[1])} {pair(match[2])}", text)
    text = _PROCESSOR.sub(_processor, text)
    text = _TEXTED.sub(lambda match: match[1] + spelled(match[2]), text)
    text = _UUID.sub(_characters, _MAC.sub(_characters, _HEX.sub(lambda match: f"zero x {characters(match[2])}", text)))
    text = _FREE_PHONE.sub("one ", text)
    text = _WORD_PHONE.sub(_word_phone, text)
    text = _PHONE.sub(lambda match: _dialled(match[0]), text)
    text = _DIALLED.sub(lambda match: match[1] + _dialled(match[2]), text)
    text = _EMERGENCY.sub(lambda match: spelled(match[0]), text)
    text = _EXTENSION.sub(lambda match: f"extension {spelled(match[2])}", text)
    for pattern in (_ISBN, _GROUPS_OF_FOUR, _SOCIAL, _ZIP):
        text = pattern.sub(lambda match: grouped(match[0]), text)
    text = _CODED.sub(_coded, text)
    text = _COLOR.sub(_color, text)
    text = _HASH.sub(_numbered, text)
    text = _FLIGHT.sub(lambda match: f"{characters(match[1])} {spelled(match[2])}", text)
    text = _MIXED.sub(_mixed, text)
    return _CHAIN.sub(_chain, text)


def say_versions(text: str) -> str:
    """``text`` with versions in words: three parts and more, behind a v, or behind the name of a program."""
    text = _NAMED_VERSION.sub(lambda match: match[1].removesuffix("v") + version(match[2]), text)
    text = _VERSION.sub(lambda match: f"version {version(match[1])}{_apart(match)}", text)
    text = _DOTTED.sub(_dotted, text)
    return _MODEL.sub(lambda match: f"{match[1]} {pair(match[3])}", text)


def _dotted(match: re.Match[str]) -> str:
    """1.000.000 has dots between its thousands."""
    first, *groups = match[0].split(".")
    is_amount = first[0] != "0" and len(first) < 4 and all(len(group) == 3 for group in groups) and "000" in groups
    return cardinal("".join([first, *groups])) if is_amount else version(match[0]) + _apart(match)


def _apart(match: re.Match[str]) -> str:
    return " " if match.string[match.end() : match.end() + 1].isalpha() else ""


def version(number: str) -> str:
    """Each part as a number, a part that begins with zero digit by digit."""
    return " point ".join(cardinal(part) for part in number.split("."))


def characters(code: str) -> str:
    """Letters and digits of a code, each alone; other marks become a pause."""
    said = [DIGITS.get(sign, sign.upper() if sign.isalpha() else ",") for sign in code if not sign.isspace()]
    return " ".join(said).replace(" ,", ",")


def grouped(code: str) -> str:
    """Digits one by one, with a pause between groups."""
    return re.sub(r"(?:\s*,)+", ",", characters(re.sub(r"[\s\-./()]+", "-", code).strip("-")))


def _processor(match: re.Match[str]) -> str:
    family, first, last, letters = match.groups()
    said = (
        cardinal(first + last) if len(first) > 2 else f"{cardinal(first)} {'hundred' if last == '00' else pair(last)}"
    )
    return f"{family[:-1].strip()} {cardinal(family[-1])}, {said} {' '.join(letters)}".rstrip()


def _characters(match: re.Match[str]) -> str:
    return characters(match[0])


def _dialled(number: str) -> str:
    number, _, extension = re.sub(r"(?i),?\s?(?:extension|ext\.?|x)\s?(?=[0-9])", "x", number).partition("x")
    plus = "plus " if number.startswith("+") else ""
    return plus + grouped(number.lstrip("+")) + (f", extension {spelled(extension)}" if extension else "")


def _word_phone(match: re.Match[str]) -> str:
    rest = f" {match[3]}" if match[3] else ""
    lead = "one " if match[0].lstrip("+").startswith("1") and not match[0].startswith(match[1]) else ""
    return f"{lead}{spelled(match[1])} {match[2]}{rest}"


def _network(match: re.Match[str]) -> str:
    address, mark, rest = re.findall(r"^([0-9.]+)([:/]?)([0-9]*)", match[0])[0]
    if any(int(part) > 255 for part in address.split(".")):
        return match[0]
    said = " dot ".join(cardinal(part) for part in address.split("."))
    return said + {"": "", ":": " colon ", "/": " slash "}[mark] + (cardinal(rest) if rest else "")


def _coded(match: re.Match[str]) -> str:
    """Numbers of one or two digits stay numbers (room twelve), and so do the years that models have."""
    code = match[2]
    digits = sum(sign.isdigit() for sign in code)
    before = match[1].replace("#", " number " if "number" not in match[1].lower() else " ")
    if code.upper() != code:
        return match[0]
    is_year = code.isdigit() and len(code) == 4 and code[:2] in ("19", "20") and _OF_A_YEAR.match(match[1])
    if digits < 3 or is_year:
        return before + code
    return re.sub(" {2,}", " ", before) + _letters_then_digits(code)


def _letters_then_digits(code: str) -> str:
    parts = re.findall(r"[A-Za-z]+|[0-9]+|[\s-]+", code)
    said = [
        spelled(part)
        if part.isdigit()
        else ","
        if not part[0].isalpha()
        else part
        if len(part) > 3
        else " ".join(part.upper())
        for part in parts
    ]
    return " ".join(said).replace(" ,", ",")


def _color(match: re.Match[str]) -> str:
    return match[0] if match[1].isdigit() else f"hash {characters(match[1])}"


def _numbered(match: re.Match[str]) -> str:
    code = match[1]
    if code.isdigit():
        return f"number {spelled(code) if len(code) > 3 else cardinal(code)}"
    return f"number {code}" if sum(sign.isdigit() for sign in code) < 3 else f"number {_letters_then_digits(code)}"


def _mixed(match: re.Match[str]) -> str:
    return characters(match[0])


def _chain(match: re.Match[str]) -> str:
    """Three and more numbers with hyphens: short ones are numbers (a record of 10-5-2), long ones are dialled."""
    parts = match[0].split("-")
    if all(len(part) < 3 for part in parts):
        return " ".join(cardinal(part) for part in parts)
    return grouped(match[0])
