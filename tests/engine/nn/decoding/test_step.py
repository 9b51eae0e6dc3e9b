"""The compiled step equals the network, whatever the batch, the threads and the padding, and requests do not mix."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.nn.decoding import company
from engine.nn.decoding.company import Company
from engine.nn.decoding.intrinsics import exponential
from engine.nn.decoding.masks import decode_bias, prefill_bias
from engine.nn.decoding.step import CompiledStep, Stepped
from engine.nn.decoding.weights import eight_bit, full
from engine.nn.linear import Linear

COLUMNS, STEPS = 9, 5


def run(network, weights, rows, padding, *, keep=None):
    """Hidden states (steps, rows, H) of the same columns through the compiled step, or the network without weights."""
    return [step.hidden for step in steps(network, weights, rows, padding, keep=keep)]


def steps(network, weights, rows, padding, *, keep=None):
    """The same with what a head says."""
    rng = torch.Generator().manual_seed(2)
    visible = torch.arange(COLUMNS) >= torch.tensor(padding[:rows]).unsqueeze(1)
    prompt = torch.randn(rows, COLUMNS, network.config.hidden, generator=rng)
    columns = torch.randn(STEPS, rows, network.config.hidden, generator=rng)
    cache, positions = network.new_cache(rows, COLUMNS + STEPS), visible.cumsum(1) - 1
    network(prompt, positions.clamp(min=0), cache, prefill_bias(visible, torch.float32))
    at, first, found = positions[:, -1], torch.tensor(padding[:rows]), []
    with closing(CompiledStep(weights or full(network.parts()), rows, COLUMNS + STEPS)) as step:
        for index, x in enumerate(columns):
            if keep and index == 2:
                cache.keep(keep)
                at, first, visible = at[keep], first[keep], visible[keep]
            x, at = x[keep] if keep and index >= 2 else x, at + 1
            if weights is None:
                bias = decode_bias(visible, STEPS, torch.float32)
                bias = None if bias is None else bias[..., : cache.length + 1]
                found.append(Stepped(network(x.unsqueeze(1), at.unsqueeze(1), cache, bias)[:, 0], None))
            else:
                made = step(x.clone(), at, cache, first)
                found.append(made._replace(scores=None if made.scores is None else made.scores.clone()))
    return found


@pytest.fixture(params=[1, 2, 5])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("rows", [1, 2, 4, 5])
@pytest.mark.usefixtures("threads")
def test_it_equals_the_network(network, rows):
    padding = [3, 0, 8, 1, 0]
    for found, expected in zip(
        run(network, full(network.parts()), rows, padding), run(network, None, rows, padding), strict=True
    ):
        assert_close(found, expected, atol=1e-5, rtol=0)


@pytest.mark.usefixtures("threads")
def test_it_equals_a_network_whose_heads_share_keys(build):
    network = build(n_heads=6, kv_heads=2)
    padding = [3, 0, 1]
    for found, expected in zip(
        run(network, full(network.parts()), 3, padding), run(network, None, 3, padding), strict=True
    ):
        assert_close(found, expected, atol=1e-5, rtol=0)


@pytest.mark.usefixtures("threads")
def test_eight_bits_are_near_and_the_same_however_many_threads_take_part(network):
    padding = [0, 2, 0]
    expected, found = run(network, None, 3, padding), run(network, eight_bit(network.parts()), 3, padding)
    for near, exact in zip(found, expected, strict=True):
        assert (near - exact).norm() / exact.norm() < 0.03
    torch.set_num_threads(1)
    for near, alone in zip(found, run(network, eight_bit(network.parts()), 3, padding), strict=True):
        assert torch.equal(near, alone)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.usefixtures("threads")
def test_a_head_scores_what_the_step_has_made(network, rows, bias):
    head = a_head(bias)
    parts, padding = dataclasses.replace(network.parts(), head=head), [0] * rows
    exact, near = steps(network, full(parts), rows, padding), steps(network, eight_bit(parts), rows, padding)
    for step, expected in zip(exact, run(network, None, rows, padding), strict=True):
        assert_close(step.hidden, expected, atol=1e-5, rtol=0)
        assert_close(step.scores, head(expected), atol=2e-5, rtol=0)
    for step, rounded in zip(exact, near, strict=True):
        assert 0 < (rounded.scores - step.scores).norm() / step.scores.norm() < 0.03
        # What rounds the scores is the head as well, and that little.
        assert 0 < (rounded.scores - head(rounded.hidden)).norm() / step.scores.norm() < 0.02
    torch.set_num_threads(1)
    for step, alone in zip(near, steps(network, eight_bit(parts), rows, padding), strict=True):
        assert torch.equal(step.scores, alone.scores)


def test_a_step_without_a_head_scores_nothing(network):
    cache, x = network.new_cache(1, 1), torch.ones(1, network.config.hidden)
    zero = torch.zeros(1, dtype=torch.int64)
    with closing(CompiledStep(full(network.parts()), 1, 1)) as step:
        assert step(x, zero, cache, zero).scores is None


def a_head(bias):
    rng, head = torch.Generator().manual_seed(3), Linear(48, 71, bias=bias)
    for parameter in head.parameters():
        parameter.data = torch.randn(parameter.shape, generator=rng) * 48**-0.5
    return head


def test_rows_that_leave_change_nothing_for_the_others(network):
    padding = [1, 0, 4, 2, 0, 3]
    everyone, fewer = (run(network, full(network.parts()), 6, padding, keep=keep) for keep in (None, [1, 4]))
    for whole, part in zip(everyone[2:], fewer[2:], strict=True):
        assert_close(part, whole[[1, 4]], atol=1e-6, rtol=0)


def test_requests_at_the_same_time_do_not_mix(network):
    weights = full(network.parts())
    alone = [run(network, weights, rows, [0] * 5) for rows in (1, 3, 5)]
    with ThreadPoolExecutor(3) as pool:
        for _ in range(5):
            together = list(pool.map(lambda rows: run(network, weights, rows, [0] * 5), (1, 3, 5)))
            assert all(
                torch.equal(a, b) for x, y in zip(alone, together, strict=True) for a, b in zip(x, y, strict=True)
            )


@pytest.mark.parametrize("kind", [full, eight_bit])
@pytest.mark.usefixtures("threads")
def test_requests_step_together_and_each_gets_the_same_as_alone(network, monkeypatch, kind):
    """Joined at different lengths, with different numbers of rows, and to the last bit."""
    weights, rows = kind(network.parts()), (1, 3, 2, 1)
    alone = [run(network, weights, each, [3, 0, 8]) for each in rows]
    made, advance = [], CompiledStep._advance
    monkeypatch.setattr(CompiledStep, "_advance", lambda self, step: made.append(len(step.x)) or advance(self, step))
    monkeypatch.setattr(company, "PATIENCE", 1e6)
    # All are expected before one asks, so that each waits for the others.
    met = Barrier(len(rows))
    ask = Company.ask

    def asking(self, member, wish, work):
        if not member.expected:
            member.expected = True
            met.wait(60)
        return ask(self, member, wish, work)

    monkeypatch.setattr(Company, "ask", asking)
    with ThreadPoolExecutor(len(rows)) as pool:
        together = list(pool.map(lambda each: run(network, weights, each, [3, 0, 8]), rows))
    assert made == [sum(rows)] * STEPS
    for one, other in zip(alone, together, strict=True):
        for a, b in zip(one, other, strict=True):
            assert torch.equal(a, b)


def test_a_longer_and_larger_company_than_a_run_had_place_for(network):
    """Whoever leads has memory of its own run's size at first."""
    weights = full(network.parts())
    with closing(CompiledStep(weights, 1, 1)) as small, closing(CompiledStep(weights, 4, COLUMNS + STEPS)) as large:
        caches = network.new_cache(4, COLUMNS + STEPS), network.new_cache(4, COLUMNS + STEPS)
        x, zeros = torch.randn(4, network.config.hidden), torch.zeros(4, dtype=torch.int64)
        for _ in range(COLUMNS):
            expected, found = large(x.clone(), zeros, caches[0], zeros), small(x.clone(), zeros, caches[1], zeros)
            assert torch.equal(expected.hidden, found.hidden)


def test_the_exponential_is_that_of_numpy():
    x = np.linspace(-90, 88, 5001, dtype=np.float32)
    expected = np.exp(np.maximum(x, np.float32(-87)).astype(np.float64))
    assert np.abs(np.array([exponential(value) for value in x]) / expected - 1).max() < 5e-7
