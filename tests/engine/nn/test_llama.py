"""The Llama-like network: columns one by one equal all at once, and the rotation is of queries and keys alone."""

import pytest
import torch
from torch.testing import assert_close

from engine.nn.decoding.masks import prefill_bias
from engine.nn.llama import Llama, rotate_heads, rotation_table
from engine.nn.llama_config import LlamaConfig


def network(**changes):
    config = {"hidden": 24, "intermediate": 40, "n_layers": 2, "n_heads": 3, "max_positions": 32} | changes
    built, rng = Llama(LlamaConfig(**config)), torch.Generator().manual_seed(1)
    for parameter in built.parameters():
        parameter.data = torch.randn(parameter.shape, generator=rng) * parameter.shape[-1] ** -0.5
    return built


GROUPED = {"n_heads": 6, "kv_heads": 2}


@pytest.mark.parametrize("changes", [{}, GROUPED])
@torch.inference_mode()
def test_columns_one_by_one_equal_all_at_once(changes):
    built, x = network(**changes), torch.randn(2, 7, 24, generator=torch.Generator().manual_seed(2))
    positions, visible = torch.arange(7).expand(2, 7), torch.ones(2, 7, dtype=torch.bool)
    whole = built(x, positions, built.new_cache(2, 7), prefill_bias(visible, torch.float32))
    cache = built.new_cache(2, 7)
    for column in range(7):
        at = slice(column, column + 1)
        assert_close(built(x[:, at], positions[:, at], cache, None), whole[:, at], atol=1e-5, rtol=0)
    assert_close(built.whole(x), whole, atol=1e-5, rtol=0)


def test_a_group_of_heads_equals_as_many_heads_of_the_same_keys():
    grouped = network(**GROUPED)
    plain = network(n_heads=6)
    heads = 24 // 6
    for layer, source in zip(plain.layers, grouped.layers, strict=True):
        layer.load_state_dict({**source.state_dict(), "self_attn.qkv_proj.weight": layer.self_attn.qkv_proj.weight})
        # Kinds of two heads each: three queries, the keys, the values.
        kinds = source.self_attn.qkv_proj.weight.view(5, 2, heads, 24)
        queries = kinds[:3].transpose(0, 1).reshape(24, 24)
        keys, values = (kind.repeat_interleave(3, 0).reshape(24, 24) for kind in kinds[3:])
        layer.self_attn.qkv_proj.weight.data = torch.cat((queries, keys, values))
    plain.norm.load_state_dict(grouped.norm.state_dict())
    x = torch.randn(2, 7, 24, generator=torch.Generator().manual_seed(2))
    assert_close(grouped.whole(x), plain.whole(x), atol=1e-5, rtol=0)


def test_training_sees_nothing_on_the_right_and_has_gradients_for_every_matrix():
    built = network(**GROUPED).requires_grad_(True)
    x = torch.randn(1, 7, 24, generator=torch.Generator().manual_seed(2))
    assert_close(built.whole(torch.cat((x, 100 * x), 1))[:, :7], built.whole(x), atol=1e-5, rtol=0)
    built.whole(x).square().sum().backward()
    assert all(parameter.grad.norm() > 0 for parameter in built.parameters())
    one = built.layers[0].mlp.gate_up_proj.weight
    slope, nudge = one.grad[3, 5].item(), 1e-2
    with torch.no_grad():
        sums = []
        for step in (nudge, -2 * nudge):
            one[3, 5] += step
            sums.append(built.whole(x).double().square().sum().item())
    assert_close((sums[0] - sums[1]) / (2 * nudge), slope, rtol=2e-2, atol=1e-3)


def test_dropout_is_of_what_the_layers_add():
    built, x = network(), torch.ones(1, 3, 24)
    assert_close(built.whole(x, dropout=1.0), built.norm(x))


def test_the_first_position_turns_nothing_and_no_position_turns_values_or_changes_a_length():
    cosine, sine = rotation_table(5, 8, 10_000.0)
    qkv = torch.randn(1, 5, 3, 2, 2, 4, generator=torch.Generator().manual_seed(3))
    queries, keys_values = rotate_heads(qkv, (cosine[torch.arange(5)[None]], sine[torch.arange(5)[None]]))
    before = qkv.flatten(-2)
    assert_close(queries[:, :, 0], before[:, 0, 0])
    assert not torch.allclose(queries[:, :, 1], before[:, 1, 0])
    assert_close(keys_values[:, 1].transpose(1, 2), before[:, :, 2])
    assert_close(queries.norm(dim=-1), before[:, :, 0].transpose(1, 2).norm(dim=-1))


def test_a_lower_precision_is_of_the_matrices_alone():
    built = network()
    built.reduce_precision(torch.bfloat16)
    assert built.dtype == built.new_cache(1, 4).extend(1)[0].keys.dtype == torch.bfloat16
    assert built.norm.weight.dtype == torch.float32


def test_the_parts_for_a_compiled_step_are_the_networks_own():
    built = network()
    parts = built.parts()
    assert parts.down[1] is built.layers[1].mlp.down_proj
    assert [norm is own for norm, own in zip(parts.norms[-2:], (built.layers[1].post_attention_layernorm.weight,
            built.norm.weight), strict=True)] == [True, True]  # fmt: skip
    assert parts.cosine.shape == parts.sine.shape == (32, 4)
    assert_close(parts.cosine.square() + parts.sine.square(), torch.ones(32, 4))
