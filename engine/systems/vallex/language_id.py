"""Which of the three languages a text is in, as the reference tells them apart: by what strings of bytes it holds.

The table ships as a file. It was made by `derive` from the model of langid 1.1.6 (BSD), restricted to English, Chinese
and Japanese (docs/systems/vallex.md#languages): for 7480 strings of one to four bytes, how much each says for zh and
for ja against en. ``python -m engine.systems.vallex.language_id`` makes it again.
"""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

SHIPPED = Path(__file__).parents[3] / "assets" / "vallex_languages.npz"
LANGUAGES = ("en", "zh", "ja")
_LONGEST = 4  # bytes


class _Table(NamedTuple):
    """The row of each string, what rows (n, 2) and no string at all (2,) say for zh and ja against en."""

    rows: dict[bytes, int]
    weights: np.ndarray
    prior: np.ndarray


def language_of(text: str) -> str:
    """``en``, ``zh`` or ``ja``; ``en`` for a text of nothing. Japanese in Chinese characters alone is taken for zh."""
    table = _table()
    written = text.encode("utf-8", "surrogatepass")
    score = table.prior.copy()
    for size in range(1, _LONGEST + 1):
        found = (table.rows.get(written[at : at + size]) for at in range(len(written) - size + 1))
        rows = [row for row in found if row is not None]
        score += table.weights[rows].sum(axis=0, dtype=np.float64)
    return LANGUAGES[int(np.argmax([0.0, *score]))]


@lru_cache(maxsize=1)
def _table() -> _Table:
    with np.load(SHIPPED) as stored:
        lengths, strings = stored["lengths"], stored["strings"]
        rows = {row[:length].tobytes(): index for index, (row, length) in enumerate(zip(strings, lengths, strict=True))}
        return _Table(rows, stored["weights"], stored["prior"].astype(np.float64))


def derive() -> dict[str, np.ndarray]:
    """What ships: ``strings`` (n, 4) padded with 0, their ``lengths`` (n,), ``weights`` (n, 2), ``prior`` (2,)."""
    from langid.langid import LanguageIdentifier, model

    full = LanguageIdentifier.from_modelstring(model)
    strings = _strings(full.tk_nextmove, full.tk_output)
    order = sorted(strings, key=strings.__getitem__)
    columns = [full.nb_classes.index(language) for language in LANGUAGES]
    says = np.asarray(full.nb_ptc, np.float64)[order][:, columns]
    prior = np.asarray(full.nb_pc, np.float64)[columns]
    padded = [np.frombuffer(strings[feature].ljust(_LONGEST, b"\0"), np.uint8) for feature in order]
    return {
        "strings": np.stack(padded),
        "lengths": np.array([len(strings[feature]) for feature in order], np.uint8),
        "weights": (says[:, 1:] - says[:, :1]).astype(np.float32),
        "prior": (prior[1:] - prior[0]).astype(np.float32),
    }


def _strings(moves: "np.ndarray", outputs: dict[int, list[int]]) -> dict[int, bytes]:
    """The string of each feature of an automaton: that of the first state, from the start on, which tells of it."""
    path, todo = {0: b""}, [0]
    found: dict[int, bytes] = {}
    while todo:
        reached = []
        for state in todo:
            for feature in outputs.get(state, ()):
                found.setdefault(feature, path[state])
            for byte in range(256):
                after = int(moves[(state << 8) + byte])
                if after not in path:
                    path[after] = path[state] + bytes([byte])
                    reached.append(after)
        todo = reached
    return found


if __name__ == "__main__":
    np.savez_compressed(SHIPPED, **derive())  # type: ignore[arg-type]
