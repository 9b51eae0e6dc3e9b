"""The keys and values that a decoding transformer has seen, in memory that is taken once.

Letters: B rows, T new columns, S columns seen, D width of a head. Heads are those of keys and values.
"""

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

# Where rows keep what they have seen, for code that finds its own way, all int64 (B,): the address of a row's first
# key, from there the bytes to the next layer, to its values, and to the next head; and the ``column`` that is new. The
# columns (C, D) of a head lie together. Rows may be of several caches, which must be there as long as this is used.
Places = namedtuple("Places", ("start", "layer", "values", "head", "column"))


@dataclass(frozen=True, slots=True)
class Columns:
    """A layer's view: where its ``new`` keys and values go (B, 2, heads, T, D); all it may read, (B, heads, S, D)."""

    new: Tensor
    keys: Tensor
    values: Tensor


class KeyValueCache:
    """Keys and values of all layers for up to ``rows`` rows and ``capacity`` columns.

    ``length`` columns of ``rows`` rows are in use. Pages of memory are only touched when they are written, so that a
    generous capacity costs nothing on the CPU.
    """

    def __init__(
        self, layers: int, rows: int, heads: int, capacity: int, head_dim: int, *, dtype: torch.dtype, device: object
    ) -> None:
        self.rows, self.length = rows, 0
        self._store = torch.empty(layers, rows, 2, heads, capacity, head_dim, dtype=dtype, device=device)

    def extend(self, columns: int) -> list[Columns]:
        """Take ``columns`` more into use; each layer, in order, writes its own and may then read all.

        The views of all layers are made at once: at one column a step, making them is what a cache costs.
        """
        start, self.length = self.length, self.length + columns
        seen = self._store[:, : self.rows, :, :, : self.length]
        new, keys, values = seen[:, :, :, :, start:].unbind(), seen[:, :, 0].unbind(), seen[:, :, 1].unbind()
        return [Columns(*views) for views in zip(new, keys, values, strict=True)]

    def append(self) -> Places:
        """Take one more column of every row into use, for code that finds its own way."""
        self.length += 1
        layer, row, values, head = (stride * self._store.itemsize for stride in self._store.stride()[:4])
        each = np.ones(self.rows, np.int64)
        start = self._store.data_ptr() + row * np.arange(self.rows)
        return Places(start, layer * each, values * each, head * each, (self.length - 1) * each)

    def repeat(self, copies: int) -> None:
        """Every row in use becomes ``copies`` of itself, side by side; there must be place for them."""
        used = self._store[:, :, :, :, : self.length]
        for row in reversed(range(self.rows)):
            used[:, row * copies : (row + 1) * copies] = used[:, row : row + 1].clone()
        self.rows *= copies

    def keep(self, rows: Sequence[int]) -> None:
        """Only ``rows`` (ascending) go on; they close up, so that row rows[i] becomes row i."""
        used = self._store[:, :, :, :, : self.length]
        for target, source in enumerate(rows):
            if target != source:
                used[:, target] = used[:, source]
        self.rows = len(rows)
