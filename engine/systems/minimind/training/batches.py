"""Batches of sequences of similar length, the same ones for the same epoch, with pairs of one speaker among them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.errors import ConfigError
from engine.systems.minimind.networks.lm import Laid, lay_out
from engine.systems.minimind.training.preparation import Utterance

# Batches whose items are sorted by length together: the shorter ones are padded less, and batches still differ.
POOL = 32

# The numbers of an item's utterances: one, or two of a speaker, the second behind the first.
Item = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """The batches of one of ``replicas`` processes. Every epoch begins an item with each utterance once.

    ``pairs`` is the share of items that go on with another utterance of the speaker, if that leaves them ``longest``
    columns or fewer.
    """

    utterances: Sequence[Utterance]
    batch_size: int
    longest: int
    seed: int
    pairs: float = 0.0
    replicas: int = 1
    rank: int = 0

    def __post_init__(self) -> None:
        if not self.utterances:
            raise ConfigError("no recording is left to train on; see above what was left out")

    def __len__(self) -> int:
        """Batches of one process in an epoch."""
        return -(-len(self.utterances) // (self.batch_size * self.replicas))

    def of_epoch(self, epoch: int) -> list[list[Item]]:
        """The batches of ``epoch``, in order."""
        source = random.Random(f"{self.seed} {epoch}")
        items = self._items(source)
        whole = len(self) * self.batch_size * self.replicas
        items += [items[index % len(items)] for index in range(whole - len(items))]
        pool = POOL * self.batch_size * self.replicas
        batches: list[list[Item]] = []
        for start in range(0, whole, pool):
            near = sorted(items[start : start + pool], key=self._columns)
            # Neighbours go to different processes, so that none waits for another.
            mine = near[self.rank :: self.replicas]
            batches += [mine[at : at + self.batch_size] for at in range(0, len(mine), self.batch_size)]
        order = list(range(len(batches)))
        source.shuffle(order)
        return [batches[number] for number in order]

    def laid(self, batch: Sequence[Item]) -> Laid:
        """A batch as sequences side by side: texts joined, then codes joined."""
        texts = [np.concatenate([self.utterances[n].ids for n in item]) for item in batch]
        codes = [np.concatenate([self.utterances[n].codes for n in item]).astype(np.int64) for item in batch]
        return lay_out(texts, codes, closed=True)

    def _items(self, source: random.Random) -> list[Item]:
        order = list(range(len(self.utterances)))
        source.shuffle(order)
        if not self.pairs:
            return [(number,) for number in order]
        of_speaker: dict[str, list[int]] = {}
        for number, utterance in enumerate(self.utterances):
            of_speaker.setdefault(utterance.speaker, []).append(number)
        items: list[Item] = []
        for number in order:
            other = source.choice(of_speaker[self.utterances[number].speaker])
            is_pair = source.random() < self.pairs and other != number
            pair = (number, other)
            items.append(pair if is_pair and self._columns(pair) <= self.longest else (number,))
        return items

    def _columns(self, item: Item) -> int:
        return sum(self.utterances[number].columns - 3 for number in item) + 3
