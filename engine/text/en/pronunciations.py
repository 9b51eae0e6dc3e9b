"""How English words are pronounced: the dictionary of Carnegie Mellon University in IPA, as VALL-E X learned it.

The table ships as a file. It was made by `derive` from eng_to_ipa 0.0.2 (MIT), which writes the dictionary (BSD) in IPA
with marks of stress; of several pronunciations it holds the last by the alphabet, whatever is meant, because that is
what the public model heard in training (docs/systems/vallex.md#english).
``python -m engine.text.en.pronunciations`` makes it again.
"""

import gzip
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

SHIPPED = Path(__file__).parents[3] / "assets" / "english_ipa.txt.gz"


@lru_cache(maxsize=1)
def pronunciations() -> Mapping[str, str]:
    """The IPA of 125,000 words in lower case: ``world`` is ``wərld``. With ``ʤ``, ``ʧ`` and a plain ``r``."""
    with gzip.open(SHIPPED, "rt", encoding="utf-8") as lines:
        return dict(line.rstrip("\n").split(" ", 1) for line in lines)


def render(table: Mapping[str, str]) -> bytes:
    """The shipped file."""
    lines = "".join(f"{word} {table[word]}\n" for word in sorted(table))
    return gzip.compress(lines.encode("utf-8"), 9, mtime=0)


def derive() -> dict[str, str]:
    """The table as it follows from eng_to_ipa."""
    from eng_to_ipa.transcribe import cmu_to_ipa, mode_type

    return {word: cmu_to_ipa([phones])[0][-1] for word, phones in mode_type("json").items()}


if __name__ == "__main__":
    SHIPPED.write_bytes(render(derive()))
