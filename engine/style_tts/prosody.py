"""The prosody predictor: how long each phoneme takes, and the pitch and energy of each half frame.

Letters: B batch, T phonemes, L frames, H channels, S size of a style.
"""

import torch
from torch import Tensor, nn

from engine.style_tts.adain import AdainResBlk1d, AdaLayerNorm
from engine.style_tts.text_encoder import length_mask, run_lstm


class ProsodyPredictor(nn.Module):
    """Durations from encoded phonemes; pitch and energy from the same, expanded to frames."""

    def __init__(self, style_dim: int, hidden_dim: int, n_layer: int, max_dur: int) -> None:
        super().__init__()
        self.text_encoder = DurationEncoder(style_dim, hidden_dim, n_layer)
        self.lstm = _bidirectional(hidden_dim + style_dim, hidden_dim)
        self.duration_proj = nn.Linear(hidden_dim, max_dur)
        self.shared = _bidirectional(hidden_dim + style_dim, hidden_dim)
        self.F0 = _stack(style_dim, hidden_dim)
        self.N = _stack(style_dim, hidden_dim)
        self.F0_proj = nn.Conv1d(hidden_dim // 2, 1, 1)
        self.N_proj = nn.Conv1d(hidden_dim // 2, 1, 1)

    def encode(self, text: Tensor, style: Tensor, lengths: Tensor) -> Tensor:
        """Phonemes (B, H, T) with the prosodic ``style`` (B, S) in them: (B, T, H + S), zero beyond ``lengths``."""
        return self.text_encoder(text, style, lengths)

    def duration_logits(self, encoded: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, max_dur): for each n whether a phoneme lasts longer than n frames."""
        return self.duration_proj(run_lstm(self.lstm, encoded, lengths))

    def contours(self, frames: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """Pitch in Hz, unbounded, and log energy, both (B, 2L), of ``frames`` (B, H + S, L); nothing may be padding."""
        shared = self.shared(frames.transpose(1, 2))[0].transpose(1, 2)
        pitch = self.F0_proj(_through(self.F0, shared, style))
        energy = self.N_proj(_through(self.N, shared, style))
        return pitch.squeeze(1), energy.squeeze(1)


class DurationEncoder(nn.Module):
    """Bidirectional LSTMs, the style beside each input and in the norm after it."""

    def __init__(self, style_dim: int, hidden_dim: int, n_layer: int) -> None:
        super().__init__()
        self.lstms = nn.ModuleList()
        for _ in range(n_layer):
            self.lstms.append(_bidirectional(hidden_dim + style_dim, hidden_dim))
            self.lstms.append(AdaLayerNorm(style_dim, hidden_dim))

    def forward(self, text: Tensor, style: Tensor, lengths: Tensor) -> Tensor:
        mask = length_mask(lengths, text.shape[-1]).unsqueeze(-1)
        beside = style.unsqueeze(1).expand(-1, text.shape[-1], -1)
        x = torch.cat((text.transpose(1, 2), beside), dim=-1) * mask
        for lstm, norm in zip(self.lstms[::2], self.lstms[1::2], strict=True):
            x = torch.cat((norm(run_lstm(lstm, x, lengths), style), beside), dim=-1) * mask
        return x


def frame_counts(logits: Tensor, speed: float = 1.0) -> Tensor:
    """Whole frames (B, T), at least one each, from (B, T, max_dur); ``speed`` 2 halves them."""
    expected = torch.sigmoid(logits).sum(-1)
    return torch.round(expected / speed).clamp(min=1).long()


def expand(x: Tensor, frames: Tensor) -> Tensor:
    """Repeat each column of ``x`` (1, C, T) for its count in ``frames`` (T,): (1, C, L)."""
    return x.repeat_interleave(frames, dim=-1)


def shift_right(x: Tensor) -> Tensor:
    """(B, C, L) one frame later, the first one twice, as models with a HiFi-GAN decoder were trained."""
    return torch.cat((x[..., :1], x[..., :-1]), dim=-1)


def _bidirectional(channels: int, hidden_dim: int) -> nn.LSTM:
    return nn.LSTM(channels, hidden_dim // 2, batch_first=True, bidirectional=True)


def _stack(style_dim: int, width: int) -> nn.ModuleList:
    half = width // 2
    return nn.ModuleList(
        (
            AdainResBlk1d(width, width, style_dim),
            AdainResBlk1d(width, half, style_dim, upsample=True),
            AdainResBlk1d(half, half, style_dim),
        )
    )


def _through(blocks: nn.ModuleList, x: Tensor, style: Tensor) -> Tensor:
    for block in blocks:
        x = block(x, style)
    return x
