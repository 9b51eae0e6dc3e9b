"""The published configuration is the published architecture."""

from engine.style_tts.config import DecoderKind
from engine.systems.kokoro.config import parse, vocabulary
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
