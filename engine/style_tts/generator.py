"""The generators: features and a harmonic source to sound, two kinds.

HiFi-GAN (arXiv 2010.05646) and iSTFTNet (arXiv 2203.02395), with residual blocks that follow the style (AdaIN) and have
snakes (arXiv 2006.08195) for activations.

Letters: B batch, C channels, P pitch values, N samples, n frames of a stage, S size of a style.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.audio.stft import InverseSTFT
from engine.steps import Steps, finish
from engine.style_tts import rows
from engine.style_tts.config import SAMPLES_PER_PITCH, DecoderConfig, DecoderKind
from engine.style_tts.rows import Stretches
from engine.style_tts.snake import Norms, SnakeBlock, snake
from engine.style_tts.source import HarmonicSource
from engine.style_tts.spans import Stage, StageSpans, stage_spans, within

SLOPE = 0.1
LAST_SLOPE = 0.01  # the default of torch: docs/style-tts.md#quirks-that-were-kept
NOISE_DILATIONS = (1, 3, 5)


def build_generator(config: DecoderConfig, style_dim: int) -> "Generator":
    """The generator that the configuration asks for."""
    if config.kind is DecoderKind.HIFIGAN:
        return HifiGenerator(config, style_dim)
    return ISTFTGenerator(config, style_dim)


class Generator(nn.Module, ABC):
    """Upsampling stages: each adds the source, brought to its rate, and takes the mean of some residual blocks."""

    # Samples for each frame of the last stage, how many of its frames the layers after it reach, and how many frames
    # more it has than the stages before give it.
    hop_length, last_reach, extra = 1, 3, 0

    def __init__(self, config: DecoderConfig, style_dim: int, *, source_channels: int) -> None:
        super().__init__()
        self.m_source = HarmonicSource()
        self.ups, self.noise_convs = nn.ModuleList(), nn.ModuleList()
        self.noise_res, self.resblocks = nn.ModuleList(), nn.ModuleList()
        self.n_kernels = len(config.resblock_kernel_sizes)
        channels, rates = config.upsample_initial_channel, config.upsample_rates
        for stage, (rate, size) in enumerate(zip(rates, config.upsample_kernel_sizes, strict=True)):
            self.ups.append(self.upsampling(channels, rate, size))
            rows.frame_by_frame(self.ups[-1])
            channels //= 2
            stride = math.prod(rates[stage + 1 :])
            last = stage == len(rates) - 1
            kernel, padding = (1, 0) if last else (2 * stride, (stride + 1) // 2)
            self.noise_convs.append(nn.Conv1d(source_channels, channels, kernel, stride, padding))
            self.noise_res.append(SnakeBlock(channels, 11 if last else 7, NOISE_DILATIONS, style_dim))
            for kernel, dilations in zip(config.resblock_kernel_sizes, config.resblock_dilation_sizes, strict=True):
                self.resblocks.append(SnakeBlock(channels, kernel, dilations, style_dim))
        self.channels = channels

    def source(self, pitch: Tensor, noise: Tensor) -> Tensor:
        """The harmonic source (B, N, 1) of ``pitch`` (B, P) and ``noise`` (B, N, 9), on the CPU."""
        return self.m_source(pitch, noise)

    def forward(self, x: Tensor, style: Tensor, source: Tensor) -> Tensor:
        """Sound (B, 1, N) of features ``x`` (B, C, P), ``style`` (B, S) and the ``source`` (B, N, 1)."""
        return finish(self.forward_steps(x, style, source))

    def forward_steps(self, x: Tensor, style: Tensor, source: Tensor) -> Steps[Tensor]:
        """The same in steps."""
        source = self.source_features(source)
        if x.device.type == "cpu":
            whole, waveforms = [range(x.shape[-1])], []
            for item in zip(x.split(1), style.split(1), source.split(1), strict=True):
                waveforms += yield from self.stretch_steps(*item, whole, {})
            return torch.cat(waveforms)
        for stage in range(len(self.ups)):
            yield
            added = self.noise_res[stage](self.noise_convs[stage](source), style)
            x = self.align(stage, self.ups[stage](self.activate(stage, x))) + added
            x = torch.stack([block(x, style) for block in self.blocks(stage)]).mean(0)
        return (yield from self._output_steps(x))

    def _output_steps(self, x: Tensor) -> Steps[Tensor]:
        """The output (B, C, n) of the last stage to sound (B, 1, N)."""
        x = self.activate(len(self.ups), x)
        yield
        x = convolve(self.conv_post, x)
        yield
        return self.to_waveform(x)

    def stretch_steps(
        self, x: Tensor, style: Tensor, source: Tensor, cores: Sequence[range], norms: Norms
    ) -> Steps[list[Tensor]]:
        """The sound (1, 1, n) of each of ``cores``, ranges of pitch values, of one utterance on a CPU.

        ``x`` (1, C, P), ``style`` (1, S), ``source`` as `source_features` gives it. Norms that are not in ``norms`` are
        put there with the statistics of all of ``cores``; with the same norms, an utterance is the same sound in
        whatever stretches.
        """
        values = x.shape[-1]
        plans = [stage_spans(self._stages(), core, values, self.last_reach) for core in cores]
        rows_ = [x[0, :, plan[0].given.start : plan[0].given.stop].t() for plan in plans]
        source = source[0].t().contiguous().t().unsqueeze(0)
        for stage in range(len(self.ups)):
            rows_ = yield from self._stage(stage, rows_, source, style, [plan[stage] for plan in plans], norms)
        sounds = []
        for core, plan, last in zip(cores, plans, rows_, strict=True):
            yield
            sound = yield from self._output_steps(last.t().unsqueeze(0))
            begins = plan[-1].made.start * self.hop_length
            sounds.append(sound[..., core.start * SAMPLES_PER_PITCH - begins : core.stop * SAMPLES_PER_PITCH - begins])
        return sounds

    def _stage(
        self,
        stage: int,
        given: Sequence[Tensor],
        source: Tensor,
        style: Tensor,
        spans: Sequence[StageSpans],
        norms: Norms,
    ) -> Steps[list[Tensor]]:
        """A stage for the rows ``given`` of each stretch: those that it is to have made."""
        inputs: list[Tensor] = []
        sources: list[Tensor] = []
        for rows_, span in zip(given, spans, strict=True):
            activated = self.activate(stage, rows_.t().unsqueeze(0))[0].t()
            yield
            up = rows.upsample(self.ups[stage], activated)
            yield
            up = self.align(stage, up.t().unsqueeze(0))[0].t()
            begins = span.given.start * self.ups[stage].stride[0]
            inputs.append(up[span.seen.start - begins : span.seen.stop - begins].contiguous())
            sources.append(_convolve_span(self.noise_convs[stage], source, span.source)[0].t().contiguous())
            yield
        added = Stretches(tuple(sources), tuple(within(span.core, span.source) for span in spans))
        scratch, cores = added.like(), tuple(within(span.core, span.seen) for span in spans)
        moments = added.moments()
        yield
        yield from self.noise_res[stage].rows(added, moments, style, norms, added, scratch)
        # What the source was computed in is as large, and serves again.
        seen = [within(span.seen, span.source) for span in spans]
        total, scratch = added.cut(seen, cores), scratch.cut(seen, cores)
        for rows_, more in zip(inputs, total.rows, strict=True):
            rows_ += more
        yield
        x = Stretches(tuple(inputs), cores)
        out, moments = x.like(), x.moments()
        yield
        first, *others = self.blocks(stage)
        yield from first.rows(x, moments, style, norms, total, scratch)
        for block in others:
            yield from block.rows(x, moments, style, norms, out, scratch)
            for sum_, more in zip(total.rows, out.rows, strict=True):
                sum_ += more
            yield
        return [
            sum_[within(span.made, span.seen)].div_(self.n_kernels)
            for sum_, span in zip(total.rows, spans, strict=True)
        ]

    def _stages(self) -> list[Stage]:
        last = len(self.ups) - 1
        return [
            Stage(
                rate=up.stride[0],
                source_reach=self.noise_res[stage].reach,
                reach=max(block.reach for block in self.blocks(stage)),
                extra=self.extra if stage == last else 0,
            )
            for stage, up in enumerate(self.ups)
        ]

    def blocks(self, stage: int) -> nn.ModuleList:
        """The residual blocks of a stage, of which the mean counts."""
        return self.resblocks[stage * self.n_kernels : (stage + 1) * self.n_kernels]

    @abstractmethod
    def upsampling(self, channels: int, rate: int, size: int) -> nn.ConvTranspose1d:
        """The transposed convolution of a stage, which halves the channels."""

    @abstractmethod
    def source_features(self, source: Tensor) -> Tensor:
        """The source (B, N, 1) as the stages take it, (B, channels, frames)."""

    @abstractmethod
    def activate(self, stage: int, x: Tensor) -> Tensor:
        """What comes before the transposed convolution of a stage, and after the last before `conv_post`: (B, C, n)."""

    def align(self, _stage: int, x: Tensor) -> Tensor:
        """What comes after it, so that there are as many frames as the source has."""
        return x

    @abstractmethod
    def to_waveform(self, x: Tensor) -> Tensor:
        """The output of `conv_post`, (B, channels, n), to sound (B, 1, N)."""


class HifiGenerator(Generator):
    """Upsampling all the way to samples."""

    def __init__(self, config: DecoderConfig, style_dim: int) -> None:
        super().__init__(config, style_dim, source_channels=1)
        widths = [config.upsample_initial_channel >> stage for stage in range(len(config.upsample_rates) + 1)]
        self.alphas = nn.ParameterList(torch.ones(1, width, 1) for width in widths)
        self.conv_post = nn.Conv1d(self.channels, 1, 7, padding=3)

    def upsampling(self, channels: int, rate: int, size: int) -> nn.ConvTranspose1d:
        odd = rate % 2
        return nn.ConvTranspose1d(channels, channels // 2, size, rate, rate // 2 + odd, output_padding=odd)

    def source_features(self, source: Tensor) -> Tensor:
        return source.transpose(1, 2)

    def activate(self, stage: int, x: Tensor) -> Tensor:
        return snake(self.alphas[stage] * x)

    def to_waveform(self, x: Tensor) -> Tensor:
        return torch.tanh(x)


class ISTFTGenerator(Generator):
    """The last part of the upsampling is an inverse STFT, and the source enters as a spectrum too."""

    extra = 1

    def __init__(self, config: DecoderConfig, style_dim: int) -> None:
        super().__init__(config, style_dim, source_channels=config.gen_istft_n_fft + 2)
        self.n_fft, self.hop_length = config.gen_istft_n_fft, config.gen_istft_hop_size
        self.conv_post = nn.Conv1d(self.channels, self.n_fft + 2, 7, padding=3)
        self.istft = InverseSTFT(self.n_fft, self.hop_length)
        self.last_reach += self.n_fft // self.hop_length
        self.float32_constants = False

    def upsampling(self, channels: int, rate: int, size: int) -> nn.ConvTranspose1d:
        return nn.ConvTranspose1d(channels, channels // 2, size, rate, (size - rate) // 2)

    def source_features(self, source: Tensor) -> Tensor:
        dtype = torch.float32 if self.float32_constants else torch.float64
        return torch.cat(spectrum(source.squeeze(-1), self.n_fft, self.hop_length, dtype), dim=1)

    def activate(self, stage: int, x: Tensor) -> Tensor:
        return F.leaky_relu(x, SLOPE if stage < len(self.ups) else LAST_SLOPE)

    def align(self, stage: int, x: Tensor) -> Tensor:
        # One frame more than hops, because the STFT of the source is centred.
        return torch.cat((x[..., 1:2], x), dim=-1) if stage == len(self.ups) - 1 else x

    def to_waveform(self, x: Tensor) -> Tensor:
        magnitude, phase = x.chunk(2, dim=1)
        return self.istft(torch.exp(magnitude), torch.sin(phase)).unsqueeze(1)


def convolve(layer: nn.Conv1d, x: Tensor) -> Tensor:
    """``layer`` on ``x`` (B, C, n), as on an image of one row, because only images may have another layout."""
    padding, stride = (0, *layer.padding), (1, *layer.stride)
    return F.conv2d(x.unsqueeze(2), layer.weight.unsqueeze(2), layer.bias, stride, padding).squeeze(2)


def _convolve_span(layer: nn.Conv1d, x: Tensor, span: range) -> Tensor:
    """The frames ``span`` of what ``layer`` makes of ``x`` (1, C, n)."""
    (stride,), (size,), (padding,) = layer.stride, layer.kernel_size, layer.padding
    first, last = span.start * stride - padding, (span.stop - 1) * stride - padding + size
    needed = x[..., max(first, 0) : last]
    needed = F.pad(needed, (max(-first, 0), max(last - x.shape[-1], 0))).unsqueeze(2)
    return F.conv2d(needed, layer.weight.unsqueeze(2), layer.bias, (1, stride)).squeeze(2)


def spectrum(samples: Tensor, n_fft: int, hop_length: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Magnitude and phase (B, n_fft//2 + 1, N//hop + 1) of ``samples`` (B, N): centred, Hann, by an FFT on the CPU.

    The window is made in ``dtype`` and then rounded.

    The phase of an empty bin is whatever rounding makes of it, and the models were trained on that: a window that was
    rounded earlier, or another way to the same transform, is another sound
    (docs/style-tts.md#order-of-operations).
    """
    window = torch.hann_window(n_fft, dtype=dtype).float()
    bins = torch.stft(samples.float().cpu(), n_fft, hop_length, n_fft, window, center=True, return_complex=True)
    return bins.abs().to(samples), bins.angle().to(samples)
