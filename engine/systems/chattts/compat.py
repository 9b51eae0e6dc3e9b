"""The reference's text front end, to the letter: what it maps, replaces and deletes. Specification, 4.1 to 4.4.

It deletes digits, quotes, question marks and all scripts but two without a word; what is spoken unless ``compat`` is
asked for comes from `engine.systems.chattts.text`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from engine.systems.chattts.characters import code_points, outside, replaced, spans, to_text

Normalizer = Callable[[str], str]

_CJK = (0x4E00, 0x9FFF)
_BMP = 0x10000
_TAG = re.compile(r"\[[\w_]+\]")
_WORD = re.compile(r"\b[A-Za-z]+\b")
_SENTENCE = re.compile(r"(?<=。)|(?<=\.\s)")


def _table(sources: str, targets: str) -> np.ndarray:
    table = np.arange(_BMP, dtype=np.uint32)
    table[list(map(ord, sources))] = list(map(ord, targets))
    return table


def _allowed(characters: str) -> np.ndarray:
    allowed = np.zeros(_BMP, np.bool_)
    allowed[list(map(ord, characters))] = True
    allowed[_CJK[0] : _CJK[1] + 1] = True
    return allowed


_FULL_WIDTH = _table("!\"'#$%&(),-*+./:;<=>?@\\^`{|}~", "！“‘＃＄％＆（），－＊＋。／：；＜＝＞？＠＼＾｀｛｜｝～")
_PAUSES = _table("：；（）【】『』「」《》－！:;()><-!", "，，，，，，，，，，，，，。,,,,,,,.")
ALLOWED = _allowed("，。、,. " + "".join(map(chr, [*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)])))


def language_of(text: str) -> str:
    """'zh' when there are more Chinese characters than Latin words, else 'en'.

    Letters that touch Chinese characters make no word.
    """
    codes = code_points(text)
    characters = int(((codes >= _CJK[0]) & (codes <= _CJK[1])).sum())
    return "zh" if characters > len(_WORD.findall(text)) else "en"


def split_pieces(text: str) -> list[str]:
    """The pieces that the reference speaks one by one: lines where there are some, else sentences. Section 4.1."""
    if "\n" in text:
        return text.split("\n")
    return [piece for piece in _SENTENCE.split(text) if piece]


def map_text(text: str, change: Normalizer) -> str:
    """``text`` with ``change`` applied to all but its bracketed tags, put together as the reference does: by number.

    The n-th text is followed by the n-th tag, and tags without a text are lost.
    """
    texts, tags = spans(code_points(text))
    kept = [text[start:end] for start, end in tags.tolist()]
    parts = [change(text[start:end]) for start, end in texts.tolist()]
    if not kept:
        return parts[0] if parts else ""
    return "".join(_interleaved(parts, kept))


def _interleaved(texts: Sequence[str], tags: Sequence[str]) -> Iterator[str]:
    for index, part in enumerate(texts):
        yield part
        if index < len(tags):
            yield tags[index]


def clean(
    text: str,
    *,
    normalize: bool = True,
    language: str = "",
    homophones: Mapping[str, str] | None = None,
    normalizers: Mapping[str, Normalizer] | None = None,
) -> str:
    """What the reference makes of a piece of text before it is tokenized.

    ``normalize`` widens the marks of Chinese text, after the normaliser for the language, if there is one.
    ``language`` is zh or en ('': from the text). ``homophones`` replaces characters by others of the same sound.
    """
    if normalize:
        language = language or language_of(text)
        if language in (normalizers or {}):
            text = map_text(text, normalizers[language])
        if language == "zh":
            text = to_text(replaced(code_points(text), _FULL_WIDTH))
    invalid = bool(outside(code_points(_TAG.sub("", text)), ALLOWED).any())
    if invalid:
        text = to_text(replaced(code_points(text), _PAUSES))
    if homophones:
        text = text.translate(str.maketrans(dict(homophones)))
    return map_text(text, only_allowed) if invalid else text


def only_allowed(text: str) -> str:
    """``text`` without what the model cannot read."""
    codes = code_points(text)
    return to_text(codes[~outside(codes, ALLOWED)])
