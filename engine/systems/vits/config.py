"""A checkpoint's config.json as frozen dataclasses: docs/systems/vits.md#configuration. Imports no torch."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.config_file import check, flag, nested_wholes, number, section, strings, whole, wholes
from engine.errors import ConfigError

# They stand in public configurations and change nothing.
IGNORED = frozenset(
    (
        "n_layers_q", "use_spectral_norm", "subbands", "use_mel_posterior_encoder", "use_noise_scaled_mas",
        "mas_noise_scale_initial", "noise_scale_delta", "use_duration_discriminator", "duration_discriminator_type",
    )
)  # fmt: skip


class DecoderKind(Enum):
    """How latents become sound: transposed convolutions all the way, or an inverse STFT at their end."""

    PLAIN = "plain"
    ISTFT = "istft"
    MULTI_BAND = "mb"
    MULTI_STREAM = "ms"


# In the order of precedence where several are set.
FLAGS = {
    "mb_istft_vits": DecoderKind.MULTI_BAND,
    "ms_istft_vits": DecoderKind.MULTI_STREAM,
    "istft_vits": DecoderKind.ISTFT,
}
# Beyond what any real model has. A file from anywhere must not ask for the whole machine: voices are listed, and
# networks built, from what it says.
MOST = {
    **dict.fromkeys(("n_layers", "posterior_layers", "flow_layers", "flow_count", "subbands"), 256),
    "hop_length": 16_384,
    "kernel_size": 1001,
    "gen_istft_n_fft": 4096,
    "n_speakers": 100_000,
}
MOST_ELSEWHERE = 65_536
# Public files name one.
MOST_CLEANERS = 8
# The sizes that must be positive.
SIZES = (
    *("n_vocab", "hop_length", "inter_channels", "hidden_channels", "filter_channels", "n_heads", "n_layers"),
    *("kernel_size", "subbands", "upsample_initial_channel", "posterior_layers", "posterior_channels"),
    *("flow_layers", "flow_count", "flow_channels", "dp_filter_channels"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """The architecture. The names are those of config.json; what public files leave open has the public number.

    ``n_speakers`` is 0 for one speaker, and then ``gin_channels`` is 0 too. The keys from ``posterior_layers`` on are
    for small voices; public configurations do not have them.
    """

    n_vocab: int
    spec_channels: int
    hop_length: int
    n_speakers: int = 0
    gin_channels: int = 0
    inter_channels: int
    hidden_channels: int
    filter_channels: int
    n_heads: int
    n_layers: int
    kernel_size: int
    p_dropout: float = 0.1
    use_sdp: bool = False
    decoder: DecoderKind = DecoderKind.PLAIN
    subbands: int = 4
    gen_istft_n_fft: int = 16
    gen_istft_hop_size: int = 4
    resblock: str
    resblock_kernel_sizes: tuple[int, ...]
    resblock_dilation_sizes: tuple[tuple[int, ...], ...]
    upsample_rates: tuple[int, ...]
    upsample_initial_channel: int
    upsample_kernel_sizes: tuple[int, ...]
    posterior_layers: int = 16
    posterior_channels: int
    flow_layers: int = 4
    flow_count: int = 4
    flow_channels: int
    dp_filter_channels: int = 256
    weight_norm: bool = True

    @property
    def upsampling(self) -> int:
        """Samples of sound per latent frame that the decoder makes."""
        stages = math.prod(self.upsample_rates)
        match self.decoder:
            case DecoderKind.PLAIN:
                return stages
            case DecoderKind.ISTFT:
                return stages * self.gen_istft_hop_size
            case DecoderKind.MULTI_BAND | DecoderKind.MULTI_STREAM:
                return stages * self.gen_istft_hop_size * self.subbands

    def __post_init__(self) -> None:
        for name in SIZES:
            check(getattr(self, name) > 0, "model.{name}={self_} is not positive", name=name, self_=getattr(self, name))
        for name in (*SIZES, "gin_channels", "gen_istft_n_fft"):
            most = MOST.get(name, MOST_ELSEWHERE)
            check(
                getattr(self, name) <= most,
                "model.{name}={self_} is above {most}",
                name=name,
                self_=getattr(self, name),
                most=most,
            )
        width, heads = self.hidden_channels, self.n_heads
        check(
            width % heads == 0,
            "model.hidden_channels={width} is not a multiple of n_heads={heads}",
            width=width,
            heads=heads,
        )
        check(
            self.inter_channels % 2 == 0,
            "model.inter_channels={inter_channels} is odd; the flow halves it",
            inter_channels=self.inter_channels,
        )
        check(0 <= self.p_dropout < 1, "model.p_dropout={p_dropout} is outside 0..1", p_dropout=self.p_dropout)
        check(
            not self.n_speakers or self.gin_channels > 0,
            "data.n_speakers is {count} but model.gin_channels is missing; try 256",
            count=self.n_speakers,
        )
        self._check_decoder()

    def _check_decoder(self) -> None:
        check(self.resblock in ("1", "2"), "model.resblock={resblock!r} is neither '1' nor '2'", resblock=self.resblock)
        kernels, dilations = self.resblock_kernel_sizes, self.resblock_dilation_sizes
        check(len(kernels) == len(dilations), "model.resblock_kernel_sizes and resblock_dilation_sizes do not pair up")
        check(
            all(k > 0 and k % 2 for k in kernels),
            "model.resblock_kernel_sizes={kernels} must be positive and odd",
            kernels=kernels,
        )
        fits = all(0 < dilation <= 1000 for inner in dilations for dilation in inner)
        check(fits, "model.resblock_dilation_sizes must be positive, and at most 1000")
        rates, sizes = self.upsample_rates, self.upsample_kernel_sizes
        check(len(rates) == len(sizes), "model.upsample_rates and upsample_kernel_sizes do not pair up")
        for rate, size in zip(rates, sizes, strict=True):
            fits = 0 < rate <= size and (size - rate) % 2 == 0
            check(fits, "an upsampling rate of {rate} does not go with a kernel of {size}", rate=rate, size=size)
        width = self.upsample_initial_channel
        check(
            width % 2 ** len(rates) == 0,
            "model.upsample_initial_channel={width} cannot be halved at each stage",
            width=width,
        )
        n_fft, hop = self.gen_istft_n_fft, self.gen_istft_hop_size
        fits = 0 < hop < n_fft and n_fft % hop == 0 and n_fft % 2 == 0
        check(fits, "an inverse STFT of size {n_fft} does not go with a hop of {hop}", n_fft=n_fft, hop=hop)
        check(
            self.upsampling == self.hop_length,
            "the decoder makes {made} samples of a frame, but data.hop_length is {hop_length}",
            made=self.upsampling,
            hop_length=self.hop_length,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioConfig:
    """How recordings become spectrograms. Rates in Hz, lengths in samples; ``mel_fmax`` None is the Nyquist rate."""

    sampling_rate: int
    filter_length: int
    hop_length: int
    win_length: int
    n_mel_channels: int
    mel_fmin: float
    mel_fmax: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextConfig:
    """How text becomes ids: the symbols in order, the names of the cleaners, and whether blanks stand between."""

    symbols: tuple[str, ...]
    cleaners: tuple[str, ...]
    add_blank: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole config.json, less its ``train`` section. ``speakers`` maps names to ids; empty for one speaker."""

    model: ModelConfig
    audio: AudioConfig
    text: TextConfig
    speakers: Mapping[str, int]


def parse(raw: Mapping[str, Any], source: str = "config.json") -> Config:
    """A Config from the object in the file called ``source``. Raises ConfigError, which names file and key."""
    try:
        return _parse(raw)
    except ConfigError as error:
        raise ConfigError("{source}: {error}", source=source, error=error) from None


def parse_text(raw: Mapping[str, Any], source: str = "config.json") -> TextConfig:
    """What the object in the file called ``source`` says of text alone. Raises ConfigError as `parse` does."""
    try:
        return _text(raw, section(raw, "data", "the file"))
    except ConfigError as error:
        raise ConfigError("{source}: {error}", source=source, error=error) from None


def _parse(raw: Mapping[str, Any]) -> Config:
    data, model = (section(raw, name, "the file") for name in ("data", "model"))
    audio, text = _audio(data), _text(raw, data)
    speakers = _speakers(raw, data)
    return Config(model=_model(model, audio, text, len(speakers)), audio=audio, text=text, speakers=speakers)


def _audio(data: Mapping[str, Any]) -> AudioConfig:
    audio = AudioConfig(
        sampling_rate=whole(data, "sampling_rate"),
        filter_length=whole(data, "filter_length"),
        hop_length=whole(data, "hop_length"),
        win_length=whole(data, "win_length"),
        n_mel_channels=whole(data, "n_mel_channels", 80),
        mel_fmin=number(data, "mel_fmin", 0.0),
        mel_fmax=None if data.get("mel_fmax") is None else number(data, "mel_fmax"),
    )
    rate, longest = audio.sampling_rate, audio.filter_length
    check(1000 <= rate <= 384_000, "data.sampling_rate={rate} is outside 1000..384000 Hz", rate=rate)
    check(
        longest <= MOST_ELSEWHERE,
        "data.filter_length={longest} is above {most_elsewhere}",
        longest=longest,
        most_elsewhere=MOST_ELSEWHERE,
    )
    check(
        0 < audio.hop_length <= audio.win_length <= longest,
        "data.hop_length, win_length and filter_length must not decrease in this order",
    )
    return audio


def _text(raw: Mapping[str, Any], data: Mapping[str, Any]) -> TextConfig:
    cleaners = data.get("text_cleaners", [])
    check(strings(cleaners), "data.text_cleaners is no list of names")
    check(
        len(cleaners) <= MOST_CLEANERS,
        "data.text_cleaners has {count} names; at most {most} are applied",
        count=len(cleaners),
        most=MOST_CLEANERS,
    )
    symbols = raw["symbols"] if "symbols" in raw else list(default_symbols(cleaners))
    check(strings(symbols) or isinstance(symbols, str), "symbols is no list of strings")
    return TextConfig(symbols=tuple(symbols), cleaners=tuple(cleaners), add_blank=flag(data, "add_blank", True))


def with_symbols(raw: Mapping[str, Any], count: int) -> dict[str, Any]:
    """The object of a configuration file with the published symbols of a checkpoint that knows ``count``.

    The lists differ in length, and no key tells which it is; one that goes with the cleaners comes first. Symbols that
    are listed stay. Raises ConfigError when no list has so many.
    """
    if "symbols" in raw:
        return {**raw}
    data, tables = raw.get("data"), symbol_tables()
    cleaners = data.get("text_cleaners") if isinstance(data, Mapping) else None
    for name in (*(cleaners if isinstance(cleaners, list) and strings(cleaners) else ()), *tables):
        if name in tables and len(tables[name]) == count:
            return {**raw, "symbols": list(tables[name])}
    raise ConfigError(
        'the checkpoint has {count} symbols and its config.json does not list them; add them as "symbols"', count=count
    )


def default_symbols(cleaners: Sequence[str]) -> tuple[str, ...]:
    """The symbols of a config.json that lists none: the published set for English, or the multilingual one."""
    english = all(name.startswith(("english", "basic", "transliteration")) for name in cleaners)
    return symbol_tables()["english" if english else "multilingual"]


@lru_cache(maxsize=1)
def symbol_tables() -> Mapping[str, tuple[str, ...]]:
    """The published symbol sets by name, in their order."""
    tables = json.loads(Path(__file__).with_name("symbols.json").read_text(encoding="utf-8"))
    return {name: tuple(symbols) for name, symbols in tables.items()}


def _model(raw: Mapping[str, Any], audio: AudioConfig, text: TextConfig, n_speakers: int) -> ModelConfig:
    names = {field for field in ModelConfig.__slots__ if field not in ("n_vocab", "spec_channels", "hop_length")}
    # What a fork has and this checkpoint has switched off changes nothing.
    unknown = sorted(key for key in raw.keys() - names - IGNORED - set(FLAGS) if raw[key])
    check(
        not unknown, "model has unknown keys: {unknown}; this may be another kind of VITS", unknown=", ".join(unknown)
    )
    hidden = whole(raw, "hidden_channels")
    kind = next((FLAGS[name] for name in FLAGS if raw.get(name)), DecoderKind.PLAIN)
    return ModelConfig(
        n_vocab=len(text.symbols),
        spec_channels=audio.filter_length // 2 + 1,
        hop_length=audio.hop_length,
        n_speakers=n_speakers,
        gin_channels=whole(raw, "gin_channels", 0) if n_speakers else 0,
        inter_channels=whole(raw, "inter_channels"),
        hidden_channels=hidden,
        filter_channels=whole(raw, "filter_channels"),
        n_heads=whole(raw, "n_heads"),
        n_layers=whole(raw, "n_layers"),
        kernel_size=whole(raw, "kernel_size"),
        p_dropout=number(raw, "p_dropout", 0.1),
        # The iSTFT repositories and the original differ in what a missing key means.
        use_sdp=flag(raw, "use_sdp", not any(name in raw for name in FLAGS)),
        decoder=kind,
        # Where there are none, public files say false.
        subbands=whole(raw, "subbands") if raw.get("subbands") else 4,
        gen_istft_n_fft=whole(raw, "gen_istft_n_fft", 16),
        gen_istft_hop_size=whole(raw, "gen_istft_hop_size", 4),
        resblock=str(raw.get("resblock", "1")),
        resblock_kernel_sizes=_sizes(raw, "resblock_kernel_sizes"),
        resblock_dilation_sizes=nested_wholes(raw, "resblock_dilation_sizes", most=MOST_ELSEWHERE),
        upsample_rates=_sizes(raw, "upsample_rates"),
        upsample_initial_channel=whole(raw, "upsample_initial_channel"),
        upsample_kernel_sizes=_sizes(raw, "upsample_kernel_sizes"),
        posterior_layers=whole(raw, "posterior_layers", 16),
        posterior_channels=whole(raw, "posterior_channels", hidden),
        flow_layers=whole(raw, "flow_layers", 4),
        flow_count=whole(raw, "flow_count", 4),
        flow_channels=whole(raw, "flow_channels", hidden),
        dp_filter_channels=whole(raw, "dp_filter_channels", 256),
        weight_norm=flag(raw, "weight_norm", True),
    )


def _speakers(raw: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, int]:
    """Names to ids: the ``speakers`` key (a list, or names to ids), else numbers. One speaker is none."""
    count = whole(data, "n_speakers", 0)
    check(count <= MOST["n_speakers"], "data.n_speakers={count} is above {most}", count=count, most=MOST["n_speakers"])
    if count <= 1:
        return {}
    named = raw.get("speakers", data.get("speakers", []))
    if isinstance(named, Mapping):
        named = {str(name): row for name, row in named.items()}
        valid = all(isinstance(row, int) and 0 <= row < count for row in named.values())
        check(valid, "speakers has ids outside 0..{count}", count=count - 1)
    else:
        check(strings(named), "speakers is neither a list of names nor a table of names and ids")
        named = {name: row for row, name in enumerate(named[:count])}
    taken = set(named.values())
    named |= {str(row): row for row in range(count) if row not in taken}
    return dict(sorted(named.items(), key=lambda item: item[1]))


def _sizes(raw: Mapping[str, Any], key: str) -> tuple[int, ...]:
    return wholes(raw.get(key), key, most=MOST_ELSEWHERE)
