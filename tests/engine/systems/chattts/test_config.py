"""The architecture is read off the tensors, and a config.json that contradicts them is refused."""

import json

import pytest

from engine.errors import ConfigError
from engine.systems.chattts.config import decoder_config, embed_config, gpt_config, vocos_config

PUBLIC_GPT = {"num_attention_heads": 12, "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 20}


def test_the_public_architecture_is_read_off_the_files(golden_json):
    manifest = {part: shapes_of(golden_json(f"manifest_{part}")) for part in ("gpt", "embed", "decoder", "vocos")}
    gpt = gpt_config(PUBLIC_GPT, manifest["gpt"])
    assert (gpt.hidden, gpt.intermediate, gpt.n_layers, gpt.n_heads, gpt.head_dim) == (768, 3072, 20, 12, 64)
    embed = embed_config(manifest["embed"])
    assert (embed.hidden, embed.n_text, embed.n_audio, embed.n_codebooks) == (768, 21178, 626, 4)
    stack = decoder_config(manifest["decoder"]).stack
    assert (stack.n_in, stack.bottleneck, stack.hidden, stack.n_layers, stack.n_out) == (384, 128, 512, 12, 384)
    vocos = vocos_config(manifest["vocos"])
    assert (vocos.n_mels, vocos.hidden, vocos.intermediate, vocos.n_layers, vocos.n_fft) == (100, 512, 1536, 8, 1024)


def shapes_of(manifest):
    return {key: tuple(entry["shape"]) for key, entry in manifest.items()}


CONTRADICTIONS = {
    "heads": ({"num_attention_heads": 5, "num_key_value_heads": 5}, "does not divide 64"),
    "positions": ({"max_position_embeddings": 10**9}, "at most 131072 are known"),
    "no heads": ({"num_attention_heads": "4"}, "num_attention_heads='4' is no whole number"),
    "layers": ({"num_hidden_layers": 4}, "num_hidden_layers=4, but this model has 3"),
    "grouped": ({"num_key_value_heads": 2}, "num_key_value_heads=2"),
    "scaled": ({"rope_scaling": {"type": "linear"}}, "rope_scaling"),
    "activation": ({"hidden_act": "gelu"}, "hidden_act='gelu'"),
    "eps": ({"rms_norm_eps": 0}, "rms_norm_eps=0 is not above 0"),
}


@pytest.mark.parametrize(("changes", "said"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_config_that_contradicts_the_tensors_is_refused(folder, load_networks, changes, said):
    path = folder / "asset" / "gpt" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(ConfigError, match=said):
        load_networks(folder)
