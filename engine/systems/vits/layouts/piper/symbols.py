"""The symbols of a voice to its ids, framed as voices are trained: docs/systems/vits.md#piper-voices."""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain

from engine.systems.vits.layouts.piper.voice import BEGIN, END, PAD, VoiceConfig
from engine.systems.vits.text import Encoded


class PhonemeEncoder:
    """Phonemes or letters to ids: a pad behind the begin mark and behind every symbol, none behind the end mark."""

    def __init__(self, config: VoiceConfig) -> None:
        self.config = config
        self._clusters: dict[str, list[tuple[str, ...]]] = {}
        for cluster in config.clusters:
            if "".join(cluster) in config.ids:
                self._clusters.setdefault(cluster[0], []).append(cluster)

    def knows(self, symbol: str) -> bool:
        """Whether the voice has ids for a symbol, or others in its place."""
        return symbol in self.config.ids or symbol in self.config.replaced

    def fit(self, symbols: str, mark: str) -> str:
        """``symbols`` with ``mark`` ("": none) behind them; capitals that the voice does not know become small."""
        small = (point.lower() if not self.knows(point) and self.knows(point.lower()) else point for point in symbols)
        return "".join(small).rstrip() + (mark if self.knows(mark) else "")

    def encode(self, text: str) -> Encoded:
        """The ids of a text in the voice's symbols, a code point each; what has none is left out.

        A letter that the voice does not know as a whole is taken as its base and marks (NFD).
        """
        points = [*chain.from_iterable(point if self.knows(point) else unicodedata.normalize("NFD", point)
                                       for point in text)]  # fmt: skip
        known = [point for point in points if self.knows(point)]
        ids, missing = self._ids(chain.from_iterable(self.config.replaced.get(point, (point,)) for point in known))
        return Encoded(
            ids=ids,
            symbols="".join(known),
            spoken=sum(map(str.isalnum, known)),
            unknown=tuple(dict.fromkeys([*(point for point in points if not self.knows(point)), *missing])),
        )

    def _ids(self, symbols: Iterable[str]) -> tuple[tuple[int, ...], list[str]]:
        """The framed ids, and the symbols that have none."""
        table = self.config.ids
        pad = table[PAD]
        ids, missing = [*table[BEGIN], *pad], list[str]()
        for symbol in self._clustered([*symbols]):
            if symbol in table:
                ids += (*table[symbol], *pad)
            else:
                missing.append(symbol)
        return (*ids, *table[END]), missing

    def _clustered(self, symbols: list[str]) -> Iterator[str]:
        """The symbols with those that stand together as one, from the left, the longest first."""
        at = 0
        while at < len(symbols):
            fitting = (
                cluster
                for cluster in self._clusters.get(symbols[at], ())
                if tuple(symbols[at : at + len(cluster)]) == cluster
            )
            cluster = next(fitting, (symbols[at],))
            yield "".join(cluster)
            at += len(cluster)
