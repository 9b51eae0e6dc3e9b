"""Chinese cut into words by jieba (MIT), whose dictionary the public models of VALL-E X heard in training.

Its cache, a file of any user's in the folder for temporary files, is neither read nor written.
"""

import warnings
from functools import lru_cache
from threading import Lock
from typing import Any

from engine.errors import EngineError

_OPENING = Lock()


def words(text: str) -> list[str]:
    """The words of ``text`` in order, nothing left out; marks and white space are words of their own.

    Opens the dictionary at the first call, which takes seconds and 100 MB. Raises EngineError without jieba.
    """
    with _OPENING:
        tokenizer = _tokenizer()
    return list(tokenizer.cut(text))


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
