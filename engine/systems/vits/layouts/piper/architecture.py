"""The sizes of a network from its tensors, since no file lists them: docs/systems/vits.md#piper-voices. No torch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.config_file import check
from engine.errors import ConfigError
from engine.systems.vits.config import AudioConfig, Config, DecoderKind, ModelConfig, TextConfig
from engine.systems.vits.layouts.piper.voice import VoiceConfig

# Every voice was trained with these spectrograms; in speaking they count for nothing.
FILTER_LENGTH, MELS = 1024, 80
# The trainer's own, for checkpoints that do not say: of each kind of residual block, in the order of its kernels.
DILATIONS = {"1": ((1, 3, 5),) * 3, "2": ((1, 2), (2, 6), (3, 12))}
_INDEX = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What no tensor tells: dilations of the residual blocks, all or those of one stage, and rates of the upsampling.

    Empty is unknown.
    """

    dilations: tuple[tuple[int, ...], ...] = ()
    rates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Shapes:
    """The sizes of tensors by their published names, less weight norm."""

    sizes: Mapping[str, tuple[int, ...]] = field(repr=False)

    def of(self, name: str, dimensions: int) -> tuple[int, ...]:
        """Those of a tensor. Raises ConfigError where it is missing or has another number of them."""
        sizes = self.sizes.get(name) or self.sizes.get(f"{name}_v")
        check(sizes is not None, "there is no tensor {name}; this may be another kind of network", name=name)
        found = sizes or ()
        check(len(found) == dimensions, "the tensor {name} has the sizes {sizes}", name=name, sizes=list(found))
        return found

    def count(self, prefix: str) -> int:
        """How many numbers from 0 on follow ``prefix``."""
        found = {int(match[0]) for name in self.sizes if (match := _INDEX.match(name.removeprefix(prefix)))
                 and name.startswith(prefix)}  # fmt: skip
        return next(number for number in range(len(found) + 1) if number not in found)


def config(voice: VoiceConfig, shapes: Mapping[str, tuple[int, ...]], told: Told, source: str) -> Config:
    """The configuration of a voice whose tensors have these ``shapes``. Raises ConfigError, which names ``source``."""
    try:
        return _config(voice, _Shapes(shapes), told)
    except ConfigError as error:
        raise ConfigError("{source}: {error}", source=source, error=error) from None


def _config(voice: VoiceConfig, shapes: _Shapes, told: Told) -> Config:
    n_vocab, hidden = shapes.of("enc_p.emb.weight", 2)
    check(
        all(number < n_vocab for numbers in voice.ids.values() for number in numbers),
        "phoneme_id_map has an id above {most}, the last that the network knows",
        most=n_vocab - 1,
    )
    speakers, gin = shapes.of("emb_g.weight", 2) if "emb_g.weight" in shapes.sizes else (0, 0)
    check(
        speakers == len(voice.speakers),
        "num_speakers is {count}, but the network has {rows}",
        count=max(1, len(voice.speakers)),
        rows=max(1, speakers),
    )
    audio = AudioConfig(
        sampling_rate=voice.sample_rate,
        filter_length=FILTER_LENGTH,
        hop_length=voice.hop_length,
        win_length=FILTER_LENGTH,
        n_mel_channels=MELS,
        mel_fmin=0.0,
        mel_fmax=None,
    )
    head = shapes.of("enc_p.encoder.attn_layers.0.emb_rel_k", 3)[2]
    check(head > 0, "the tensor {name} has the sizes {sizes}", name="emb_rel_k", sizes=[head])
    filters, _, kernel = shapes.of("enc_p.encoder.ffn_layers.0.conv_1.weight", 3)
    hears = "enc_q.pre.weight" in shapes.sizes
    random = any(name.startswith("dp.flows.") for name in shapes.sizes)
    model = ModelConfig(
        n_vocab=n_vocab,
        spec_channels=shapes.of("enc_q.pre.weight", 3)[1] if hears else FILTER_LENGTH // 2 + 1,
        hop_length=voice.hop_length,
        n_speakers=speakers,
        gin_channels=gin,
        inter_channels=shapes.of("enc_p.proj.bias", 1)[0] // 2,
        hidden_channels=hidden,
        filter_channels=filters,
        n_heads=hidden // head,
        n_layers=shapes.count("enc_p.encoder.attn_layers."),
        kernel_size=kernel,
        use_sdp=random,
        decoder=DecoderKind.PLAIN,
        **_decoder(shapes, told),
        posterior_layers=shapes.count("enc_q.enc.in_layers.") if hears else 16,
        posterior_channels=hidden,
        flow_layers=shapes.count("flow.flows.0.enc.in_layers."),
        flow_count=len({name.split(".")[2] for name in shapes.sizes if name.startswith("flow.flows.")}),
        flow_channels=shapes.of("flow.flows.0.pre.weight", 3)[0],
        dp_filter_channels=256 if random else shapes.of("dp.conv_1.weight", 3)[0],
        weight_norm=False,
    )
    text = TextConfig(symbols=tuple(voice.ids), cleaners=(), add_blank=False)
    return Config(model=model, audio=audio, text=text, speakers=voice.speakers)


def _decoder(shapes: _Shapes, told: Told) -> dict:
    """The keys of the decoder."""
    stages, blocks = shapes.count("dec.ups."), shapes.count("dec.resblocks.")
    check(stages and blocks and blocks % stages == 0, "the decoder has {blocks} blocks in {stages} stages",
          blocks=blocks, stages=stages)  # fmt: skip
    kind = "1" if any(name.startswith("dec.resblocks.0.convs1.") for name in shapes.sizes) else "2"
    first = "convs1" if kind == "1" else "convs"
    kernels = tuple(shapes.of(f"dec.resblocks.{block}.{first}.0.weight", 3)[2] for block in range(blocks // stages))
    sizes = tuple(shapes.of(f"dec.ups.{stage}.weight", 3)[2] for stage in range(stages))
    # All public voices upsample by half of the kernel.
    rates = told.rates or tuple(max(1, size // 2) for size in sizes)
    dilations = (told.dilations or DILATIONS[kind])[: len(kernels)]
    repeated = told.dilations in ((), dilations, dilations * stages)
    check(repeated, "the residual blocks of the stages are dilated differently, which no voice of this kind is")
    layers = [shapes.count(f"dec.resblocks.{block}.{first}.") for block in range(len(kernels))]
    check(
        [len(each) for each in dilations] == layers,
        "the residual blocks have {layers} layers, and nothing says how far each is dilated",
        layers=layers,
    )
    return {
        "resblock": kind,
        "resblock_kernel_sizes": kernels,
        "resblock_dilation_sizes": dilations,
        "upsample_rates": rates,
        "upsample_initial_channel": shapes.of("dec.conv_pre.bias", 1)[0],
        "upsample_kernel_sizes": sizes,
    }
