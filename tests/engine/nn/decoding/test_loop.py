"""The decoding loop: equality with a network that remembers nothing, how rows leave, and how it ends and is stopped."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch.testing import assert_close

from engine.errors import TextError
from engine.nn.decoding.loop import generate
from engine.nn.decoding.masks import prefill_bias
from engine.nn.decoding.sampling import Noise, Sampler, Sampling
from engine.nn.decoding.weights import EIGHT_BIT, FULL, LazyWeights

WINDOW = 16
SHARP = {"temperature": (0.9, 1.1), "top_k": 12, "repetition_penalty": 1.1, "penalty_window": WINDOW}
# Texts and columns of the prompts of several runs.
SEVERAL = ((1, 7), (2, 12), (1, 3), (3, 9))
# Until the last text ends by itself.
LONG = Sampling(**SHARP, max_new_tokens=200)


@pytest.fixture
def prompt(network):
    """Three texts of 11, 8 and 4 columns, padded on the left."""
    visible = torch.arange(11) >= torch.tensor([0, 3, 7]).unsqueeze(1)
    return torch.randn(3, 11, network.config.hidden, generator=torch.Generator().manual_seed(3)), visible


def noise(seed=1):
    """Other numbers at every step, so that texts end somewhere."""
    return Noise(torch.Generator().manual_seed(seed))


def last(results):
    *_, result = results
    return result


def naive(network, vocabulary, prompt, visible, sampling, noise):
    """One text, every step computed from the beginning with a cache of its own: ids (T, K)."""
    sampler, ids = Sampler(sampling, torch.device("cpu")), []
    columns, width = prompt.shape[1], vocabulary.n_codebooks
    for step in range(sampling.max_new_tokens):
        seen = torch.cat((visible, torch.ones(1, step, dtype=torch.bool)), 1)
        positions = (seen.cumsum(1) - 1).clamp(min=0)
        cache = network.new_cache(1, columns + step)
        hidden = network(prompt, positions, cache, prefill_bias(seen, torch.float32))[:, -1]
        window = [torch.stack(ids[-WINDOW:], -1)] if ids else []
        history = torch.cat((*window, torch.full((1, width, WINDOW - min(step, WINDOW)), vocabulary.n_classes)), -1)
        drawn = sampler(
            vocabulary.logits(hidden), history, noise.draw((1, width, vocabulary.n_classes), hidden.device),
            vocabulary.end if step < sampling.first_end else None,
        )  # fmt: skip
        if (drawn == vocabulary.end).any():
            break
        ids.append(drawn)
        prompt = torch.cat((prompt, vocabulary.embed(drawn, step).unsqueeze(1)), 1)
    return torch.cat(ids)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("row", range(3))
def test_the_cache_changes_nothing(network, vocabulary, prompt, row, compiled):
    prompt, visible = (part[row : row + 1] for part in prompt)
    sampling = Sampling(**SHARP, min_new_tokens=25, max_new_tokens=40)
    slow = naive(network, vocabulary, prompt, visible, sampling, noise(4))
    weights = LazyWeights(network.parts()).get(FULL) if compiled else None
    fast = last(generate(network, vocabulary, prompt, visible, sampling, noise(4), weights=weights))
    assert len(slow) >= 25
    assert torch.equal(fast.ids(0), slow)


def test_a_text_in_a_batch_is_generated_as_alone(network, vocabulary, prompt):
    """Padding, company, and the departure of others change nothing where the noise does not decide."""
    sampling = dataclasses.replace(LONG, temperature=(1e-5,), repetition_penalty=2.0, max_new_tokens=30)
    together = last(generate(network, vocabulary, *prompt, sampling, Noise(5)))
    for row in range(3):
        embedded, visible = (part[row : row + 1] for part in prompt)
        own = visible[0]
        alone = last(generate(network, vocabulary, embedded[:, own], visible[:, own], sampling, Noise(5)))
        assert torch.equal(alone.ids(0), together.ids(row))
        assert_close(alone.hidden(0), together.hidden(row), atol=2e-5, rtol=0)


def test_what_is_yielded_grows_by_a_step_and_never_changes(network, vocabulary, prompt):
    running = generate(network, vocabulary, *prompt, LONG, noise())
    seen = [(result, [result.ids(row).clone() for row in range(3)]) for result in running]
    final = seen[-1][0]
    assert len(set(final.lengths)) == 3
    assert final.steps == max(final.lengths) + 1 < 200
    assert [result.steps for result, _ in seen] == list(range(1, final.steps + 1))
    for result, ids in seen:
        assert result.lengths == tuple(min(result.steps, length) for length in final.lengths)
        assert result.ended == tuple(result.steps > length for length in final.lengths)
        for row in range(3):
            assert torch.equal(result.ids(row), ids[row])
            assert torch.equal(final.ids(row)[: len(ids[row])], ids[row])


@pytest.mark.parametrize("stride", [2, 7, 300])
def test_how_often_it_looks_changes_nothing(network, vocabulary, prompt, stride):
    every = last(generate(network, vocabulary, *prompt, LONG, noise()))
    results = list(generate(network, vocabulary, *prompt, LONG, noise(), stride=stride))
    assert all(result.steps % stride == 0 for result in results[:-1])
    assert results[-1].lengths == every.lengths
    for row in range(3):
        assert torch.equal(results[-1].ids(row), every.ids(row))
        assert_close(results[-1].hidden(row), every.hidden(row), atol=2e-5, rtol=0)


def test_an_empty_result_is_possible_only_where_it_is_allowed(network, vocabulary, prompt):
    bonus = torch.zeros(vocabulary.n_classes)
    bonus[vocabulary.end] = 100.0
    eager = dataclasses.replace(vocabulary, logits=lambda hidden: vocabulary.logits(hidden) + bonus)

    def run(**sampling):
        return last(generate(network, eager, *prompt, Sampling(max_new_tokens=9, **sampling), Noise(1)))

    empty = run(ensure_non_empty=False)
    assert empty.lengths == (0, 0, 0)
    assert empty.ids(0).shape == (0, vocabulary.n_codebooks)
    assert empty.hidden(0).shape == (0, network.config.hidden)
    assert run().lengths == (1, 1, 1)
    assert run(min_new_tokens=5).lengths == (5, 5, 5)


def test_a_context_that_runs_out_ends_the_texts_and_one_without_room_is_refused(network, vocabulary):
    room = network.max_positions
    long = torch.randn(1, room - 6, network.config.hidden, generator=torch.Generator().manual_seed(2))
    sampling = Sampling(max_new_tokens=100, min_new_tokens=50)
    visible = torch.ones(1, room, dtype=torch.bool)
    result = last(generate(network, vocabulary, long, visible[:, :-6], sampling, Noise(1)))
    assert result.lengths == (6,)
    assert result.ended == (False,)
    with pytest.raises(TextError, match=f"{room} tokens"):
        last(generate(network, vocabulary, torch.zeros(1, room, 48), visible, sampling, Noise(1)))


def test_closing_it_leaves_inference_mode_and_no_state_behind(network, vocabulary, prompt):
    whole = last(generate(network, vocabulary, *prompt, LONG, noise()))
    running = generate(network, vocabulary, *prompt, LONG, noise())
    next(running)
    assert not torch.is_inference_mode_enabled()
    running.close()
    assert last(generate(network, vocabulary, *prompt, LONG, noise())).lengths == whole.lengths


def test_a_long_prompt_is_read_in_blocks_between_which_work_can_be_stopped(network, vocabulary, prompt, monkeypatch):
    sampling = Sampling(temperature=(1e-5,), max_new_tokens=6)
    whole = last(generate(network, vocabulary, *prompt, sampling, Noise(1)))
    monkeypatch.setattr("engine.nn.decoding.loop.CPU_BLOCK", 3 * 4)
    blocks = list(generate(network, vocabulary, *prompt, sampling, Noise(1)))
    before = [result for result in blocks if not result.steps]
    assert len(before) == 2
    assert not any(any(result.lengths) for result in before)
    for row in range(3):
        assert torch.equal(blocks[-1].ids(row), whole.ids(row))
        assert_close(blocks[-1].hidden(row), whole.hidden(row), rtol=0, atol=1e-5)


def test_takes_of_one_prompt_are_as_if_each_had_read_it(network, vocabulary, prompt):
    columns, visible = prompt
    together = last(generate(network, vocabulary, columns, visible, LONG, noise(), copies=2))
    apart = last(
        generate(network, vocabulary, columns.repeat_interleave(2, 0), visible.repeat_interleave(2, 0), LONG, noise())
    )
    assert together.lengths == apart.lengths
    assert all(torch.equal(together.ids(row), apart.ids(row)) for row in range(6))


def test_each_text_has_its_own_limit(network, vocabulary, prompt):
    result = last(generate(network, vocabulary, *prompt, LONG, noise(), limits=[3, 1, 5]))
    free = last(generate(network, vocabulary, *prompt, LONG, noise()))
    for row, limit in enumerate((3, 1, 5)):
        assert result.lengths[row] == min(limit, free.lengths[row])
        assert torch.equal(result.ids(row), free.ids(row)[:limit])


def test_scores_are_the_sums_of_what_was_drawn(network, vocabulary, prompt):
    plain = Sampling(max_new_tokens=9, scored=True, ensure_non_empty=False)
    result = last(generate(network, vocabulary, *prompt, plain, noise(), limits=[2, 2, 1]))
    for row in range(3):
        scores = vocabulary.logits(result.hidden(row)).log_softmax(-1)
        expected = scores.gather(-1, result.ids(row).unsqueeze(-1)).sum()
        if not result.ended[row]:
            assert_close(torch.tensor(result.log_probability(row)), expected, atol=1e-4, rtol=0)
    assert not all(result.ended)


@pytest.mark.parametrize("which", [FULL, EIGHT_BIT])
def test_who_speaks_beside_others_says_the_same_as_alone(network, vocabulary, which):
    """Runs of other prompts, lengths and seeds come and go; what each draws is what it draws by itself."""
    weights, rng = LazyWeights(network.parts()).get(which), torch.Generator().manual_seed(5)
    prompts = [torch.randn(rows, columns, network.config.hidden, generator=rng) for rows, columns in SEVERAL]

    @torch.no_grad()
    def speak(number):
        prompt = prompts[number]
        visible = torch.ones(prompt.shape[:2], dtype=torch.bool)
        result = last(generate(network, vocabulary, prompt, visible, LONG, noise(number), weights=weights))
        return [(result.ids(row), result.hidden(row)) for row in range(len(prompt))]

    alone = [speak(number) for number in range(len(prompts))]
    with ThreadPoolExecutor(len(prompts)) as pool:
        together = list(pool.map(speak, range(len(prompts))))
    for one, other in zip(alone, together, strict=True):
        for (ids, hidden), (same_ids, same_hidden) in zip(one, other, strict=True):
            assert torch.equal(ids, same_ids)
            assert torch.equal(hidden, same_hidden)
