"""Duration predictors: how many frames each symbol lasts, as a logarithm.

Deterministic: Glow-TTS (arXiv 2005.11129). Stochastic: VITS (arXiv 2106.06103). Both:
docs/systems/vits.md#duration-predictors. Letters: B batch, T symbols, h hidden channels, G channels of the speaker
embedding. ``mask`` is (B, 1, T), ``g`` is (B, G, 1) or None. Both predictors detach their inputs: the duration loss
trains nothing but them.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nn.channel_norm import ChannelNorm
from engine.systems.vits.config import ModelConfig
from engine.systems.vits.networks import spline

DROPOUT = 0.5


class DurationPredictor(nn.Module):
    """Two convolutions: always the same durations for the same text."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        hidden, channels = config.hidden_channels, config.dp_filter_channels
        self.conv_1 = nn.Conv1d(hidden, channels, 3, padding=1)
        self.norm_1 = ChannelNorm(channels)
        self.conv_2 = nn.Conv1d(channels, channels, 3, padding=1)
        self.norm_2 = ChannelNorm(channels)
        self.proj = nn.Conv1d(channels, 1, 1)
        self.dropout = nn.Dropout(DROPOUT)
        if config.gin_channels:
            self.cond = nn.Conv1d(config.gin_channels, hidden, 1)

    def forward(self, x: Tensor, mask: Tensor, g: Tensor | None = None) -> Tensor:
        """Log-durations (B, 1, T) in frames of ``x`` (B, h, T)."""
        x = x.detach()
        if g is not None:
            x = x + self.cond(g.detach())
        x = self.dropout(self.norm_1(F.relu(self.conv_1(x * mask))))
        x = self.dropout(self.norm_2(F.relu(self.conv_2(x * mask))))
        return self.proj(x * mask) * mask


class StochasticDurationPredictor(nn.Module):
    """A normalising flow over durations: other noise gives another rhythm."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        channels = config.hidden_channels
        self.pre = nn.Conv1d(channels, channels, 1)
        self.convs = DilatedConvs(channels, DROPOUT)
        self.proj = nn.Conv1d(channels, channels, 1)
        self.flows = _flows(channels)
        self.post_pre = nn.Conv1d(1, channels, 1)
        self.post_convs = DilatedConvs(channels, DROPOUT)
        self.post_proj = nn.Conv1d(channels, channels, 1)
        self.post_flows = _flows(channels)
        if config.gin_channels:
            self.cond = nn.Conv1d(config.gin_channels, channels, 1)

    def forward(self, x: Tensor, mask: Tensor, noise: Tensor, g: Tensor | None = None) -> Tensor:
        """Log-durations (B, 1, T) in frames of ``x`` (B, h, T), drawn with ``noise`` (B, 2, T), already scaled."""
        condition, z = self.condition(x, mask, g), noise
        for flow in self.sampling_flows():
            z = flow.reverse(z, mask, condition)
        return z[:, :1]

    def keep_sampling(self) -> None:
        """Drop what training alone uses, for checkpoints that have nothing else."""
        del self.post_pre, self.post_convs, self.post_proj, self.post_flows
        self.flows[1] = nn.Identity()

    def sampling_flows(self) -> list[nn.Module]:
        """The steps of sampling, in order. The first spline (``flows.1``) is left out: the models are published so."""
        return [*reversed(self.flows[2:]), self.flows[0]]

    def condition(self, x: Tensor, mask: Tensor, g: Tensor | None) -> Tensor:
        """The conditioning of the flows on text and speaker, (B, h, T)."""
        x = self.pre(x.detach())
        if g is not None:
            x = x + self.cond(g.detach())
        return self.proj(self.convs(x, mask)) * mask

    def loss(
        self, x: Tensor, mask: Tensor, durations: Tensor, noise: Tensor | None = None, g: Tensor | None = None
    ) -> Tensor:
        """Minus the variational lower bound on the log-likelihood of whole ``durations`` (B, 1, T), per item (B,).

        ``noise`` (B, 2, T) is standard normal; None draws it.
        """
        condition = self.condition(x, mask, g)
        if noise is None:
            noise = torch.randn(x.shape[0], 2, x.shape[2]).to(x)
        posterior = self.post_proj(self.post_convs(self.post_pre(durations), mask)) * mask
        e_q = noise * mask
        z_q, log_det_q = _run(self.post_flows, e_q, mask, condition + posterior)
        z_u, z_1 = z_q.chunk(2, dim=1)
        u = torch.sigmoid(z_u) * mask
        log_det_q = log_det_q + _sum((F.logsigmoid(z_u) + F.logsigmoid(-z_u)) * mask)
        log_q = -0.5 * _sum((math.log(2 * math.pi) + e_q**2) * mask) - log_det_q
        z_0 = torch.log((durations - u).mul(mask).clamp(min=1e-5)) * mask
        z, log_det = _run(self.flows, torch.cat((z_0, z_1), dim=1), mask, condition)
        nll = 0.5 * _sum((math.log(2 * math.pi) + z**2) * mask) - (log_det - _sum(z_0))
        return nll + log_q


class DilatedConvs(nn.Module):
    """Three residual layers of depth-wise and point-wise convolutions, dilated 1, 3, 9."""

    def __init__(self, channels: int, dropout: float) -> None:
        super().__init__()
        dilations = (1, 3, 9)
        self.convs_sep = nn.ModuleList(
            nn.Conv1d(channels, channels, 3, padding=d, dilation=d, groups=channels) for d in dilations
        )
        self.convs_1x1 = nn.ModuleList(nn.Conv1d(channels, channels, 1) for _ in dilations)
        self.norms_1 = nn.ModuleList(ChannelNorm(channels) for _ in dilations)
        self.norms_2 = nn.ModuleList(ChannelNorm(channels) for _ in dilations)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor, condition: Tensor | None = None) -> Tensor:
        if condition is not None:
            x = x + condition
        layers = zip(self.convs_sep, self.norms_1, self.convs_1x1, self.norms_2, strict=True)
        for separable, norm_1, pointwise, norm_2 in layers:
            y = F.gelu(norm_1(separable(x * mask)))
            x = x + self.dropout(F.gelu(norm_2(pointwise(y))))
        return x * mask


class Affine(nn.Module):
    """Scales and shifts the two channels."""

    def __init__(self) -> None:
        super().__init__()
        self.m = nn.Parameter(torch.zeros(2, 1))
        self.logs = nn.Parameter(torch.zeros(2, 1))

    def forward(self, x: Tensor, mask: Tensor, _condition: Tensor) -> tuple[Tensor, Tensor]:
        return (self.m + torch.exp(self.logs) * x) * mask, _sum(self.logs * mask)

    def reverse(self, x: Tensor, mask: Tensor, _condition: Tensor) -> Tensor:
        return (x - self.m) * torch.exp(-self.logs) * mask


class Flip(nn.Module):
    """Swaps the two channels; its own inverse."""

    def forward(self, x: Tensor, _mask: Tensor, _condition: Tensor) -> tuple[Tensor, Tensor]:
        return x.flip(1), x.new_zeros(x.shape[0])

    def reverse(self, x: Tensor, _mask: Tensor, _condition: Tensor) -> Tensor:
        return x.flip(1)


class SplineCoupling(nn.Module):
    """Transforms the second channel by a spline whose parameters depend on the first and on the condition."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = channels**-0.5
        self.pre = nn.Conv1d(1, channels, 1)
        self.convs = DilatedConvs(channels, 0.0)
        self.proj = nn.Conv1d(channels, 3 * spline.BINS - 1, 1)
        nn.init.zeros_(self.proj.weight)
        nn.init.zeros_(self.proj.bias)

    def forward(self, x: Tensor, mask: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        first, second = x.chunk(2, dim=1)
        second, log_slope = spline.forward(second, *self._spline(first, mask, condition))
        return torch.cat((first, second), dim=1) * mask, _sum(log_slope * mask)

    def reverse(self, x: Tensor, mask: Tensor, condition: Tensor) -> Tensor:
        first, second = x.chunk(2, dim=1)
        second, _ = spline.inverse(second, *self._spline(first, mask, condition))
        return torch.cat((first, second), dim=1) * mask

    def _spline(self, first: Tensor, mask: Tensor, condition: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Widths and heights (B, 1, T, 10), slopes (B, 1, T, 9)."""
        hidden = self.proj(self.convs(self.pre(first), mask, condition)) * mask
        widths, heights, slopes = (
            hidden.transpose(1, 2).unsqueeze(1).split((spline.BINS, spline.BINS, spline.BINS - 1), -1)
        )
        return widths * self.scale, heights * self.scale, slopes


def _flows(channels: int) -> nn.ModuleList:
    flows = nn.ModuleList([Affine()])
    for _ in range(4):
        flows.append(SplineCoupling(channels))
        flows.append(Flip())
    return flows


def _run(flows: nn.ModuleList, z: Tensor, mask: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
    log_det = z.new_zeros(z.shape[0])
    for flow in flows:
        z, change = flow(z, mask, condition)
        log_det = log_det + change
    return z, log_det


def _sum(x: Tensor) -> Tensor:
    return x.sum((1, 2))
