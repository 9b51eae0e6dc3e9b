"""Sizes from shapes, and what the JSON file beside them says."""

import pytest

from engine.errors import ConfigError, WeightsMismatch
from engine.systems.minimind.config import LMConfig, parse, published_shapes, told
from tests.minimind import stored


def shapes(name):
    return {key: tuple(entry["shape"]) for key, entry in stored(name).items()}


def test_the_public_configuration_has_exactly_the_public_tensors():
    config = parse(shapes("manifest_lm_default"), stored("config_lm_default"), "pretrain_768.pth")
    assert published_shapes(config) == shapes("manifest_lm_default")
    assert config == LMConfig(
        width=768, hidden=2048, n_layers=16, n_heads=16, n_kv_heads=8, n_text=100277, n_codes=4096
    )


@pytest.mark.parametrize("name", ["lm", "lm_moe"])
def test_reduced_models_have_exactly_their_tensors_and_say_so_again(name):
    config = parse(shapes(f"{name}_manifest"), stored(f"{name}_config"), name)
    assert published_shapes(config) == shapes(f"{name}_manifest")
    assert parse(shapes(f"{name}_manifest"), told(config), name) == config


def test_without_a_file_there_are_sixteen_heads():
    assert parse(shapes("manifest_lm_default"), {}, "x").n_kv_heads == 8


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dim": 32}, "dim=32"),
        ({"n_layers": 4}, "n_layers=4"),
        ({"n_kv_heads": 4}, "n_kv_heads=4"),
        ({"n_kv_heads": None}, "n_kv_heads=4"),
        ({"vocab_size": 1}, "vocab_size=1"),
        ({"speechcab_size": 63}, "speechcab_size=63"),
        ({"hidden_dim": 128}, "hidden_dim=128"),
        ({"multiple_of": 64}, "multiple_of=64"),
        ({"use_moe": True}, "use_moe=True"),
        ({"n_heads": 5}, "n_heads=5"),
        ({"n_heads": 64}, "n_heads=64"),
        ({"n_heads": "four"}, "n_heads='four'"),
        ({"n_heads": 0}, "n_heads=0"),
        ({"norm_eps": 0}, "norm_eps=0"),
        ({"max_seq_len": 1 << 20}, "max_seq_len=1048576"),
        ({"dropout": 1.5}, "dropout=1.5"),
    ],
)
def test_what_the_file_says_wrongly_is_named(changes, said):
    with pytest.raises(ConfigError, match=said):
        parse(shapes("lm_manifest"), stored("lm_config") | changes, "pretrain_64.pth")


def test_more_experts_than_there_are_cannot_be_asked():
    with pytest.raises(ConfigError, match="num_experts_per_tok=5"):
        parse(shapes("lm_moe_manifest"), stored("lm_moe_config") | {"num_experts_per_tok": 5}, "x")


@pytest.mark.parametrize("spoil", [{}, {"tok_embeddings.weight": (3,)}, {"layers.0.attention.wk.weight": ()}])
def test_what_is_no_language_model_is_said_so(spoil):
    held = shapes("lm_manifest") | spoil if spoil else {}
    with pytest.raises(WeightsMismatch, match="no language model"):
        parse(held, {}, "x.pth")


def test_absurd_sizes_are_refused_before_anything_is_built():
    held = shapes("lm_manifest") | {f"layers.{index}.norm": (1,) for index in range(200)}
    with pytest.raises(WeightsMismatch, match="200 layers"):
        parse(held, stored("lm_config") | {"n_layers": 200}, "x.pth")
