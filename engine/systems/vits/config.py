"""A checkpoint's config.json as frozen dataclasses. Imports no torch, so that voices are listed without a model."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.errors import ConfigError, WeightsMissing

# They stand in public configurations and change nothing.
IGNORED = frozenset(
    (
        "n_layers_q", "use_spectral_norm", "subbands", "use_mel_posterior_encoder", "use_noise_scaled_mas",
        "mas_noise_scale_initial", "noise_scale_delta", "use_duration_discriminator", "duration_discriminator_type",
    )
)  # fmt: skip


KINDS = {bool: "neither true nor false", int: "no whole number", float: "no number"}


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
            _check(getattr(self, name) > 0, f"model.{name}={getattr(self, name)} is not positive")
        for name in (*SIZES, "gin_channels", "gen_istft_n_fft"):
            most = MOST.get(name, MOST_ELSEWHERE)
            _check(getattr(self, name) <= most, f"model.{name}={getattr(self, name)} is above {most}")
        width, heads = self.hidden_channels, self.n_heads
        _check(width % heads == 0, f"model.hidden_channels={width} is not a multiple of n_heads={heads}")
        _check(self.inter_channels % 2 == 0, f"model.inter_channels={self.inter_channels} is odd; the flow halves it")
        _check(0 <= self.p_dropout < 1, f"model.p_dropout={self.p_dropout} is outside 0..1")
        speakers = f"data.n_speakers is {self.n_speakers}"
        _check(not self.n_speakers or self.gin_channels > 0, f"{speakers} but model.gin_channels is missing; try 256")
        self._check_decoder()

    def _check_decoder(self) -> None:
        _check(self.resblock in ("1", "2"), f"model.resblock={self.resblock!r} is neither '1' nor '2'")
        kernels, dilations = self.resblock_kernel_sizes, self.resblock_dilation_sizes
        _check(len(kernels) == len(dilations), "model.resblock_kernel_sizes and resblock_dilation_sizes do not pair up")
        _check(all(k > 0 and k % 2 for k in kernels), f"model.resblock_kernel_sizes={kernels} must be positive and odd")
        fits = all(0 < dilation <= 1000 for inner in dilations for dilation in inner)
        _check(fits, "model.resblock_dilation_sizes must be positive, and at most 1000")
        rates, sizes = self.upsample_rates, self.upsample_kernel_sizes
        _check(len(rates) == len(sizes), "model.upsample_rates and upsample_kernel_sizes do not pair up")
        for rate, size in zip(rates, sizes, strict=True):
            fits = 0 < rate <= size and (size - rate) % 2 == 0
            _check(fits, f"an upsampling rate of {rate} does not go with a kernel of {size}")
        width = self.upsample_initial_channel
        _check(width % 2 ** len(rates) == 0, f"model.upsample_initial_channel={width} cannot be halved at each stage")
        n_fft, hop = self.gen_istft_n_fft, self.gen_istft_hop_size
        fits = 0 < hop < n_fft and n_fft % hop == 0 and n_fft % 2 == 0
        _check(fits, f"an inverse STFT of size {n_fft} does not go with a hop of {hop}")
        made = f"the decoder makes {self.upsampling} samples of a frame"
        _check(self.upsampling == self.hop_length, f"{made}, but data.hop_length is {self.hop_length}")


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


def read_json(path: Path) -> dict[str, Any]:
    """The object in ``path``. Raises WeightsMissing when there is no such file, ConfigError when it is no object."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise WeightsMissing(f"there is no {path.name} in {path.parent}; it belongs beside the weights") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read as JSON: {error}") from None
    _check(isinstance(raw, dict), f"{path} holds no JSON object")
    return raw


def parse(raw: Mapping[str, Any], source: str = "config.json") -> Config:
    """A Config from the object in the file called ``source``. Raises ConfigError, which names file and key."""
    try:
        return _parse(raw)
    except ConfigError as error:
        raise ConfigError(f"{source}: {error}") from None


def _parse(raw: Mapping[str, Any]) -> Config:
    data, model = _section(raw, "data"), _section(raw, "model")
    audio = AudioConfig(
        sampling_rate=_take(data, "sampling_rate", int),
        filter_length=_take(data, "filter_length", int),
        hop_length=_take(data, "hop_length", int),
        win_length=_take(data, "win_length", int),
        n_mel_channels=_take(data, "n_mel_channels", int, 80),
        mel_fmin=_take(data, "mel_fmin", float, 0.0),
        mel_fmax=_take(data, "mel_fmax", float, None),
    )
    rate = audio.sampling_rate
    _check(1000 <= rate <= 384_000, f"data.sampling_rate={rate} is outside 1000..384000 Hz")
    longest = f"data.filter_length={audio.filter_length} is above {MOST_ELSEWHERE}"
    _check(audio.filter_length <= MOST_ELSEWHERE, longest)
    _check(
        0 < audio.hop_length <= audio.win_length <= audio.filter_length,
        "data.hop_length, win_length and filter_length must not decrease in this order",
    )
    cleaners = data.get("text_cleaners", [])
    _check(_strings(cleaners), "data.text_cleaners is no list of names")
    symbols = raw["symbols"] if "symbols" in raw else list(default_symbols(cleaners))
    _check(_strings(symbols) or isinstance(symbols, str), "symbols is no list of strings")
    text = TextConfig(symbols=tuple(symbols), cleaners=tuple(cleaners), add_blank=_take(data, "add_blank", bool, True))
    speakers = _speakers(raw, data)
    return Config(model=_model(model, audio, text, len(speakers)), audio=audio, text=text, speakers=speakers)


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
    _check(not unknown, f"model has unknown keys: {', '.join(unknown)}; this may be another kind of VITS")
    hidden = _take(raw, "hidden_channels", int)
    kind = next((FLAGS[flag] for flag in FLAGS if raw.get(flag)), DecoderKind.PLAIN)
    return ModelConfig(
        n_vocab=len(text.symbols),
        spec_channels=audio.filter_length // 2 + 1,
        hop_length=audio.hop_length,
        n_speakers=n_speakers,
        gin_channels=_take(raw, "gin_channels", int, 0) if n_speakers else 0,
        inter_channels=_take(raw, "inter_channels", int),
        hidden_channels=hidden,
        filter_channels=_take(raw, "filter_channels", int),
        n_heads=_take(raw, "n_heads", int),
        n_layers=_take(raw, "n_layers", int),
        kernel_size=_take(raw, "kernel_size", int),
        p_dropout=_take(raw, "p_dropout", float, 0.1),
        # The iSTFT repositories and the original differ in what a missing key means.
        use_sdp=_take(raw, "use_sdp", bool, not any(flag in raw for flag in FLAGS)),
        decoder=kind,
        subbands=_take(raw, "subbands", int, 4) or 4,
        gen_istft_n_fft=_take(raw, "gen_istft_n_fft", int, 16),
        gen_istft_hop_size=_take(raw, "gen_istft_hop_size", int, 4),
        resblock=str(raw.get("resblock", "1")),
        resblock_kernel_sizes=_ints(raw, "resblock_kernel_sizes"),
        resblock_dilation_sizes=_nested_ints(raw, "resblock_dilation_sizes"),
        upsample_rates=_ints(raw, "upsample_rates"),
        upsample_initial_channel=_take(raw, "upsample_initial_channel", int),
        upsample_kernel_sizes=_ints(raw, "upsample_kernel_sizes"),
        posterior_layers=_take(raw, "posterior_layers", int, 16),
        posterior_channels=_take(raw, "posterior_channels", int, hidden),
        flow_layers=_take(raw, "flow_layers", int, 4),
        flow_count=_take(raw, "flow_count", int, 4),
        flow_channels=_take(raw, "flow_channels", int, hidden),
        dp_filter_channels=_take(raw, "dp_filter_channels", int, 256),
        weight_norm=_take(raw, "weight_norm", bool, True),
    )


def _speakers(raw: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, int]:
    """Names to ids: the ``speakers`` key (a list, or names to ids), else numbers. One speaker is none."""
    count = _take(data, "n_speakers", int, 0)
    _check(count <= MOST["n_speakers"], f"data.n_speakers={count} is above {MOST['n_speakers']}")
    if count <= 1:
        return {}
    named = raw.get("speakers", data.get("speakers", []))
    if isinstance(named, Mapping):
        named = {str(name): number for name, number in named.items()}
        valid = all(isinstance(number, int) and 0 <= number < count for number in named.values())
        _check(valid, f"speakers has ids outside 0..{count - 1}")
    else:
        _check(_strings(named), "speakers is neither a list of names nor a table of names and ids")
        named = {name: number for number, name in enumerate(named[:count])}
    taken = set(named.values())
    named |= {str(number): number for number in range(count) if number not in taken}
    return dict(sorted(named.items(), key=lambda item: item[1]))


def _section(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    _check(isinstance(raw.get(name), dict), f"there is no section {name!r}; this is not a config.json of a VITS model")
    return raw[name]


def _take(raw: Mapping[str, Any], key: str, kind: type, *default: Any) -> Any:
    """``raw[key]`` as ``kind``; null counts as missing only where the default says so."""
    value = raw.get(key)
    if value is None:
        _check(bool(default), f"the key {key!r} is missing")
        return default[0]
    numeric = isinstance(value, (int, float)) and math.isfinite(value)
    if kind is bool and isinstance(value, bool):
        return value
    if kind is int and numeric and value == int(value):
        return int(value)
    if kind is float and numeric and not isinstance(value, bool):
        return float(value)
    raise ConfigError(f"{key}={repr(value)[:60]} is {KINDS[kind]}")


def _ints(raw: Mapping[str, Any], key: str) -> tuple[int, ...]:
    return _int_list(raw.get(key), key)


def _nested_ints(raw: Mapping[str, Any], key: str) -> tuple[tuple[int, ...], ...]:
    value = raw.get(key)
    _check(isinstance(value, list), f"{key}={repr(value)[:60]} is no list of lists of whole numbers")
    return tuple(_int_list(inner, key) for inner in value)


def _int_list(value: Any, key: str) -> tuple[int, ...]:
    valid = isinstance(value, list) and value and all(type(item) is int for item in value)
    _check(valid, f"{key}={repr(value)[:60]} is no list of whole numbers")
    small = len(value) <= 64 and max(map(abs, value)) <= MOST_ELSEWHERE
    _check(small, f"{key} has more than 64 numbers, or one above {MOST_ELSEWHERE}")
    return tuple(value)


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _check(condition: bool, message: str) -> None:
    if not condition:
        raise ConfigError(message)
