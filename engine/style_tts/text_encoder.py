"""The text encoder: phonemes to features for the decoder.

Letters: B batch, T phonemes, H channels.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from engine.nn.channel_norm import ChannelNorm

SLOPE = 0.2


class TextEncoder(nn.Module):
    """Embedding, convolutions, and a bidirectional LSTM that reads only what counts."""

    def __init__(self, n_token: int, channels: int, n_layer: int, *, kernel_size: int = 5) -> None:
        super().__init__()
        self.embedding = nn.Embedding(n_token, channels)
        blocks = [
            (nn.Conv1d(channels, channels, kernel_size, padding=kernel_size // 2), ChannelNorm(channels))
            for _ in range(n_layer)
        ]
        self.cnn = nn.ModuleList(nn.ModuleList(block) for block in blocks)
        self.lstm = nn.LSTM(channels, channels // 2, batch_first=True, bidirectional=True)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Features (B, H, T) of ``ids`` (B, T), of which ``lengths`` (B,) count; zero beyond."""
        padding = ~length_mask(lengths, ids.shape[1]).unsqueeze(1)
        x = self.embedding(ids).transpose(1, 2).masked_fill(padding, 0.0)
        for convolution, norm in self.cnn:
            x = F.leaky_relu(norm(convolution(x)), SLOPE).masked_fill(padding, 0.0)
        return run_lstm(self.lstm, x.transpose(1, 2), lengths).transpose(1, 2)


def length_mask(lengths: Tensor, size: int) -> Tensor:
    """True where a position counts: (B, size) from ``lengths`` (B,)."""
    return torch.arange(size, device=lengths.device) < lengths.unsqueeze(1)


def run_lstm(lstm: nn.LSTM, x: Tensor, lengths: Tensor) -> Tensor:
    """The LSTM's output (B, T, H) on ``x`` (B, T, C), of which ``lengths`` (B,) count; zero beyond."""
    packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(lstm(packed)[0], batch_first=True, total_length=x.shape[1])[0]
