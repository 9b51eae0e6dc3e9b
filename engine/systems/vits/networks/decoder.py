"""The decoders: latents to sound, four kinds on one stem.

Plain: HiFi-GAN (arXiv 2010.05646); iSTFT: iSTFTNet (arXiv 2203.02395); multi-band and multi-stream: MB-iSTFT-VITS
(arXiv 2210.15975). Sizes and quirks: docs/systems/vits.md#decoders. Letters: B batch, F frames, c latent channels,
G channels of the speaker embedding, N samples of sound, K sub-bands.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.audio.pqmf import PQMF, TAPS, upsample_filter
from engine.audio.stft import InverseSTFT
from engine.steps import Steps, finish
from engine.systems.vits.config import DecoderKind, ModelConfig
from engine.systems.vits.networks.weight_norm import normed

SLOPE = 0.1
# Few pieces, because each is decoded with margins; but the second is ready before the first has been played.
GROWTH = 4
LAST_SLOPE = 0.01  # before the last convolution the reference uses the default of torch; models were trained so


@dataclass(frozen=True, slots=True)
class Decoded:
    """Sound (B, 1, N), not bounded, and the sub-bands (B, K, N/K) it was put together from, where there are any."""

    audio: Tensor
    subbands: Tensor | None = None


def build_decoder(config: ModelConfig) -> "Decoder":
    """The decoder that the configuration asks for."""
    match config.decoder:
        case DecoderKind.PLAIN:
            return PlainDecoder(config)
        case DecoderKind.ISTFT:
            return ISTFTDecoder(config)
        case DecoderKind.MULTI_BAND:
            return MultiBandDecoder(config)
        case DecoderKind.MULTI_STREAM:
            return MultiStreamDecoder(config)


class Decoder(nn.Module, ABC):
    """The stem that all kinds share: transposed convolutions, each followed by the mean of some residual blocks."""

    def __init__(self, config: ModelConfig, *, norm_pre: bool) -> None:
        super().__init__()
        self.upsampling = config.upsampling
        self.halos = receptive_radii(config)
        channels, norm = config.upsample_initial_channel, config.weight_norm
        self.conv_pre = normed(nn.Conv1d(config.inter_channels, channels, 7, padding=3), norm and norm_pre)
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        block = ResBlock1 if config.resblock == "1" else ResBlock2
        for rate, size in zip(config.upsample_rates, config.upsample_kernel_sizes, strict=True):
            up = nn.ConvTranspose1d(channels, channels // 2, size, rate, padding=(size - rate) // 2)
            self.ups.append(normed(up, norm))
            channels //= 2
            for kernel, dilations in zip(config.resblock_kernel_sizes, config.resblock_dilation_sizes, strict=True):
                self.resblocks.append(block(channels, kernel, dilations, norm))
        self.n_kernels = len(config.resblock_kernel_sizes)
        self.channels = channels

    def forward(self, z: Tensor, g: Tensor | None = None) -> Decoded:
        """Decode ``z`` (B, c, F), with the speaker embedding ``g`` (B, G, 1) where the kind uses one."""
        return self._sound(self.features(z.to(self.conv_pre.weight.dtype), g))

    def features(self, z: Tensor, g: Tensor | None) -> Tensor:
        """What the last convolution sees, (B, channels, F·rates)."""
        return self.finish(finish(self.stage_steps(lay_out(self.prepare(z, g)), 0, 0)))

    def stage_steps(self, x: Tensor, left: int, right: int) -> Steps[Tensor]:
        """All stages on the image ``x``, whose first ``left`` and last ``right`` frames are context only.

        Most of a sample's receptive field comes from the first stages; so the others, which cost most, compute fewer
        frames of context. The result has no more of them than `tail` needs.
        """
        rate = 1
        for stage, (up, halo) in enumerate(zip(self.ups, self.halos[1:], strict=True)):
            x = yield from self._one_stage(stage, x)
            rate *= up.stride[0]
            x = x[..., max(0, left - halo) * rate : x.shape[-1] - max(0, right - halo) * rate]
            left, right = min(left, halo), min(right, halo)
        return x

    def stage(self, number: int, x: Tensor) -> Tensor:
        """One upsampling and its residual blocks, on an image, which is overwritten."""
        return finish(self._one_stage(number, x))

    def _one_stage(self, number: int, x: Tensor) -> Steps[Tensor]:
        x = upsample(self.ups[number], F.leaky_relu(x, SLOPE, inplace=True))
        return (yield from _mean_of(self.resblocks[number * self.n_kernels : (number + 1) * self.n_kernels], x))

    @staticmethod
    def finish(x: Tensor) -> Tensor:
        """The image after the last stage as features (B, channels, n); overwrites it."""
        return F.leaky_relu(x, LAST_SLOPE, inplace=True).squeeze(2)

    def prepare(self, z: Tensor, _g: Tensor | None) -> Tensor:
        """The first convolution. Only the plain kind is conditioned on the speaker; elsewhere the latents carry it."""
        return self.conv_pre(z)

    @abstractmethod
    def tail(self, features: Tensor) -> Decoded:
        """Features to sound, in float32."""

    def reduce_precision(self, dtype: torch.dtype) -> None:
        """Hold the stem, which is nearly all of the work, in ``dtype``; the tail stays in float32."""
        for part in (self.conv_pre, self.ups, self.resblocks):
            part.to(dtype)

    def work(self, frames: int) -> float:
        """Multiplications that a piece of ``frames`` frames costs with its context, the few of the tail left out."""
        rate, parts = 1, [(self.halos[0], _size(self.conv_pre))]
        for stage, (up, halo) in enumerate(zip(self.ups, self.halos[:-1], strict=True)):
            blocks = self.resblocks[stage * self.n_kernels : (stage + 1) * self.n_kernels]
            parts.append((halo, rate * (_size(up) + up.stride[0] * _size(blocks))))
            rate *= up.stride[0]
        return float(sum((frames + 2 * halo) * size for halo, size in parts))

    def decode_chunks(
        self, z: Tensor, g: Tensor | None, first_frames: int, most_frames: int
    ) -> Iterator[Tensor | None]:
        """The sound of `forward` in pieces (B, 1, n), the first soon: of ``first_frames``, then ever more.

        Each is GROWTH times as long as the last, up to ``most_frames``, and decoded with all the context that its
        receptive field covers, so that the pieces joined are the whole. A rest shorter than that joins the last.
        None stands for a step on the way to the next piece, after each residual block.
        """
        total, start, length = z.shape[-1], 0, min(first_frames, most_frames)
        while start < total:
            end = min(start + length, total)
            if total - end <= self.halos[0]:
                end = total  # alone it would cost more than its own length again
            yield (yield from self._piece(z, g, start, end))
            start, length = end, min(GROWTH * length, most_frames)

    def _piece(self, z: Tensor, g: Tensor | None, start: int, end: int) -> Steps[Tensor]:
        """The sound (B, 1, n) of the frames from ``start`` to ``end``."""
        before, after = start, z.shape[-1] - end
        left, right = min(before, self.halos[0]), min(after, self.halos[0])
        window = z[..., start - left : end + right].to(self.conv_pre.weight.dtype)
        features = self.finish((yield from self.stage_steps(lay_out(self.prepare(window, g)), left, right)))
        audio = self._sound(features).audio
        left = min(left, self.halos[-1]) * self.upsampling
        return audio[..., left : left + (end - start) * self.upsampling]

    def _sound(self, features: Tensor) -> Decoded:
        # exp() and the inverse STFT do not survive half precision.
        with torch.autocast(features.device.type, enabled=False):
            return self.tail(features.float())


class PlainDecoder(Decoder):
    """Upsampling all the way to samples."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, norm_pre=False)
        self.conv_post = nn.Conv1d(self.channels, 1, 7, padding=3, bias=False)
        if config.gin_channels:
            self.cond = nn.Conv1d(config.gin_channels, config.upsample_initial_channel, 1)

    def prepare(self, z: Tensor, g: Tensor | None) -> Tensor:
        x = self.conv_pre(z)
        return x if g is None else x + self.cond(g).to(x.dtype)

    def tail(self, features: Tensor) -> Decoded:
        return Decoded(torch.tanh(convolve(self.conv_post, features.unsqueeze(2)).squeeze(2)))


class ISTFTDecoder(Decoder):
    """The last part of the upsampling is an inverse STFT."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, norm_pre=True)
        self.conv_post = _spectrum_convolution(self.channels, 1, config)
        self.istft = InverseSTFT(config.gen_istft_n_fft, config.gen_istft_hop_size)

    def tail(self, features: Tensor) -> Decoded:
        return Decoded(_synthesize(self.conv_post, self.istft, features, 1))


class MultiBandDecoder(Decoder):
    """An inverse STFT for each sub-band, put together by a fixed filter bank."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, norm_pre=True)
        self.subbands = config.subbands
        self.subband_conv_post = _spectrum_convolution(self.channels, config.subbands, config)
        self.istft = InverseSTFT(config.gen_istft_n_fft, config.gen_istft_hop_size)
        self.pqmf = PQMF(config.subbands)

    def tail(self, features: Tensor) -> Decoded:
        subbands = _synthesize(self.subband_conv_post, self.istft, features, self.subbands)
        return Decoded(self.pqmf.synthesis(subbands), subbands)


class MultiStreamDecoder(Decoder):
    """An inverse STFT for each stream, put together by a learned filter bank."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, norm_pre=True)
        self.subbands = config.subbands
        self.subband_conv_post = _spectrum_convolution(self.channels, config.subbands, config)
        self.istft = InverseSTFT(config.gen_istft_n_fft, config.gen_istft_hop_size)
        self.multistream_conv_post = normed(
            nn.Conv1d(config.subbands, 1, TAPS, padding=TAPS // 2, bias=False), config.weight_norm
        )
        # The published upsampling by zeros, kept because checkpoints carry it; `upsample_filter` needs no such tensor.
        self.register_buffer("updown_filter", zero_stuffing(config.subbands))

    def tail(self, features: Tensor) -> Decoded:
        subbands = _synthesize(self.subband_conv_post, self.istft, features, self.subbands)
        return Decoded(upsample_filter(subbands, self.multistream_conv_post.weight), subbands)


def zero_stuffing(bands: int) -> Tensor:
    """The kernel (bands, bands, bands) of a transposed convolution that puts zeros between samples."""
    return torch.eye(bands).unsqueeze(-1) * torch.eye(bands)[0]


def _spectrum_convolution(channels: int, bands: int, config: ModelConfig) -> nn.Module:
    return normed(nn.Conv1d(channels, bands * (config.gen_istft_n_fft + 2), 7, padding=3), config.weight_norm)


def _synthesize(convolution: nn.Module, istft: InverseSTFT, features: Tensor, bands: int) -> Tensor:
    """Features (B, channels, n) to sub-bands (B, K, n·hop)."""
    # One frame more than hops, because the inverse STFT is centred.
    spectrum = convolution(F.pad(features, (1, 0), mode="reflect"))
    magnitude, phase = spectrum.reshape(-1, spectrum.shape[1] // bands, spectrum.shape[2]).chunk(2, dim=1)
    return istft(torch.exp(magnitude), math.pi * torch.sin(phase)).view(features.shape[0], bands, -1)


def lay_out(x: Tensor) -> Tensor:
    """(B, C, F) as the image (B, C, 1, F) that the stem computes on.

    On a CPU the channels of a frame lie side by side: the convolutions take half to three quarters of the time that
    they need with frames side by side, and only for images is there such a layout.
    """
    image = x.unsqueeze(2)
    return image.contiguous(memory_format=torch.channels_last) if x.device.type == "cpu" else image


def convolve(layer: nn.Conv1d, image: Tensor) -> Tensor:
    """``layer`` on an image (B, C, 1, F)."""
    padding, dilation = (0, *layer.padding), (1, *layer.dilation)
    return F.conv2d(image, layer.weight.unsqueeze(2), layer.bias, padding=padding, dilation=dilation)


def upsample(layer: nn.ConvTranspose1d, image: Tensor) -> Tensor:
    """``layer`` on an image (B, C, 1, F)."""
    padding, stride = (0, *layer.padding), (1, *layer.stride)
    return F.conv_transpose2d(image, layer.weight.unsqueeze(2), layer.bias, stride, padding)


class ResBlock1(nn.Module):
    """Three pairs of convolutions, the first of each dilated, with a residual sum around each pair."""

    def __init__(self, channels: int, size: int, dilations: tuple[int, ...], weight_norm: bool) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(_dilated(channels, size, d, weight_norm) for d in dilations)
        self.convs2 = nn.ModuleList(_dilated(channels, size, 1, weight_norm) for _ in dilations)

    def forward(self, x: Tensor, activated: Tensor) -> Tensor:
        for number, (dilated, straight) in enumerate(zip(self.convs1, self.convs2, strict=True)):
            y = activated if number == 0 else F.leaky_relu(x, SLOPE)
            y = convolve(straight, F.leaky_relu(convolve(dilated, y), SLOPE, inplace=True))
            x = y.add_(x)
        return x


class ResBlock2(nn.Module):
    """Single dilated convolutions with a residual sum around each."""

    def __init__(self, channels: int, size: int, dilations: tuple[int, ...], weight_norm: bool) -> None:
        super().__init__()
        self.convs = nn.ModuleList(_dilated(channels, size, d, weight_norm) for d in dilations)

    def forward(self, x: Tensor, activated: Tensor) -> Tensor:
        for number, convolution in enumerate(self.convs):
            y = activated if number == 0 else F.leaky_relu(x, SLOPE)
            x = convolve(convolution, y).add_(x)
        return x


def _dilated(channels: int, size: int, dilation: int, weight_norm: bool) -> nn.Module:
    padding = dilation * (size - 1) // 2
    return normed(nn.Conv1d(channels, channels, size, padding=padding, dilation=dilation), weight_norm)


def _mean_of(blocks: nn.ModuleList, x: Tensor) -> Steps[Tensor]:
    """The mean of the blocks' outputs. All begin with the same activation of ``x``, so it is computed once."""
    activated = F.leaky_relu(x, SLOPE)
    total = blocks[0](x, activated)
    for block in blocks[1:]:
        yield
        total = total.add_(block(x, activated))
    yield
    return total.div_(len(blocks))


def receptive_radii(config: ModelConfig) -> tuple[int, ...]:
    """How many latent frames to each side can change a sample: in the latents, then after each stage.

    Counted from the sizes of all kernels that are yet to come, and rounded up.
    """
    radii, rate = [3.0], 1  # conv_pre
    for stage_rate, size in zip(config.upsample_rates, config.upsample_kernel_sizes, strict=True):
        radius = math.ceil(size / stage_rate) / rate
        rate *= stage_rate
        pairs = zip(config.resblock_kernel_sizes, config.resblock_dilation_sizes, strict=True)
        straight = 1 if config.resblock == "1" else 0
        blocks = max(sum((k - 1) // 2 * (d + straight) for d in dilations) for k, dilations in pairs)
        radii.append(radius + blocks / rate)
    tail = 3.0  # the last convolution
    if config.decoder is not DecoderKind.PLAIN:
        tail += 1 + config.gen_istft_n_fft / config.gen_istft_hop_size
    if config.decoder in (DecoderKind.MULTI_BAND, DecoderKind.MULTI_STREAM):
        tail += math.ceil(TAPS / 2 / config.subbands) / config.gen_istft_hop_size
    yet_to_come = [sum(radii[done:]) + tail / rate for done in (0, *range(2, len(radii) + 1))]
    return tuple(math.ceil(radius) + 1 for radius in yet_to_come)


def _size(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
