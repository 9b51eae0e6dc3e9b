"""Which columns a column may attend to, as what is added to the attention scores: zero, or -inf.

Letters: B rows, L columns of the prompt. Prompts are padded on the left.
"""

import torch
from torch import Tensor


def prefill_bias(visible: Tensor, dtype: torch.dtype, mutual: int = 0) -> Tensor:
    """The bias (B, 1, L, L) of a prompt whose columns are ``visible`` (B, L): each sees those before it, and itself.

    The first ``mutual`` columns see each other. A column of padding sees itself alone, since a softmax over nothing
    would be NaN and spread.
    """
    length = visible.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=visible.device).tril()
    causal[:mutual, :mutual] = True
    own = torch.eye(length, dtype=torch.bool, device=visible.device)
    seen = (causal & visible[:, None, None]) | own
    return torch.zeros(seen.shape, dtype=dtype, device=visible.device).masked_fill_(~seen, float("-inf"))


def decode_bias(visible: Tensor, columns: int, dtype: torch.dtype) -> Tensor | None:
    """The bias (B, 1, 1, L + columns) of single columns after a prompt that is ``visible`` (B, L); None if all is."""
    if bool(visible.all()):
        return None
    bias = torch.zeros(visible.shape[0], 1, 1, visible.shape[1] + columns, dtype=dtype, device=visible.device)
    bias[:, 0, 0, : visible.shape[1]].masked_fill_(~visible, float("-inf"))
    return bias
