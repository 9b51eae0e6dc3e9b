"""Text of several languages as it is said: in words, by stretches of sentences in one language, cut into segments."""

from collections.abc import Sequence

from engine.request import Segment
from engine.text.devanagari import in_sanskrit
from engine.text.initials import spell_initials
from engine.text.markup import plain
from engine.text.normalize import normalize
from engine.text.normalize_ja import normalize_ja
from engine.text.normalize_ko import normalize_ko
from engine.text.sanitize import ascii_digits
from engine.text.segment import PARAGRAPH_PAUSE_S, SENTENCE_PAUSE_S, split
from engine.text.stretches import LANGUAGES, Stretch, stretches
from engine.text.th.numbers import normalize_th

_BY_THEMSELVES = {"ja": normalize_ja, "ko": normalize_ko, "sa": in_sanskrit, "th": normalize_th}

# The languages that have rules for numbers and signs here.
RULES = frozenset({"en", "zh", *_BY_THEMSELVES})


def in_words(text: str, language: str, languages: Sequence[str] = LANGUAGES) -> list[Stretch]:
    """``text`` with numbers and symbols in words, by stretches of sentences in one of ``languages``.

    ``language`` is as in `stretches`. To be called before the text is cut: what an abbreviation or a mark means shows
    in what is around it. Languages without rules here keep their digits.
    """
    worded: list[Stretch] = []
    for part in stretches(plain(ascii_digits(text)), language, languages):
        if part.language in _BY_THEMSELVES:
            worded.append(part._replace(text=_BY_THEMSELVES[part.language](part.text)))
        elif part.language not in ("en", "zh"):
            worded.append(part)
        else:
            said = spell_initials(normalize(part.text, part.language, contractions=False))
            # By now it may be more of the other language, and cut as that one is.
            inner = stretches(said, part.language if language == "zh" else "", languages)
            worded += [
                each._replace(begins_line=each.begins_line if index else part.begins_line)
                for index, each in enumerate(inner)
            ]
    return worded


def segments(
    text: str, language: str, languages: Sequence[str] = LANGUAGES, *, max_chars: int = 200, first_max_chars: int = 80
) -> list[Segment]:
    """What `in_words` gives, cut by `split`; nothing where there is nothing to say."""
    found: list[Segment] = []
    for stretch in in_words(text, language, languages):
        pieces = split(
            stretch.text,
            stretch.language,
            max_chars=max_chars,
            first_max_chars=max_chars if found else first_max_chars,
        )
        if pieces and found:
            before = found[-1]
            pause_s = max(before.pause_s, PARAGRAPH_PAUSE_S if stretch.begins_line else SENTENCE_PAUSE_S)
            found[-1] = Segment(text=before.text, language=before.language, pause_s=pause_s)
        found += pieces
    return found
