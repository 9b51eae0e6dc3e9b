"""transformers' config.json, vocab.json and tokenizer_config.json, as ours: docs/systems/vits.md#mms-tts.

Imports no torch.
"""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.config_file import check, flag, number, read_json, whole, wholes
from engine.errors import ConfigError
from engine.systems.vits.config import MOST, MOST_ELSEWHERE, Config, parse
from engine.systems.vits.layouts.transformers.tokenizer import TokenizerConfig
from engine.systems.vits.options import within_bounds

VOCABULARY, TOKENIZER = "vocab.json", "tokenizer_config.json"
MOST_ENTRIES = 65_536
LONGEST_ENTRY = 64
VOCABULARY_SIZE = 38  # transformers' own, where a configuration says none
# What is built into our networks. The configuration may say the same, and nothing else.
_BUILT_IN: dict[str, Any] = {
    "window_size": 4,
    "use_bias": True,
    "hidden_act": "relu",
    "layer_norm_eps": 1e-5,
    "leaky_relu_slope": 0.1,
    "depth_separable_channels": 2,
    "depth_separable_num_layers": 3,
    "duration_predictor_flow_bins": 10,
    "duration_predictor_tail_bound": 5.0,
    "duration_predictor_kernel_size": 3,
    "duration_predictor_num_flows": 4,
    "wavenet_kernel_size": 5,
    "wavenet_dilation_rate": 1,
}
# Folders are called as the repositories that they come from.
_NAMED = re.compile(r"mms-tts-([a-z]{3})(?![a-z])")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9_-]{1,40})?")
# Each of our options, the key of the configuration that recommends it, and how the one follows from the other.
_OPTIONS = (
    ("noise_scale", "noise_scale", lambda value: value),
    ("noise_scale_w", "noise_scale_duration", lambda value: value),
    ("length_scale", "speaking_rate", lambda value: 1.0 / value),
)


def is_of_transformers(raw: Mapping[str, Any]) -> bool:
    """Whether a config.json is that of a VITS model of transformers."""
    return raw.get("model_type") == "vits" and "data" not in raw


def read_config(path: Path) -> Config:
    """The configuration of a checkpoint, its symbols those of no vocabulary. Raises WeightsMissing and ConfigError."""
    raw = read_json(path)
    try:
        published = _published(raw)
    except ConfigError as error:
        raise ConfigError("{source}: {error}", source=path, error=error) from None
    return parse(published, str(path))


def _published(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The same as the configuration of the family's own trainers says it.

    What is missing has the value that transformers gives it, which is that of MMS.
    """
    for key, own in _BUILT_IN.items():
        said = raw.get(key, own)
        check(said == own, "{key}={said} is not what these networks have, {own}", key=key, said=str(said)[:60], own=own)
    hidden, flow = whole(raw, "hidden_size", 192), whole(raw, "flow_size", 192)
    bins = whole(raw, "spectrogram_bins", 513, least=2)
    rates = wholes(raw.get("upsample_rates", [8, 8, 2, 2]), "upsample_rates", most=MOST_ELSEWHERE)
    speakers = whole(raw, "num_speakers", 1)
    symbols = whole(raw, "vocab_size", VOCABULARY_SIZE, least=1)
    check(symbols <= MOST_ENTRIES, "vocab_size={size} is above {most}", size=symbols, most=MOST_ENTRIES)
    return {
        "data": {
            "sampling_rate": whole(raw, "sampling_rate", 16_000),
            "filter_length": 2 * (bins - 1),
            "win_length": 2 * (bins - 1),
            "hop_length": math.prod(rates),
            "n_speakers": speakers,
            "add_blank": True,
        },
        "symbols": [""] * symbols,
        "model": {
            "inter_channels": flow,
            "hidden_channels": hidden,
            "filter_channels": whole(raw, "ffn_dim", 768),
            "n_heads": whole(raw, "num_attention_heads", 2),
            "n_layers": whole(raw, "num_hidden_layers", 6),
            "kernel_size": whole(raw, "ffn_kernel_size", 3),
            "use_sdp": random_durations(raw),
            "gin_channels": whole(raw, "speaker_embedding_size", 0) if speakers > 1 else 0,
            "resblock": "1",
            "resblock_kernel_sizes": raw.get("resblock_kernel_sizes", [3, 7, 11]),
            "resblock_dilation_sizes": raw.get("resblock_dilation_sizes", [[1, 3, 5]] * 3),
            "upsample_rates": list(rates),
            "upsample_initial_channel": whole(raw, "upsample_initial_channel", 512),
            "upsample_kernel_sizes": raw.get("upsample_kernel_sizes", [16, 16, 4, 4]),
            "posterior_layers": whole(raw, "posterior_encoder_num_wavenet_layers", 16),
            "flow_layers": whole(raw, "prior_encoder_num_wavenet_layers", 4),
            "flow_count": whole(raw, "prior_encoder_num_flows", 4),
            "dp_filter_channels": whole(raw, "duration_predictor_filter_channels", 256),
        },
    }


def random_durations(raw: Mapping[str, Any]) -> bool:
    """Whether durations are drawn. Raises ConfigError."""
    return flag(raw, "use_stochastic_duration_prediction", True)


def speakers(raw: Mapping[str, Any]) -> dict[str, int]:
    """The numbers of the speakers, which have no names; empty for one. Raises ConfigError."""
    count = whole(raw, "num_speakers", 1)
    check(count <= MOST["n_speakers"], "num_speakers={count} is above {most}", count=count, most=MOST["n_speakers"])
    return {str(row): row for row in range(count)} if count > 1 else {}


def recommended(raw: Mapping[str, Any]) -> dict[str, float]:
    """What the configuration says of our options, by their names. Raises ConfigError."""
    return within_bounds(
        {
            option: follows(number(raw, key, above=0.0 if key == "speaking_rate" else None))
            for option, key, follows in _OPTIONS
            if raw.get(key) is not None
        }
    )


def read_tokenizer(path: Path) -> TokenizerConfig:
    """The tokenizer beside the configuration at ``path``. Raises WeightsMissing and ConfigError."""
    folder = path.parent
    vocabulary = _vocabulary(folder / VOCABULARY, whole(read_json(path), "vocab_size", VOCABULARY_SIZE))
    path = folder / TOKENIZER
    raw = read_json(path) if path.is_file() else {}
    try:
        return TokenizerConfig(
            vocabulary=vocabulary,
            add_blank=flag(raw, "add_blank", True),
            normalize=flag(raw, "normalize", True),
            phonemize=flag(raw, "phonemize", False),
            is_uroman=flag(raw, "is_uroman", False),
            language=_language(raw, folder),
        )
    except ConfigError as error:
        raise ConfigError("{source}: {error}", source=path, error=error) from None


def _vocabulary(path: Path, size: int) -> dict[str, int]:
    raw = read_json(path)
    valid = all(
        type(number) is int and number >= 0 and 0 < len(entry) <= LONGEST_ENTRY for entry, number in raw.items()
    )
    check(raw and valid, "{path} is no vocabulary: characters and their numbers", path=path)
    beyond = [entry for entry, number in raw.items() if number >= size and len(entry) == 1]
    check(not beyond, "{path} has more than the {size} characters of the model", path=path, size=size)
    return raw


def _language(raw: Mapping[str, Any], folder: Path) -> str:
    """The language of the tokenizer, or else of the folder's name; "" where neither says any."""
    said = raw.get("language")
    if isinstance(said, str) and _LANGUAGE.fullmatch(said):
        return said
    named = _NAMED.search(folder.name)
    return named[1] if named else ""
