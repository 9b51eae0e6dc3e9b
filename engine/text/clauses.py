"""Text as espeak-ng takes it in: clause by clause, each with its phonemes and the mark that ends it.

espeak's own call (speak_lib.h of espeak-ng 1.52: ``espeak_TextToPhonemes``) reads one clause of a text and moves the
pointer behind it, so that what it has passed over tells where it saw an end and which mark made it. It reads one
character further than the clause, where there is one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.text.espeak import ESPEAK
from engine.text.phonemes import HYPHENS, LONG_RUN, LONG_WORD, MOST_OF_A_CLAUSE, broken_up

# What a clause ends with, by every mark that espeak knows for it.
_MARKS = {
    ".": ".", "?": "?", "!": "!", ",": ",", ":": ":", ";": ";", "。": ".", "？": "?", "！": "!", "，": ",", "、": ",",
    "：": ":", "；": ";", "،": ",", "؛": ";", "؟": "?", "—": ";", "–": ";",
}  # fmt: skip
_CLOSERS = "\"'”’»›)\\]}」』）】》"
_END = re.compile(rf"(?:(?P<marks>[{re.escape(''.join(_MARKS))}…]+)[{_CLOSERS}]*|\n)(?P<rest>[\s{_CLOSERS}]*\S?)$")
_CONTROLS = re.compile(r"[\x01-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# Where a text that is too long for one call is cut, the best first: between sentences, clauses, words.
_CUTS = (re.compile(r"[.?!]\s+(?=[^\Wa-z])"), re.compile(r"[,;:]\s+"), re.compile(r"\s+"))


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of ``text`` (all of them joined are the text), its ``phonemes`` (IPA with stress), and its ``mark``.

    The mark is one of ``. ? ! , : ;`` or, where a line, an ellipsis or the text ends, "".
    """

    text: str
    phonemes: str
    mark: str


def clauses(text: str, voice: str) -> list[Clause]:
    """The clauses of ``text`` as espeak-ng reads them with ``voice`` (en-us, de, cmn, ...). Safe in any thread.

    What it reads in another language stands between flags as ``(en)…(de)``. Raises EngineError when espeak-ng is not
    installed or does not know the voice, TextError when the text brings it down.
    """
    found: list[Clause] = []
    is_cut = False
    for part in _parts(text):
        read = list(_read(part, voice))
        if is_cut and found and read:
            before, first = found.pop(), read.pop(0)
            phonemes = " ".join(filter(None, (before.phonemes, first.phonemes)))
            found.append(Clause(before.text + first.text, phonemes, first.mark))
        found += read
        # Within a clause, espeak was kept from reading on.
        is_cut = bool(read) and not read[-1].mark
    return found


def _parts(text: str) -> Iterator[str]:
    """The text in parts that espeak holds: it writes into buffers of fixed size, and some texts run over them."""
    text = HYPHENS.sub("-", _CONTROLS.sub(" ", text.partition("\0")[0]))
    text = LONG_WORD.sub(broken_up, LONG_RUN.sub(r"\1 ", text))
    while len(text) > MOST_OF_A_CLAUSE:
        window = text[:MOST_OF_A_CLAUSE]
        ends = next((ends for cut in _CUTS if (ends := [match.end() for match in cut.finditer(window)])), [])
        # A word of letters alone may be longer.
        blank = re.compile(r"\s").search(text, MOST_OF_A_CLAUSE)
        end = ends[-1] if ends else blank.end() if blank else len(text)
        yield text[:end]
        text = text[end:]
    if text:
        yield text


def _read(text: str, voice: str) -> Iterator[Clause]:
    """The clauses of a text that is not too long."""
    data = text.encode()
    at, carried = 0, ""
    answer = ESPEAK.ask("clauses", voice, text, language=voice, text=text)
    for number, (end, phonemes) in enumerate(answer, start=1):
        passed = carried + data[at:end].decode("utf-8", "ignore")
        at = end
        ending = _END.search(passed)
        carried = ending["rest"].lstrip() if ending and number < len(answer) else ""
        passed = passed.removesuffix(carried)
        yield Clause(passed, phonemes, _mark(ending))


def _mark(ending: re.Match[str] | None) -> str:
    """The mark that several in a row come to: the first, and none where they are an ellipsis."""
    marks = (ending and ending["marks"]) or ""
    return "" if not marks or "…" in marks or ".." in marks else _MARKS[marks[0]]
