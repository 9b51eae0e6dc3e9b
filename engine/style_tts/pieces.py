"""Phonemes cut into pieces that the networks read at once. Imports no torch."""

from collections.abc import Iterator

# The position table has 512, but voices get noisy or hurried in long sentences before that.
MAX_PHONEMES = 400
# Where phonemes that are too many are cut: behind the first kind of mark that stands far enough from their beginning.
_CUTS = (".!?…", ";:—", ",")


def cut(phonemes: str, limit: int = MAX_PHONEMES) -> Iterator[str]:
    """Pieces of at most ``limit`` characters: cut behind marks, else at blanks, else where the limit falls."""
    return (phonemes[start:end] for start, end in cuts(phonemes, limit))


def cuts(phonemes: str, limit: int = MAX_PHONEMES) -> Iterator[tuple[int, int]]:
    """Where these pieces begin and end. White space at a cut belongs to none."""
    start, whole = 0, len(phonemes)
    while whole - start > limit:
        window = phonemes[start : start + limit + 1]
        ends = (max(window.rfind(f"{mark} ") for mark in marks) + 1 for marks in _CUTS)
        at = next((end for end in ends if end > limit // 4), 0) or window.rfind(" ")
        at = start + (at if at > 0 else limit)
        yield start, start + len(phonemes[start:at].rstrip())
        while at < whole and phonemes[at].isspace():
            at += 1
        start = at
    yield start, whole
