"""Japanese text to phonemes and accents through Open JTalk (BSD), with the optional package pyopenjtalk-plus (MIT).

pyopenjtalk, which goes by the same name, would fetch its dictionary by itself; here only one that is on the machine
already is used.
"""

import contextlib
import io
import os
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import PackageMissing
from engine.forking import shared_lock
from engine.text.packages import JAPANESE

DICTIONARY = "OPEN_JTALK_DICT_DIR"
# Where Debian's package open-jtalk-mecab-naist-jdic puts it.
DEBIAN = Path("/var/lib/mecab/dic/open-jtalk/naist-jdic")
_LABEL = re.compile(r"-(?P<phoneme>[^+]*)\+[^/]*/A:(?P<from_accent>-?\d+|xx)\+(?P<place>\d+|xx)\+(?P<left>\d+|xx)/")
_PAUSES = ("sil", "pau")
# It copies a text into 8192 bytes, three a character, and ends the process where they do not suffice.
_MOST = 500
# It keeps its state in the library.
_OPEN_JTALK = shared_lock()


class Phoneme(NamedTuple):
    """A phoneme of Japanese, and where its mora stands in its accent phrase.

    ``from_accent`` is 0 on the mora after which the pitch falls, ``place`` counts the moras from 1 on, ``left`` from
    the end of the phrase, where it is 1.
    """

    name: str
    from_accent: int
    place: int
    left: int

    @property
    def is_pause(self) -> bool:
        """Whether it is silence."""
        return self.name in _PAUSES


class Morpheme(NamedTuple):
    """A word as it is written and as it is said, and its part of speech, in the names of the dictionary."""

    written: str
    said: str
    part: str


def phonemes(text: str) -> list[Phoneme]:
    """The phonemes of ``text``, silence at both ends included; numbers and Latin letters are read as in Japanese.

    Raises PackageMissing when the package or its dictionary is missing. Safe to call from any thread.
    """
    spoken: list[Phoneme] = []
    for at in range(0, len(text), _MOST):
        with _OPEN_JTALK:
            spoken += parse(_library().extract_fullcontext(text[at : at + _MOST]))
    return spoken


def morphemes(text: str) -> list[Morpheme]:
    """The words of ``text`` and how each is said in katakana. Raises PackageMissing as `phonemes` does."""
    found: list[Morpheme] = []
    for at in range(0, len(text), _MOST):
        with _OPEN_JTALK:
            features = _library().run_frontend(text[at : at + _MOST])
        found += [Morpheme(each["string"], each["pron"], each["pos"]) for each in features]
    return found


@lru_cache(maxsize=4096)
def is_mute(character: str) -> bool:
    """Whether a character by itself has no sound. Raises PackageMissing as `phonemes` does."""
    return all(phoneme.is_pause for phoneme in phonemes(character))


def parse(labels: list[str]) -> list[Phoneme]:
    """The phonemes of full-context labels."""
    return [
        Phoneme(match["phoneme"], *(0 if number == "xx" else int(number) for number in match.groups()[1:]))
        for match in map(_LABEL.search, labels)
        if match
    ]


@lru_cache(maxsize=1)
def _library() -> Any:
    """Under the lock."""
    if DICTIONARY not in os.environ and DEBIAN.is_dir() and not _has_dictionary():
        os.environ[DICTIONARY] = str(DEBIAN)
    # It says what else could be installed, which is nothing that we use.
    with contextlib.redirect_stderr(io.StringIO()):
        library = JAPANESE.opened()
    folder = getattr(library, DICTIONARY, b"")
    if folder and not Path(os.fsdecode(folder)).is_dir():
        raise PackageMissing(
            "pyopenjtalk has no dictionary in {folder}; install Debian's open-jtalk-mecab-naist-jdic, or name its "
            "folder in the environment variable {variable}",
            folder=os.fsdecode(folder),
            variable=DICTIONARY,
        )
    return library


def _has_dictionary() -> bool:
    """Whether the package holds one itself, as pyopenjtalk-plus does."""
    try:
        spec = find_spec(JAPANESE.module)
    except ValueError:
        return False
    return bool(spec and spec.origin and (Path(spec.origin).parent / "dictionary").is_dir())
