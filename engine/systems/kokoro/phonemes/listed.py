"""Lists of words as they are written down in these front ends."""


def listed(words: str) -> frozenset[str]:
    """The words between the blanks of ``words``."""
    return frozenset(words.split())
