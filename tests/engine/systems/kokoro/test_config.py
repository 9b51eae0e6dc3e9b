"""The published configuration is the published architecture."""

import pytest

from engine.errors import ConfigError
from engine.style_tts.config import DecoderKind
from engine.systems.kokoro.config import languages, parse, vocabulary
from engine.systems.kokoro.languages import CHINESE_CODES, CODES
from tests.kokoro import read

SHAPES = {
    "decoder.encode.norm1.fc.weight": (1028, 128),
    "decoder.encode.conv1.weight": (1024, 514, 3),
    "decoder.asr_res.weight": (64, 512, 1),
    "bert.embeddings.word_embeddings.weight": (178, 128),
    "bert.embeddings.position_embeddings.weight": (512, 128),
    "bert.layer.ffn.weight": (2048, 768),
}


def test_the_published_sizes_are_read():
    raw = read("config_v1_0")
    config = parse(raw, SHAPES)
    assert (config.n_token, config.hidden_dim, config.n_layer, config.max_dur, config.style_dim) == (
        178,
        512,
        3,
        50,
        128,
    )
    assert config.decoder.kind is DecoderKind.ISTFTNET
    assert (config.decoder.width, config.decoder.residual_width) == (1024, 64)
    assert (config.plbert.num_attention_heads, config.plbert.num_hidden_layers) == (12, 12)
    assert config.float32_constants
    assert vocabulary(raw)["ˈ"] == 156


def test_a_small_decoder_and_languages_are_read_where_they_are_named():
    raw = read("config_v1_0")
    assert languages(raw) == CODES
    assert languages(raw | {"vocab": {"ㄅ": 1}}) == CHINESE_CODES
    shapes = SHAPES | {"decoder.norm.fc.weight": (24, 16)}
    small = raw | {"harmonic": {"width": 12, "n_layer": 2, "kernel_size": 7}, "languages": ["en"], "style_dim": 16}
    config = parse(small, shapes)
    assert (config.decoder.kind, config.decoder.width, config.style_dim) == (DecoderKind.HARMONIC, 12, 16)
    assert languages(small) == ("en",)
    assert vocabulary({key: value for key, value in small.items() if key != "istftnet"})["ˈ"] == 156


@pytest.mark.parametrize("named", [[], "en", ["en", "tlh"], {"en": 1}, None])
def test_languages_that_nobody_knows_are_refused(named):
    with pytest.raises(ConfigError, match=r"must be a list of some of en, es"):
        languages({"languages": named, "vocab": {}})
