"""Japanese to Open JTalk's phonemes, with marks where the pitch of an accent phrase rises and falls.

Where it does is Kurihara et al., Prosodic Features Control by Symbols (IEICE Transactions E104-D, 2021).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from engine.systems.minimind.phones.tables import MARKS, SYMBOLS, UNKNOWN, Said, marked
from engine.text.ja.open_jtalk import Phoneme, phonemes

# Kana, Chinese characters, Latin letters and digits, of either width.
_READ = re.compile(
    "([A-Za-z\\d\u3005\u3007\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u3400-\u9fff\uff11-\uff19"
    "\uff21-\uff3a\uff41-\uff5a\uff66-\uff9d]+)"
)
_PERCENT = ("％", "パーセント")
_RISES, _FALLS = "[", "]"
# Between two accent phrases, of which the reference has no symbol.
_BETWEEN = UNKNOWN
_VOICELESS = str.maketrans("AIUEO", "aiueo")
_CLOSES_MORA = frozenset(("a", "i", "u", "e", "o", "A", "I", "U", "E", "O", "N", "cl"))
_KNOWN = frozenset(SYMBOLS)


def say(text: str, *, with_accents: bool) -> Said:
    """The phonemes of ``text``; what is neither read nor a mark nor a blank is UNKNOWN. Vowels are voiced with accents.

    Raises PackageMissing without Open JTalk.
    """
    said: list[str] = []
    left_out: list[str] = []
    for index, part in enumerate(_READ.split(marked(text.replace(*_PERCENT)))):
        if index % 2:
            sounds = [phoneme for phoneme in phonemes(part) if not phoneme.is_pause]
            said += _accented(sounds) if with_accents else [phoneme.name for phoneme in sounds]
            continue
        signs = "".join(part.split())
        said += [sign if sign in MARKS else UNKNOWN for sign in signs]
        left_out += [sign for sign in signs if sign not in MARKS]
    found = tuple(phone if phone in _KNOWN else UNKNOWN for phone in said)
    return Said(phones=found, counts=(1,) * len(found), left_out=tuple(left_out))


def _accented(sounds: Sequence[Phoneme]) -> Iterator[str]:
    for sound, after in pairwise((*sounds, None)):
        assert sound is not None
        yield sound.name.translate(_VOICELESS) if len(sound.name) == 1 else sound.name
        if after is None:
            continue
        if sound.left == 1 and after.place == 1 and sound.name in _CLOSES_MORA:
            yield _BETWEEN
        elif sound.from_accent == 0 and after.place == sound.place + 1 and sound.left > 1:
            yield _FALLS
        elif sound.place == 1 and after.place == 2:
            yield _RISES
