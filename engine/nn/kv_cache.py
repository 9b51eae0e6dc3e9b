"""The keys and values that a decoding transformer has seen, in memory that is taken once.

Letters: B rows, S columns, D width of a head.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


class KeyValueCache:
    """Keys and values of all layers for up to ``rows`` texts and ``capacity`` columns.

    ``length`` columns of ``rows`` rows are in use; both are advanced by the caller. Pages of memory are only touched
    when they are written, so a generous capacity costs nothing on the CPU.
    """

    def __init__(
        self, layers: int, rows: int, heads: int, capacity: int, head_dim: int, *, dtype: torch.dtype, device: object
    ) -> None:
        self.rows, self.length, self.capacity = rows, 0, capacity
        self._store = torch.empty(layers, 2, rows, heads, capacity, head_dim, dtype=dtype, device=device)
        self._layers = [layer.unbind(0) for layer in self._store.unbind(0)]

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Write ``keys`` and ``values`` (rows, heads, T, D) behind the columns in use; returns views of them all.

        ``length`` stays: call `advance` once all layers have written.
        """
        end = self.length + keys.shape[2]
        all_keys, all_values = (store[: self.rows, :, :end] for store in self._layers[layer])
        all_keys[:, :, self.length :] = keys
        all_values[:, :, self.length :] = values
        return all_keys, all_values

    def advance(self, columns: int) -> None:
        """Count ``columns`` more as in use."""
        self.length += columns

    def keep(self, rows: Sequence[int]) -> None:
        """Only ``rows`` (ascending) go on; they close up, so that row rows[i] becomes row i."""
        used = self._store[:, :, :, :, : self.length]
        for target, source in enumerate(rows):
            if target != source:
                used[:, :, target] = used[:, :, source]
        self.rows = len(rows)
