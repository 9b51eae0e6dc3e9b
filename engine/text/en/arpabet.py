"""How English words are pronounced: the dictionary of Carnegie Mellon University (BSD) in its own ARPAbet.

The table ships as a file. It was made by `derive` from eng_to_ipa 0.0.2 (MIT), which brings the dictionary; of several
pronunciations it holds the first, which is the likeliest. ``python -m engine.text.en.arpabet`` makes it again.
"""

import lzma
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

SHIPPED = Path(__file__).parents[3] / "assets" / "english_arpabet.txt.xz"


@lru_cache(maxsize=1)
def arpabet() -> Mapping[str, str]:
    """The phones of 125,000 words in lower case, vowels with their stress: ``world`` is ``W ER1 L D``.

    What a letter is called stands under the letter with a full stop.
    """
    with lzma.open(SHIPPED, "rt", encoding="utf-8") as lines:
        return dict(line.rstrip("\n").split(" ", 1) for line in lines)


def render(table: Mapping[str, str]) -> bytes:
    """The shipped file."""
    return lzma.compress("".join(f"{word} {table[word]}\n" for word in sorted(table)).encode("utf-8"), preset=9)


def derive() -> dict[str, str]:
    """The table as it follows from eng_to_ipa."""
    from eng_to_ipa.transcribe import mode_type

    return {word: phones[0].upper() for word, phones in mode_type("json").items()}


if __name__ == "__main__":
    SHIPPED.write_bytes(render(derive()))
