"""Chinese voices that are given pinyin: each syllable as initial, final and tone. docs/systems/vits.md#piper-voices.

Which of its readings a character has is decided by pypinyin (MIT, its phrases and a dictionary) where the trainer has a
language model, so that a few are other ones.
"""

import re
from collections.abc import Iterator

from engine.systems.vits.layouts.piper.voice import BEGIN, END, PAD, VoiceConfig
from engine.systems.vits.text import Encoded

NO_INITIAL = "Ø"
_SYLLABLE = re.compile(r"(?P<letters>[a-zê]+)(?P<tone>[1-5])")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
# What stands for a mark that the voice does not know itself.
_MARKS = {".": "。", "?": "？", "!": "！", "…": "。", **dict.fromkeys(",、;；:：—", "，")}
# The longest first.
_INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")
# How a table may spell ü.
_FORMS = ("v", "ü", "u")


class PinyinEncoder:
    """Symbols of pinyin, with blanks between them, to ids: one pad behind each syllable and each mark."""

    def __init__(self, config: VoiceConfig) -> None:
        self.config = config

    def fit(self, symbols: str, mark: str) -> str:
        """``symbols`` with what the voice has for ``mark`` ("": none) behind them."""
        return " ".join([symbols, *self._others(mark)])

    def encode(self, text: str) -> Encoded:
        """The ids of symbols such as ``n i 3 h ao 3 。``; what has none is left out."""
        table = self.config.ids
        known = [symbol for symbol in text.split() if symbol in table]
        ids = [*table[BEGIN]]
        for symbol in known:
            ids += table[symbol]
            if not symbol.isalpha():
                ids += table[PAD]
        return Encoded(
            ids=(*ids, *table[END]),
            symbols=" ".join(known),
            spoken=sum(map(str.isalnum, known)),
            unknown=tuple(dict.fromkeys(symbol for symbol in text.split() if symbol not in table)),
        )

    def read(self, text: str) -> str:
        """Chinese ``text`` in such symbols. A mark without one is another pause; the rest stays, and will be missed."""
        from pypinyin import Style, lazy_pinyin

        symbols: list[str] = []
        at = 0
        for match in _HAN.finditer(text):
            symbols += self._others(text[at : match.start()])
            for syllable in lazy_pinyin(match[0], style=Style.TONE3, neutral_tone_with_five=True):
                symbols += self._parts(syllable)
            at = match.end()
        return " ".join([*symbols, *self._others(text[at:])])

    def _others(self, text: str) -> Iterator[str]:
        for mark in text:
            if not mark.isspace():
                yield mark if mark in self.config.ids else _MARKS.get(mark, mark)

    def _parts(self, syllable: str) -> list[str]:
        """A syllable's initial, final and tone; as it is where it is none."""
        match = _SYLLABLE.fullmatch(syllable.replace("ü", "v"))
        if match is None:
            return [syllable]
        letters, tone = match["letters"], match["tone"]
        initial = next((each for each in _INITIALS if letters.startswith(each)), "")
        final = letters.removeprefix(initial)
        if initial and initial not in self.config.ids:
            # Of a voice whose table has no y and w, finals are as they sound: yi is i, wo is uo.
            from pypinyin.contrib.tone_convert import to_finals, to_initials

            initial, final = to_initials(letters, strict=True), to_finals(letters, strict=True, v_to_u=False)
        spelled = (final.replace("v", form) for form in _FORMS)
        known = next((each for each in spelled if each in self.config.ids), "")
        return [initial or NO_INITIAL, known, tone] if known else [syllable]
