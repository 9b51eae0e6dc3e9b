"""The compiled step equals the network, whatever the batch, the threads and the padding, and requests do not mix."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.nn.decoding.kernels import _exp
from engine.systems.chattts.config import GptConfig
from engine.systems.chattts.gpt import Gpt, decode_bias, prefill_bias
from engine.systems.chattts.quantize import eight_bit, full
from engine.systems.chattts.step import CompiledStep

COLUMNS, STEPS = 9, 5


def network(hidden=48, intermediate=100, n_heads=3):
    """Sizes that no vector divides."""
    gpt = Gpt(GptConfig(hidden=hidden, intermediate=intermediate, n_layers=2, n_heads=n_heads))
    rng = torch.Generator().manual_seed(1)
    for parameter in gpt.parameters():
        parameter.data = torch.randn(parameter.shape, generator=rng) * parameter.shape[-1] ** -0.5
    return gpt


def run(gpt, weights, rows, padding, *, keep=None):
    """Hidden states (steps, rows, H) of the same columns through the compiled step, or the network without weights."""
    rng = torch.Generator().manual_seed(2)
    visible = torch.arange(COLUMNS) >= torch.tensor(padding[:rows]).unsqueeze(1)
    prompt = torch.randn(rows, COLUMNS, gpt.config.hidden, generator=rng)
    columns = torch.randn(STEPS, rows, gpt.config.hidden, generator=rng)
    cache, positions = gpt.new_cache(rows, COLUMNS + STEPS), visible.cumsum(1) - 1
    gpt(prompt, positions.clamp(min=0), cache, prefill_bias(visible, torch.float32))
    at, first, found = positions[:, -1], torch.tensor(padding[:rows]), []
    with closing(CompiledStep(weights or full(network()), rows, COLUMNS + STEPS)) as step:
        for index, x in enumerate(columns):
            if keep and index == 2:
                cache.keep(keep)
                at, first, visible = at[keep], first[keep], visible[keep]
            x, at = x[keep] if keep and index >= 2 else x, at + 1
            if weights is None:
                bias = decode_bias(visible, STEPS, torch.float32)
                bias = None if bias is None else bias[..., : cache.length + 1]
                found.append(gpt(x.unsqueeze(1), at.unsqueeze(1), cache, bias)[:, 0])
            else:
                found.append(step(x.clone(), at, cache, first))
    return found


@pytest.fixture(params=[1, 2, 5])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("rows", [1, 2, 4, 5])
@pytest.mark.usefixtures("threads")
def test_it_equals_the_network(rows):
    gpt, padding = network(), [3, 0, 8, 1, 0]
    for found, expected in zip(run(gpt, full(gpt), rows, padding), run(gpt, None, rows, padding), strict=True):
        assert_close(found, expected, atol=1e-5, rtol=0)


@pytest.mark.usefixtures("threads")
def test_eight_bits_are_near_and_the_same_however_many_threads_take_part():
    gpt, padding = network(), [0, 2, 0]
    expected, found = run(gpt, None, 3, padding), run(gpt, eight_bit(gpt), 3, padding)
    for near, exact in zip(found, expected, strict=True):
        assert (near - exact).norm() / exact.norm() < 0.03
    torch.set_num_threads(1)
    for near, alone in zip(found, run(gpt, eight_bit(gpt), 3, padding), strict=True):
        assert torch.equal(near, alone)


def test_rows_that_leave_change_nothing_for_the_others():
    gpt, padding = network(), [1, 0, 4, 2, 0, 3]
    everyone, fewer = (run(gpt, full(gpt), 6, padding, keep=keep) for keep in (None, [1, 4]))
    for whole, part in zip(everyone[2:], fewer[2:], strict=True):
        assert_close(part, whole[[1, 4]], atol=1e-6, rtol=0)


def test_requests_at_the_same_time_do_not_mix():
    gpt = network()
    weights = full(gpt)
    alone = [run(gpt, weights, rows, [0] * 5) for rows in (1, 3, 5)]
    with ThreadPoolExecutor(3) as pool:
        for _ in range(5):
            together = list(pool.map(lambda rows: run(gpt, weights, rows, [0] * 5), (1, 3, 5)))
            assert all(
                torch.equal(a, b) for x, y in zip(alone, together, strict=True) for a, b in zip(x, y, strict=True)
            )


def test_the_exponential_is_that_of_numpy():
    x = np.linspace(-90, 88, 5001, dtype=np.float32)
    expected = np.exp(np.maximum(x, np.float32(-87)).astype(np.float64))
    assert np.abs(np.array([_exp(value) for value in x]) / expected - 1).max() < 5e-7
