"""Text to the phonemes that Kokoro speaks: a front end for each of its nine languages.

docs/systems/kokoro.md, docs/kokoro-phonemes.md

English goes by dictionary, Japanese and Chinese by tables of kana and pinyin, five languages by espeak-ng.
"""

import re

from engine.systems.kokoro.phonemes import english, espeak
from engine.systems.kokoro.phonemes.pieces import Phonemes, Piece, Word, joined

__all__ = ["Phonemes", "Word", "phonemize"]

_BOPOMOFO = "ㄓ"
# What says nothing by itself: quotes, hyphens and strokes at words, and what opens a Spanish question, which is closed
# by a mark that is said.
_SAYS_NOTHING = frozenset("'’‘`\"-–*_/¿¡\u200b\ufeff")
_HAN = re.compile("[\u3400-\u9fff]")
_BLANKS = re.compile(r"\s+")


def phonemize(text: str, language: str, vocabulary: frozenset[str], *, published: bool = False) -> Phonemes:
    """``text`` as the phonemes of a model whose symbols are ``vocabulary``.

    ``language`` is the letter that the names of its voices begin with: a and b American and British English, e Spanish,
    f French, h Hindi, i Italian, j Japanese, p Brazilian Portuguese, z Mandarin.

    A vocabulary with bopomofo is that of v1.1-zh. The text has its numbers in words already; what is left of them is
    read in a simple way. ``published`` keeps the faults of the reference that ours mends. Takes time linear in the
    text. Raises EngineError or PackageMissing where a package that the language needs is missing.
    """
    text = _BLANKS.sub(" ", text).strip()
    silent: list[str] = []
    if language in espeak.VOICES:
        string = espeak.read(text, language)
        words = espeak.words(text, string)
        silent = espeak.mute(text, language)
    else:
        string, words, silent = joined(_pieces(text, language, vocabulary, published))
    left_out = dict.fromkeys(
        character
        for character in "".join(silent) + "".join(symbol for symbol in string if symbol not in vocabulary)
        if character not in _SAYS_NOTHING and not character.isspace()
    )
    return Phonemes(string, tuple(words), tuple(left_out))


def _pieces(text: str, language: str, vocabulary: frozenset[str], published: bool) -> list[Piece]:
    if language == "j":
        from engine.systems.kokoro.phonemes import japanese

        return japanese.read(text)
    # Chinese within English, too, is said as it is in Chinese.
    if language == "z" or (_HAN.search(text) and not published):
        from engine.systems.kokoro.phonemes import mandarin

        has_bopomofo = _BOPOMOFO in vocabulary
        dialect = "b" if language == "b" else "a"

        def read_other(words: str) -> list[Piece]:
            # The reference of v1.0 leaves them as they are.
            is_left = published and not has_bopomofo
            return [Piece(words, words)] if is_left else english.read(words, dialect, published=published)

        return mandarin.read(text, has_bopomofo=has_bopomofo, read_other=read_other)
    return english.read(text, language, published=published)
