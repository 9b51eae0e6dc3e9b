"""Layers against the reference's numbers, and the causal stack against itself."""

import pytest
import torch
from torch.testing import assert_close

from engine.codec_lm import transformer
from engine.codec_lm.transformer import Decoder, Layer, Remembering
from engine.steps import finish
from tests.engine.codec_lm.test_blocks import block
from tests.valle import arrays


@pytest.mark.parametrize("adaptive", [False, True])
@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("cross", [False, True])
def test_layers_are_the_reference_s(adaptive, norm_first, cross):
    golden = arrays("blocks")
    name = f"{'dec' if cross else 'enc'}_nf{int(norm_first)}_ad{int(adaptive)}"
    layer = Layer(16, 4, norm_first=norm_first, cross=cross, adaptive=adaptive)
    layer.load_state_dict(block(name))
    for module in layer.modules():
        if hasattr(module, "tabulate"):
            module.tabulate(golden["stage"])
    own = golden["causal_mask"] | golden["key_padding"][:, None, None]
    bias = torch.zeros(own.shape).masked_fill(own, float("-inf"))
    padding = golden["memory_padding"][:, None, None]
    memory_bias = torch.zeros(padding.shape).masked_fill(padding, float("-inf"))

    def across(x):
        return layer.multihead_attn.across(x, layer.multihead_attn.memorize(golden["memory"]), memory_bias)

    found = finish(layer(golden["x"], lambda x: layer.self_attn.whole(x, bias), across if cross else None))
    assert_close(found, golden[name], atol=1e-5, rtol=0)


def test_the_last_columns_alone_are_those_of_all():
    layer = Layer(16, 4, norm_first=True, cross=False, adaptive=False)
    layer.load_state_dict(block("enc_nf1_ad0"))
    x = arrays("blocks")["x"]
    whole = finish(layer(x, layer.self_attn.whole))
    part = finish(layer(x, lambda seen: layer.self_attn.whole(seen, start=3), start=3))
    assert_close(part, whole[:, 3:], atol=1e-6, rtol=0)


def test_a_long_text_goes_through_a_layer_in_steps_and_comes_out_the_same(monkeypatch):
    layer = Layer(16, 4, norm_first=True, cross=False, adaptive=False)
    layer.load_state_dict(block("enc_nf1_ad0"))
    x = torch.randn(2, 50, 16, generator=torch.Generator().manual_seed(1))
    whole, steps = finish(layer(x, layer.self_attn.whole)), []
    # A head at a time, and ten rows of the feed-forward network.
    monkeypatch.setattr(transformer, "STEP_WORK", 10 * 8 * 16**2)
    parts = finish(layer(x, layer.self_attn.whole), steps.append)
    assert len(steps) > 3 + 9
    assert_close(parts, whole, atol=1e-6, rtol=0)


@pytest.fixture
def stack():
    def run(*, cross):
        decoder = Decoder(16, 4, 2, norm_first=True, cross=cross)
        rng = torch.Generator().manual_seed(1)
        for parameter in decoder.parameters():
            parameter.data = torch.randn(parameter.shape, generator=rng) * parameter.shape[-1] ** -0.5
        return decoder

    return run


@pytest.mark.parametrize("cross", [False, True])
def test_columns_one_by_one_are_those_at_one_go(stack, cross):
    rng = torch.Generator().manual_seed(2)
    x, memory = torch.randn(2, 5, 16, generator=rng), torch.randn(2, 3, 16, generator=rng)
    network = Remembering(stack(cross=True), memory) if cross else stack(cross=False)
    causal = torch.full((5, 5), float("-inf")).triu(1)
    whole = network(x, None, network.new_cache(2, 5), causal)
    cache = network.new_cache(2, 5)
    for column in range(5):
        assert_close(network(x[:, column : column + 1], None, cache, None)[:, 0], whole[:, column], atol=1e-5, rtol=0)


def test_a_memory_stays_with_its_row(stack):
    rng = torch.Generator().manual_seed(2)
    x, memory = torch.randn(2, 4, 16, generator=rng), torch.randn(2, 3, 16, generator=rng)
    network = Remembering(stack(cross=True), memory)
    cache = network.new_cache(4, 4)
    cache.rows = 2
    causal = torch.full((3, 3), float("-inf")).triu(1)
    network(x[:, :3], None, cache, causal)
    cache.repeat(2)
    cache.keep([1, 2])
    found = network(x[:, 3:], None, cache, None)[:, 0]
    whole = network(x, None, network.new_cache(2, 4), torch.full((4, 4), float("-inf")).triu(1))
    assert_close(found, whole[:, 3], atol=1e-5, rtol=0)


def test_only_plain_stacks_are_compiled(stack):
    assert stack(cross=False).parts() is not None
    assert stack(cross=True).parts() is None
    assert Decoder(16, 4, 1, norm_first=False).parts() is None
    assert Decoder(12, 4, 1, norm_first=True).parts() is None
