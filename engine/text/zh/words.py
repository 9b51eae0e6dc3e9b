"""Chinese cut into words by jieba (MIT), whose dictionary the public models of VALL-E X heard in training.

Its cache, a file of any user's in the folder for temporary files, is neither read nor written.
"""

import warnings
from functools import lru_cache
from typing import Any

from engine.errors import EngineError
from engine.forking import shared_lock

_OPENING = shared_lock()


def words(text: str) -> list[str]:
    """The words of ``text`` in order, nothing left out; marks and white space are words of their own.

    Opens the dictionary at the first call, which takes seconds and 100 MB. Raises EngineError without jieba.
    """
    with _OPENING:
        tokenizer = _tokenizer()
    return list(tokenizer.cut(text))


def tagged(text: str) -> list[tuple[str, str]]:
    """The same with the part of speech of each word, as jieba names it: ``n``, ``v``, ``r``, ``x`` for what has none.

    Words that the dictionary lacks may be cut otherwise than `words` cuts them. A character that neither the dictionary
    nor the model of jieba knows is a word of its own: the model would try all that it could be, 7 ms for each.
    """
    with _OPENING:
        tagger, known = _tagger()
    listed = tagger.tokenizer.FREQ
    found: list[tuple[str, str]] = []
    begin = 0
    for at, character in enumerate(text):
        if character in known or not "\u3400" <= character <= "\u9fff":
            continue
        if listed.get(text[at : at + 2]) is None and listed.get(text[max(at - 1, 0) : at + 1]) is None:
            found += [*_tagged(tagger, text[begin:at]), (character, "x")]
            begin = at + 1
    return [*found, *_tagged(tagger, text[begin:])]


def _tagged(tagger: Any, text: str) -> list[tuple[str, str]]:
    return [(pair.word, pair.flag) for pair in tagger.cut(text)]


def knows(word: str) -> bool:
    """Whether ``word`` is in the dictionary."""
    with _OPENING:
        tokenizer = _tokenizer()
    return bool(tokenizer.FREQ.get(word))


def within(word: str) -> list[str]:
    """``word``, or the pieces that it is cut into, and before each the words of two and three characters in it."""
    with _OPENING:
        tokenizer = _tokenizer()
    return list(tokenizer.cut_for_search(word))


@lru_cache(maxsize=1)
def _tagger() -> tuple[Any, Any]:
    """And the characters that its model knows."""
    tokenizer = _tokenizer()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from jieba import posseg
        from jieba.posseg.char_state_tab import P as known
    return posseg.POSTokenizer(tokenizer), known


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    try:
        with warnings.catch_warnings():
            # It is compiled with escapes that newer Pythons warn of, and looks for a package that they lack.
            warnings.simplefilter("ignore")
            import jieba
    except ImportError as error:
        raise EngineError("reading Chinese needs the package jieba; install requirements.txt") from error
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer
