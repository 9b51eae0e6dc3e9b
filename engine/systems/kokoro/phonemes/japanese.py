"""Japanese to phonemes: the words and readings of Open JTalk, then IPA by kana. docs/kokoro-phonemes.md#japanese

The model heard words as a list of theirs joined them. Here those of Open JTalk are joined by rules that say the same of
most texts: what is inflected is one word with its stem.
"""

import re
import unicodedata
from collections.abc import Iterator

from engine.systems.kokoro.phonemes.kana import ipa, plain_kana
from engine.systems.kokoro.phonemes.listed import listed
from engine.systems.kokoro.phonemes.pieces import Piece
from engine.text.ja.open_jtalk import Morpheme, morphemes

_OPENING = {"「": "“", "『": "“", "《": "“", "«": "“", "“": "“", "（": "(", "(": "(", "【": "(", "[": "("}
_CLOSING = {
    "」": "”", "』": "”", "》": "”", "»": "”", "”": "”", "）": ")", ")": ")", "】": ")", "]": ")",
    "。": ".", ".": ".", "．": ".", "、": ",", "，": ",", ",": ",", "？": "?", "?": "?", "！": "!", "!": "!",
    "：": ":", ":": ":", "；": ";", ";": ";", "…": "…", "‥": "…",
}  # fmt: skip
_DASHES = frozenset("〜～~—―–")
_MARKS = re.compile(f"([{re.escape(''.join({*_OPENING, *_CLOSING, *_DASHES}))}・\\s])")
# What compatibility forms would make of these is of no use.
_KEPT = re.compile("([…‥。、「」～〜：；（）])")
_WIDE_DASH = re.compile(r"[〜～](?=\d)")
_ACCENT = "’"
_INFLECTED = frozenset(("動詞", "形容詞", "助動詞"))
# Auxiliaries and particles that are one word with the verb before them.
_ENDINGS = listed(
    "た て で だ う よう ば ます ない なかっ なく なけれ れる られる れ られ せる させる せ させ たい "
    "たく たかっ ん ぬ ず"
)
_ATTACHED_PARTS = frozenset(("助動詞", "助詞", "動詞"))
_STOPS = frozenset(("て", "で", "ば"))
_COPULA = frozenset(("です", "だ", "な", "でしょ", "だろ", "らしい"))
_GLOTTAL = "ʔ"


def read(text: str) -> list[Piece]:
    """The words and marks of ``text``. Raises PackageMissing without the package of Open JTalk."""
    pieces: list[Piece] = []
    for part in _MARKS.split(_normal(text)):
        if not part or part.isspace() or part == "・":
            _blank(pieces)
        elif part in _OPENING:
            _blank(pieces)
            pieces.append(Piece(part, _OPENING[part]))
        elif part in _CLOSING or part in _DASHES:
            if pieces and part in _CLOSING:
                pieces[-1] = Piece(pieces[-1].text, pieces[-1].phonemes)
            pieces.append(Piece(part, _CLOSING.get(part, "—"), blank=part in _CLOSING))
        else:
            pieces += _words(part)
    return pieces


def _normal(text: str) -> str:
    text = plain_kana(_WIDE_DASH.sub("から", text))
    parts = _KEPT.split(text)
    return "".join(part if index % 2 else unicodedata.normalize("NFKC", part) for index, part in enumerate(parts))


def _blank(pieces: list[Piece]) -> None:
    """A blank behind the last word; not behind an opening mark."""
    if pieces and pieces[-1].text not in _OPENING:
        pieces[-1] = Piece(pieces[-1].text, pieces[-1].phonemes, blank=True)


def _words(text: str) -> Iterator[Piece]:
    """The words of what stands between marks, a blank between them but where a stop of the glottis is."""
    said = [(written, ipa(kana)) for written, kana in joined(morphemes(text))]
    for at, (written, phonemes) in enumerate(said):
        after = said[at + 1][1] if at + 1 < len(said) else ""
        blank = bool(after) and not phonemes.endswith(_GLOTTAL) and not after.startswith(_GLOTTAL)
        yield Piece(written, phonemes, blank=blank)


def joined(found: list[Morpheme]) -> Iterator[tuple[str, str]]:
    """Words as they are written and as they are said, inflected ones whole."""
    written, said, before = "", "", None
    for morpheme in found:
        kana = morpheme.said.replace(_ACCENT, "")
        if before is not None and _belongs(morpheme, before):
            written, said = written + morpheme.written, said + kana
        else:
            if before is not None:
                yield unicodedata.normalize("NFKC", written), said
            written, said = morpheme.written, kana
        before = morpheme
    if before is not None:
        yield unicodedata.normalize("NFKC", written), said


def _belongs(morpheme: Morpheme, before: Morpheme) -> bool:
    """Whether it is of one word with the one before: an ending with its stem."""
    if morpheme.said.startswith("ー"):
        return True
    if before.part not in _INFLECTED or morpheme.part not in _ATTACHED_PARTS or before.written in _COPULA:
        return False
    return morpheme.written in _ENDINGS and before.written not in _STOPS
