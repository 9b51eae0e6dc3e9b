"""How Hangul is pronounced, in IPA, by the optional package ko_pron (MIT): sounds as their neighbours change them."""

import re
from functools import lru_cache
from typing import Any

from engine.text.packages import KOREAN_IPA

_RUN = re.compile("[\uac00-\ud7a3]+")
# It gives every pronunciation that a word may have.
_OR = "] ~ ["


def pronounce(text: str) -> str:
    """``text`` with every run of Hangul in IPA, the first where there are several. Raises EngineError without ko_pron.

    Takes time linear in the text.
    """
    return _RUN.sub(lambda match: _library().romanise(match[0], "ipa").partition(_OR)[0], text)


@lru_cache(maxsize=1)
def _library() -> Any:
    return KOREAN_IPA.opened()
