"""The texts a small English voice is trained and tested on: written sentences, templates and word chains."""

import random
import re
import string
from pathlib import Path

_FOLDER = Path(__file__).parent
_NAME = "words.txt"

# A field names a list of words.txt; "{a:noun}" puts "a" or "an" before the word as its first letter asks.
_TEMPLATES = (
    "The {adjective} {noun} is {adverb} {adjective}.",
    "{name} {past} {a:noun} in {place}.",
    "Did {name} {verb} the {noun}?",
    "Why did the {noun} look so {adjective}?",
    "We are {ing} the {plural} on {weekday}.",
    "Please {verb} the {adjective} {plural} before {month}.",
    "On {weekday}, {name} {past} {number} {plural}.",
    "There are {number} {plural} and {a:noun} in the {noun}.",
    "{name} lives in {place}, but {name} lives in {place}.",
    "Is this {noun} more {adjective} than that {noun}?",
    "I saw {a:adjective} {noun}, {a:noun}, and {a:noun}.",
    "The {noun} was {adverb} {adjective}, so nobody {past} it.",
    "Have you ever tried {ing} {a:noun}?",
    "Do not {verb} the {noun}!",
    "What {a:adjective} {noun}!",
    "It costs {number} dollars and {number} cents.",
    "The {ordinal} of {month} is a {weekday}.",
    "In {month}, the {plural} in {place} are {adjective}.",
    "She {adverb} {past} the {plural}, then {past} the {noun}.",
    "My {noun} is {adjective}, and yours is {adjective}.",
    "Who {past} the {noun} in {place}?",
    "{name}, {name}, and {name} are {ing} {a:noun}.",
    "If you {verb} the {noun}, I will {verb} the {plural}.",
    "He spells it {letter} {letter} {letter} {letter}.",
    "The {ordinal} {noun} belongs to {name}.",
    "Call {number}, {number}, {number} after {month}.",
    "No {noun} is too {adjective} to {verb}.",
    "How {adverb} they {past} the {adjective} {plural}!",
    "Room {number} has {adjective} {plural} and {a:adjective} {noun}.",
    "They {past} from {place} to {place} with {number} {plural}.",
    "Neither the {noun} nor the {noun} was {adjective}.",
    "When will {name} {verb} the {ordinal} {noun}?",
    "{name} said the {plural} were {adverb} {adjective}.",
    "Option {letter} is {adjective}, while option {letter} is {adjective}.",
    "Between {weekday} and {weekday}, we {verb} the {plural}.",
    "{adverb}, the {noun} {past} the {noun}.",
)
_CHAINS = ("{0}, {1}, {2}, {3}.", "{0} {1}, {2} {3}, {4}.", "{0}, {1}, and {2}.", "{0}? {1}! {2} {3}.")
_CHAIN_LENGTHS = (4, 5, 3, 4)
# Of four made sentences one is a chain, so that rare words come early, and one joins written ones: templates say new
# words in old melodies, and melodies are what a small voice learns last.
_KINDS = ("chain", "template", "joined", "template")
_LEADS = (
    "I think {0}", "She told me that {0}", "Perhaps {0}", "After lunch, {0}", "He said that {0}", "Of course, {0}",
    "They know that {0}", "In the end, {0}", "I hope {0}", "As far as I know, {0}", "{0}, and {1}", "{0}, but {1}",
    "{0}, so {1}", "{0}, because {1}", "{0} when {1}", "If {0}, {1}", "While {0}, {1}", "{0} before {1}",
)  # fmt: skip
_LONGEST = 100
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TAKES_AN = re.compile(r"(?!uni[^mn]|use|usu|eu|one)[aeiou]|hone(?=st)|honou?r|hour|heir")  # "a unit", "an hour"


def training_sentences(count: int, seed: int) -> list[str]:
    """Returns `count` distinct ASCII sentences without digits: the written ones, then made ones, fixed by `seed`.

    Every word of words.txt occurs once the made part holds about as many sentences as words.txt has words.
    """
    sentences = _lines("sentences.txt")[:count]
    seen = {*sentences, *test_sentences(), *dev_sentences()}
    written = _statements()
    source = random.Random(seed)
    lists = _word_lists()
    chained = sorted({word for words in lists.values() for word in words})
    source.shuffle(chained)
    made = 0
    while len(sentences) < count:
        match _KINDS[made % len(_KINDS)]:
            case "chain":
                sentence, chained = _chain(source, lists, chained)
            case "joined":
                sentence = _join(source, written)
            case _:
                sentence = _fill(source, lists)
        made += 1
        if sentence not in seen:
            seen.add(sentence)
            sentences.append(sentence)
    return sentences


def test_sentences() -> list[str]:
    """Returns the 40 everyday sentences that are never trained on."""
    return _lines("test_sentences.txt")


def dev_sentences() -> list[str]:
    """Returns the 80 everyday sentences that are never trained on, and on which whatever is tuned is tuned."""
    return _lines("dev_sentences.txt")


def number_words(value: int) -> str:
    """Returns 0 <= value < 1 000 000 in words without hyphens: 1995 is "one thousand nine hundred and ninety five"."""
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10 - 2] + (f" {_ONES[value % 10]}" if value % 10 else "")
    if value < 1000:
        return f"{_ONES[value // 100]} hundred" + (f" and {number_words(value % 100)}" if value % 100 else "")
    rest = value % 1000
    joint = " and " if 0 < rest < 100 else " "
    return f"{number_words(value // 1000)} thousand" + (joint + number_words(rest) if rest else "")


def _lines(name: str) -> list[str]:
    return [line for line in (_FOLDER / name).read_text(encoding="ascii").splitlines() if line]


def _word_lists() -> dict[str, list[str]]:
    """Reads words.txt: a line "kind: word word ..." adds to the list of that kind ("_" is a space in a word)."""
    lists: dict[str, list[str]] = {"letter": list(string.ascii_lowercase)}
    for line in _lines(_NAME):
        kind, words = line.split(":")
        lists.setdefault(kind, []).extend(word.replace("_", " ") for word in words.split())
    return lists


def _statements() -> list[str]:
    """The written sentences that state something in one clause, as they stand inside another sentence."""
    lines = _lines("sentences.txt")
    inside = set(re.findall(r"(?<=[a-z,] )[a-z']+", " ".join(lines)))  # what is written small is no name
    statements = []
    for line in lines:
        first, _, rest = line.removesuffix(".").partition(" ")
        if line.endswith(".") and len(line.split()) > 3 and "," not in line and first.lower() in inside | {"i"}:
            statements.append(f"{first if first == 'I' else first.lower()} {rest}")
    return statements


def _join(source: random.Random, statements: list[str]) -> str:
    """Returns one or two statements in a frame, no longer than a breath."""
    while True:
        sentence = source.choice(_LEADS).format(*source.sample(statements, 2)) + "."
        if len(sentence) <= _LONGEST:
            return sentence[0].upper() + sentence[1:]


def _chain(source: random.Random, lists: dict[str, list[str]], chained: list[str]) -> tuple[str, list[str]]:
    """Returns a sentence of the next words of the shuffled `chained` (a new round when it is used up) and the rest."""
    kind = source.randrange(len(_CHAINS))
    length = _CHAIN_LENGTHS[kind]
    if len(chained) < length:
        again = sorted({word for words in lists.values() for word in words})
        source.shuffle(again)
        chained = chained + again
    return _capitalised(_CHAINS[kind].format(*chained[:length])), chained[length:]


def _fill(source: random.Random, lists: dict[str, list[str]]) -> str:
    """Returns a random template with its fields filled."""
    parts = []
    for text, field, article, _ in string.Formatter().parse(source.choice(_TEMPLATES)):
        parts.append(text)
        if field == "a":
            word = source.choice(lists[article])
            parts.append(f"{'an' if _TAKES_AN.match(word) else 'a'} {word}")
        elif field == "number":
            parts.append(number_words(source.randrange(2, source.choice((21, 100, 1000, 10_000)))))
        elif field:
            parts.append(source.choice(lists[field]))
    return _capitalised("".join(parts))


def _capitalised(sentence: str) -> str:
    return re.sub(r"(?:^|[?!] )[a-z]", lambda match: match[0].upper(), sentence)
