"""Eight-bit weights: near float32, a quarter of the size, made once, and only where they belong."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from engine.errors import OptionError
from engine.nn.decoding.weights import AUTO, EIGHT_BIT, FULL, LARGE, LazyWeights, round_rows
from engine.nn.linear import Linear


def test_rows_of_all_sizes_are_rounded_to_within_half_a_step():
    weight = torch.randn(40, 96, generator=torch.Generator().manual_seed(1)) * torch.logspace(-4, 1, 40).unsqueeze(1)
    rounded, scale = round_rows(weight)
    assert rounded.dtype == torch.int8
    assert rounded.abs().amax(1).eq(127).all()
    assert ((rounded * scale.unsqueeze(1) - weight).abs() <= 0.5001 * scale.unsqueeze(1)).all()


def test_a_row_of_zeros_stays_zero():
    rounded, scale = round_rows(torch.zeros(2, 64))
    assert not rounded.any()
    assert torch.isfinite(scale).all()


def test_eight_bits_hold_the_matrices_and_nothing_else(network):
    weights = LazyWeights(network.parts()).get(EIGHT_BIT)
    assert {matrix.dtype for matrix in weights.matrices} == {np.dtype(np.int8)}
    assert {array.dtype for array in (*weights.scales, weights.norms)} == {np.dtype(np.float32)}
    matrices = sum(p.numel() for p in network.layers.parameters() if p.dim() == 2)
    assert sum(matrix.nbytes for matrix in weights.matrices) == matrices == network.parts().numbers()


def test_a_head_is_rounded_with_the_layers(network):
    head = Linear(48, 30)
    head.weight.data = torch.randn(30, 48, generator=torch.Generator().manual_seed(1))
    parts = dataclasses.replace(network.parts(), head=head)
    near, full = LazyWeights(parts).get(EIGHT_BIT), LazyWeights(parts).get(FULL)
    assert near.matrices.head.dtype == np.int8
    assert sum(matrix.nbytes for matrix in near.matrices) == parts.numbers() == network.parts().numbers() + 30 * 48
    found = near.matrices.head[0] * near.scales.head[0][:, None]
    assert np.abs(found - full.matrices.head[0]).max() <= 0.5001 * near.scales.head.max()
    assert head.weight.data_ptr() == full.matrices.head.ctypes.data


def test_full_weights_are_the_networks_own_memory(network):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    weights = LazyWeights(network.parts()).get(FULL)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    down = network.layers[1].mlp.down_proj.weight
    assert down.data_ptr() == weights.matrices.down[1].ctypes.data


def test_each_kind_is_made_once_however_many_ask(network):
    made = LazyWeights(network.parts())
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(made.get, [EIGHT_BIT, FULL] * 4))
    assert len({id(weights) for weights in found}) == 2


def test_auto_takes_eight_bits_for_a_large_network_alone(network, monkeypatch):
    made = LazyWeights(network.parts())
    assert network.parts().numbers() < LARGE
    assert made.get(AUTO) is made.get(FULL)
    monkeypatch.setattr("engine.nn.decoding.weights.LARGE", 1000)
    assert made.get(AUTO) is made.get(EIGHT_BIT)


def test_another_precision_has_none_and_says_so(network):
    network.reduce_precision(torch.bfloat16)
    made = LazyWeights(network.parts())
    assert made.get(AUTO) is None
    assert made.get(FULL) is None
    with pytest.raises(OptionError, match="runs on cpu in bfloat16; choose auto"):
        made.get(EIGHT_BIT)
