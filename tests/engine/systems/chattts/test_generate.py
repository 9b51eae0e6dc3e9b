"""The decoding loop: the reference's ids, equality with a network that remembers nothing, and how it ends."""

import pytest
import torch
from torch.testing import assert_close

from engine.errors import TextError
from engine.nn.decoding.sampling import PENALTY_WINDOW, Noise, Sampler, Sampling
from engine.systems.chattts.generate import generate
from engine.systems.chattts.gpt import prefill_bias
from engine.systems.chattts.networks.embed import Prompt

SPEAKER, TEXT_END = 21143, 21136
CODE = {"temperature": (0.3,), "repetition_penalty": 1.05}
PARAMS = {
    "temperature": (0.2, 0.5, 0.8, 1.0), "min_new_tokens": 40, "max_new_tokens": 48, "top_p": 0.9, "top_k": 50,
    "repetition_penalty": 1.3,
}  # fmt: skip
CODE_CASES = {
    "seeded": (CODE | {"max_new_tokens": 64}, 1),
    "greedy": (CODE | {"temperature": (1e-5,), "max_new_tokens": 24}, 8),
    "params": (PARAMS, 1),
    "global_rng": (CODE | {"max_new_tokens": 20}, None),
}


@pytest.fixture(scope="module")
def code_prompt(golden, networks, speaker):
    """The three texts of the goldens: embeddings and visible columns."""
    g = golden("embed_spk")
    visible = g["attention_mask"].bool()
    prompt = Prompt(ids=g["input_ids"], visible=visible, is_text=g["text_mask"])
    return networks.embed(prompt, speaker, SPEAKER), visible


@pytest.fixture(scope="module")
def text_prompt(golden, networks):
    g = golden("generate_text_seeded")
    visible = g["attention_mask"].bool()
    ids = g["input_ids"].unsqueeze(-1).expand(-1, -1, 4)
    return networks.embed(Prompt(ids=ids, visible=visible, is_text=visible)), visible


def last(results):
    *_, result = results
    return result


def run(networks, stage, prompt, noise, weights=None, **sampling):
    return last(generate(networks.gpt, stage, *prompt, Sampling(**sampling), noise, weights=weights))


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("case", CODE_CASES)
def test_codes_and_hidden_states_equal_the_reference(golden, networks, code_prompt, case, compiled):
    sampling, seed = CODE_CASES[case]
    g = golden(f"generate_code_{case}")
    noise = Noise(torch.Generator().manual_seed(1234) if seed is None else seed)
    weights = networks.weights("full") if compiled else None
    result = run(networks, networks.embed.code_stage(), code_prompt, noise, weights, **sampling)
    for row in range(3):
        assert torch.equal(result.ids(row), g[f"ids_{row}"])
        assert_close(result.hidden(row), g[f"hidden_{row}"], atol=2e-5, rtol=0)
    limit = sampling["max_new_tokens"]
    assert result.lengths == tuple(len(g[f"ids_{row}"]) for row in range(3))
    assert result.ended == tuple(length < limit for length in result.lengths)


@pytest.mark.parametrize(("case", "temperature"), [("seeded", 0.7), ("greedy", 1e-5)])
def test_refined_tokens_equal_the_reference(golden, networks, text_prompt, case, temperature):
    g = golden(f"generate_text_{case}")
    stage = networks.embed.text_stage(TEXT_END)
    result = run(networks, stage, text_prompt, Noise(11), temperature=(temperature,), max_new_tokens=16)
    for row in range(2):
        assert torch.equal(result.ids(row)[:, 0], g[f"ids_{row}"])


def test_refinement_takes_a_penalty_and_temperature_of_its_own(networks, text_prompt):
    stage = networks.embed.text_stage(TEXT_END)
    greedy = {"temperature": (1e-5,), "max_new_tokens": 30}
    plain, penalised = (
        run(networks, stage, text_prompt, Noise(1), **greedy, repetition_penalty=penalty) for penalty in (1.0, 1e6)
    )
    repeats = [30 - len(set(result.ids(0)[:, 0].tolist())) for result in (plain, penalised)]
    assert repeats[1] < repeats[0]


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float16, 5e-3), (torch.bfloat16, 5e-2)])
def test_lower_precision_stays_near(checkpoint, load_networks, golden, code_prompt, dtype, tolerance):
    networks, g = load_networks(checkpoint, dtype), golden("generate_code_greedy")
    result = run(networks, networks.embed.code_stage(), code_prompt, Noise(8), **CODE_CASES["greedy"][0])
    for row in range(3):
        # The inputs of the first steps are those of float32; later ones follow the ids that were drawn.
        assert result.hidden(row).dtype == torch.float32
        assert_close(result.hidden(row)[:1], g[f"hidden_{row}"][:1], atol=tolerance, rtol=0)


def naive(networks, stage, prompt, visible, sampling, noise):
    """One text, every step computed from the beginning with a cache of its own: ids (T, K)."""
    sampler, ids = Sampler(sampling, torch.device("cpu")), []
    columns, width = prompt.shape[1], stage.n_codebooks
    for step in range(sampling.max_new_tokens):
        seen = torch.cat((visible, torch.ones(1, step, dtype=torch.bool)), 1)
        positions = (seen.cumsum(1) - 1).clamp(min=0)
        cache = networks.gpt.new_cache(1, columns + step)
        hidden = networks.gpt(prompt, positions, cache, prefill_bias(seen, torch.float32))[:, -1]
        window = [torch.stack(ids[-PENALTY_WINDOW:], -1)] if ids else []
        history = torch.cat((*window, torch.full((1, width, PENALTY_WINDOW - min(step, 16)), stage.n_classes)), -1)
        forbidden = stage.end if step < sampling.first_end else None
        drawn = sampler(
            stage.logits(hidden), history, noise.draw((1, width, stage.n_classes), hidden.device), forbidden
        )
        if (drawn == stage.end).any():
            break
        ids.append(drawn)
        prompt = torch.cat((prompt, stage.embed(drawn).unsqueeze(1)), 1)
    return torch.cat(ids)


@pytest.mark.parametrize("row", range(3))
def test_the_cache_changes_nothing(networks, code_prompt, row):
    prompt, visible = (part[row : row + 1] for part in code_prompt)
    stage, sampling = networks.embed.code_stage(), Sampling(**CODE, max_new_tokens=60)
    slow = naive(networks, stage, prompt, visible, sampling, Noise(4))
    fast = last(generate(networks.gpt, stage, prompt, visible, sampling, Noise(4)))
    assert len(slow) > 20
    assert torch.equal(fast.ids(0), slow)


def test_a_text_in_a_batch_is_generated_as_alone(golden, networks, code_prompt):
    """Padding, company, and the departure of others change nothing; of the noise a row has its own part."""
    stage, g = networks.embed.code_stage(), golden("generate_code_greedy")
    for row in range(3):
        prompt, visible = (part[row : row + 1] for part in code_prompt)
        alone = (prompt[:, visible[0]], visible[:, visible[0]])
        result = run(networks, stage, alone, Noise(5), **CODE_CASES["greedy"][0])
        assert torch.equal(result.ids(0), g[f"ids_{row}"])
        assert_close(result.hidden(0), g[f"hidden_{row}"], atol=2e-5, rtol=0)


def test_what_is_yielded_grows_by_a_step_and_never_changes(networks, code_prompt):
    stage, sampling = networks.embed.code_stage(), Sampling(**CODE, max_new_tokens=64)
    running = generate(networks.gpt, stage, *code_prompt, sampling, Noise(1))
    seen = [(result, [result.ids(row).clone() for row in range(3)]) for result in running]
    assert [result.steps for result, _ in seen] == list(range(1, 65))
    final = seen[-1][0]
    assert final.lengths == (29, 49, 64)
    for result, ids in seen:
        assert result.lengths == tuple(min(result.steps, length) for length in final.lengths)
        assert result.ended == tuple(result.steps > length for length in final.lengths)
        for row in range(3):
            assert torch.equal(result.ids(row), ids[row])
            assert torch.equal(final.ids(row)[: len(ids[row])], ids[row])


def test_it_stops_when_the_last_text_has_ended(networks, code_prompt):
    prompt = tuple(part[:2] for part in code_prompt)
    sampling = Sampling(**CODE, max_new_tokens=500)
    results = list(generate(networks.gpt, networks.embed.code_stage(), *prompt, sampling, Noise(1)))
    assert results[-1].lengths == (29, 49)
    assert results[-1].steps == 50


@pytest.mark.parametrize("stride", [2, 7, 100])
def test_how_often_it_looks_changes_nothing(golden, networks, code_prompt, stride):
    g, stage, sampling = (
        golden("generate_code_seeded"),
        networks.embed.code_stage(),
        Sampling(**CODE, max_new_tokens=64),
    )
    results = list(generate(networks.gpt, stage, *code_prompt, sampling, Noise(1), stride=stride))
    assert [result.steps for result in results[:-1]] == list(range(stride, 64, stride))
    for row in range(3):
        assert torch.equal(results[-1].ids(row), g[f"ids_{row}"])
        assert_close(results[-1].hidden(row), g[f"hidden_{row}"], atol=2e-5, rtol=0)


def eager_to_end(networks):
    """A stage whose scores favour the end at every step."""
    stage = networks.embed.code_stage()
    bonus = torch.zeros(4, 626)
    bonus[:, 625] = 100.0
    fields = {name: getattr(stage, name) for name in ("embed", "n_codebooks", "n_classes", "end")}
    return type(stage)(logits=lambda hidden: stage.logits(hidden) + bonus, **fields)


def test_an_empty_result_is_possible_only_where_it_is_allowed(networks, code_prompt):
    stage = eager_to_end(networks)
    empty = run(networks, stage, code_prompt, Noise(1), ensure_non_empty=False)
    assert empty.lengths == (0, 0, 0)
    assert empty.ids(0).shape == (0, 4)
    assert empty.hidden(0).shape == (0, 64)
    assert run(networks, stage, code_prompt, Noise(1)).lengths == (1, 1, 1)
    assert run(networks, stage, code_prompt, Noise(1), min_new_tokens=5).lengths == (5, 5, 5)


def test_a_context_that_runs_out_ends_the_texts_and_one_without_room_is_refused(networks):
    stage = networks.embed.code_stage()
    long = torch.randn(1, 4090, 64, generator=torch.Generator().manual_seed(2))
    result = run(networks, stage, (long, torch.ones(1, 4090, dtype=torch.bool)), Noise(1), min_new_tokens=50)
    assert result.lengths == (6,)
    assert result.ended == (False,)
    longer = torch.zeros(1, 4096, 64)
    with pytest.raises(TextError, match="4096 tokens"):
        run(networks, stage, (longer, torch.ones(1, 4096, dtype=torch.bool)), Noise(1))


def test_closing_it_leaves_inference_mode_and_no_state_behind(networks, code_prompt):
    stage = networks.embed.code_stage()
    running = generate(networks.gpt, stage, *code_prompt, Sampling(**CODE, max_new_tokens=64), Noise(1))
    next(running)
    assert not torch.is_inference_mode_enabled()
    running.close()
    again = run(networks, stage, code_prompt, Noise(1), **CODE, max_new_tokens=64)
    assert again.lengths == (29, 49, 64)


def test_a_long_prompt_is_read_in_blocks_between_which_work_can_be_stopped(networks, code_prompt, monkeypatch):
    prompt, visible = code_prompt
    stage, sampling = networks.embed.code_stage(), Sampling(temperature=(1e-5,), max_new_tokens=6)
    whole = list(generate(networks.gpt, stage, prompt, visible, sampling, Noise(1)))
    monkeypatch.setattr("engine.systems.chattts.generate.CPU_BLOCK", 3 * 7)
    blocks = list(generate(networks.gpt, stage, prompt, visible, sampling, Noise(1)))
    before = [result for result in blocks if not result.steps]
    assert len(before) == -(-prompt.shape[1] // 7) - 1
    assert not any(any(result.lengths) for result in before)
    for row in range(len(prompt)):
        assert torch.equal(blocks[-1].ids(row), whole[-1].ids(row))
        assert_close(blocks[-1].hidden(row), whole[-1].hidden(row), rtol=0, atol=1e-5)
