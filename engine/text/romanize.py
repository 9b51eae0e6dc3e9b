"""Text of any script in Latin letters, through the optional package uroman (Hermjakob, May and Knight, ACL 2018)."""

from functools import lru_cache
from typing import Any

from engine.text.packages import LATIN


def romanize(text: str) -> str:
    """``text`` in Latin letters; text in ASCII as it is. The first call takes seconds.

    No language is named: the models that are given such text were trained on what it makes so. Time grows somewhat
    faster than the text: to be called with a few sentences at a time. Raises PackageMissing without the package.
    """
    return text if text.isascii() else str(_library().romanize_string(text))


@lru_cache(maxsize=1)
def _library() -> Any:
    return LATIN.opened().Uroman()
