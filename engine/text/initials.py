"""Initials written so that espeak spells them, in whatever case they reach it."""

import re

# In lower case espeak would read these as words.
_SPELLED = frozenset(["AD", "AM", "AWS", "CE", "EU", "FAQ", "IQ", "IT", "LA", "UN", "US"])
_PLURAL = re.compile(r"(?<![\w'])([A-Z]{2,5})s(?![\w'])")
_INITIALS = re.compile(r"(?<![\w'-])[A-Z]{2,4}(?![\w'])")


def spell_initials(text: str) -> str:
    """``text`` with initials that espeak would misread in lower case as ``u-s``, and plural ones as ``c-p-u's``.

    A text of which most is in capitals stays as it is: there IT is a word.
    """
    shouts = sum(map(str.isupper, text)) * 2 > sum(map(str.isalpha, text))
    text = _PLURAL.sub(lambda match: f"{'-'.join(match[1])}'s", text)
    return text if shouts else _INITIALS.sub(_spelled, text)


def _spelled(match: re.Match[str]) -> str:
    return "-".join(match[0]) if match[0] in _SPELLED else match[0]
