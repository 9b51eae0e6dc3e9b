"""A checkpoint's config.json as the sizes of the networks and the vocabulary. Imports no torch.

docs/systems/kokoro.md#what-a-checkpoint-says-of-its-architecture
"""

from collections.abc import Mapping
from typing import Any

from engine.config_file import check, section, whole
from engine.errors import ConfigError
from engine.style_tts.config import (
    DecoderConfig,
    DecoderKind,
    HarmonicConfig,
    Shapes,
    SynthesizerConfig,
    parse_decoder,
    parse_harmonic,
    parse_plbert,
    shape,
)
from engine.systems.kokoro.languages import CHINESE_CODES, CODES

# Rows of a pack, and with both ends two more than the characters that a model reads at once.
MAX_SYMBOLS = 10_000
# The sections that tell of the decoder: that of the published models, and that of the one that ships.
PUBLISHED, SMALL = "istftnet", "harmonic"
# Of models that were trained on a part of the languages.
SPEAKS = "languages"
# Only the release for Chinese has it, and only that one reads no other language than English besides.
BOPOMOFO = "ㄅ"


def parse(raw: Mapping[str, Any], shapes: Shapes) -> SynthesizerConfig:
    """The architecture from the mapping in config.json and the checkpoint's ``shapes`` by our names.

    Raises ConfigError, which names the key, and WeightsMismatch when a tensor is missing from which a width is read.
    """
    style_dim = whole(raw, "style_dim", least=1)
    decoder: DecoderConfig | HarmonicConfig
    if SMALL in raw:
        decoder, norm = parse_harmonic(section(raw, SMALL, "config.json")), "decoder.norm.fc.weight"
    else:
        istftnet = section(raw, PUBLISHED, "config.json")
        decoder, norm = parse_decoder(istftnet, DecoderKind.ISTFTNET, shapes), "decoder.encode.norm1.fc.weight"
    found = shape(shapes, norm, 2)[1]
    check(
        found == style_dim,
        "style_dim={style_dim} in config.json, but the styles of the weights have {found}",
        style_dim=style_dim,
        found=found,
    )
    return SynthesizerConfig(
        n_token=whole(raw, "n_token", least=1),
        hidden_dim=whole(raw, "hidden_dim", least=1),
        n_layer=whole(raw, "n_layer", least=1),
        max_dur=whole(raw, "max_dur", least=1),
        style_dim=style_dim,
        decoder=decoder,
        plbert=parse_plbert(section(raw, "plbert", "config.json"), shapes),
        float32_constants=True,
    )


def languages(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of the languages that a model speaks: those that it names, else what its vocabulary tells.

    Raises ConfigError.
    """
    if SPEAKS not in raw:
        return CHINESE_CODES if BOPOMOFO in raw["vocab"] else CODES
    named = raw[SPEAKS]
    fits = isinstance(named, list) and named and all(code in CODES for code in named)
    check(
        fits,
        "languages={named!r:.60} in config.json must be a list of some of {known}",
        named=named,
        known=", ".join(CODES),
    )
    return tuple(named)


def vocabulary(raw: Mapping[str, Any]) -> dict[str, int]:
    """The id of each symbol, from 1 on and below ``n_token``; 0 stands at both ends. Raises ConfigError."""
    if not {PUBLISHED, SMALL} & raw.keys() or not isinstance(raw.get("vocab"), dict):
        raise ConfigError(
            "config.json has no istftnet and vocab: it is no model of Kokoro from version 1.0 on. Version 0.19 had "
            "neither and is not read; take kokoro-v1_0.pth with its own config.json"
        )
    symbols, most = raw["vocab"], whole(raw, "n_token", least=1)
    check(
        0 < len(symbols) <= MAX_SYMBOLS,
        "vocab has {count} symbols; 1 to {most} are possible",
        count=len(symbols),
        most=MAX_SYMBOLS,
    )
    for symbol, number in symbols.items():
        fits = len(symbol) == 1 and type(number) is int and 0 < number < most
        check(
            fits,
            "vocab has {symbol!r:.20} with the id {number!r:.20}; symbols are one character, ids 1 to below n_token",
            symbol=symbol,
            number=number,
        )
    return dict(symbols)
