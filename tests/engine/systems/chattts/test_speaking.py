"""What the network generates against the reference's values, and how long a piece may take."""

import pytest
import torch
from torch.testing import assert_close

from engine.nn.decoding.loop import generate
from engine.nn.decoding.masks import decode_bias, prefill_bias
from engine.nn.decoding.sampling import Noise, Sampling
from engine.nn.decoding.weights import EIGHT_BIT
from engine.systems.chattts.networks.embed import Prompt
from engine.systems.chattts.speaking import MIN_KEPT, PENALTY_WINDOW, longest

SPEAKER, TEXT_END = 21143, 21136
FILTERS = {"top_p": 0.7, "top_k": 20, "min_kept": MIN_KEPT, "penalty_window": PENALTY_WINDOW}
CODE = FILTERS | {"temperature": (0.3,), "repetition_penalty": 1.05}
PARAMS = FILTERS | {
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


def close(actual, expected, tolerance):
    assert_close(actual, expected, atol=tolerance, rtol=0)


def last(results):
    *_, result = results
    return result


def run(networks, vocabulary, prompt, noise, weights=None, **sampling):
    return last(generate(networks.gpt, vocabulary, *prompt, Sampling(**sampling), noise, weights=weights))


def test_transformer_equals_the_reference(golden, networks):
    g, gpt, embed = golden("gpt_forward"), networks.gpt, networks.embed
    visible = g["attention_mask"].bool()
    first = {}
    hook = gpt.layers[0].register_forward_hook(lambda _module, _args, out: first.setdefault("out", out))
    cache = gpt.new_cache(3, 16)
    positions = (visible.cumsum(1) - 1).clamp(min=0)
    assert torch.equal(positions[visible], g["position_ids"][visible])
    hidden = gpt(g["inputs_embeds"], positions, cache, prefill_bias(visible, torch.float32))
    hook.remove()
    close(first["out"][visible], g["hidden_layer0_out"][visible], 2e-5)
    close(hidden[visible], g["last_hidden"][visible], 2e-5)
    assert torch.isfinite(hidden).all()
    close(embed.code_vocabulary().logits(hidden[:, -1]).transpose(1, 2), g["logits_code_last"], 2e-5)
    close(embed.text_vocabulary(0).logits(hidden[:, -1])[:, 0], g["logits_text_last"], 2e-5)
    bias = decode_bias(visible, 5, torch.float32)
    for step in range(5):
        fed = embed.embed_codes(g["forced_codes"][:, step]).unsqueeze(1)
        at = positions[:, -1:] + 1 + step
        hidden = gpt(fed, at, cache, bias[..., : cache.length + 1])
        close(hidden[:, 0], g["forced_hidden"][:, step], 2e-5)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("case", CODE_CASES)
def test_codes_and_hidden_states_equal_the_reference(golden, networks, code_prompt, case, compiled):
    sampling, seed = CODE_CASES[case]
    g = golden(f"generate_code_{case}")
    noise = Noise(torch.Generator().manual_seed(1234) if seed is None else seed)
    weights = networks.weights.get("full") if compiled else None
    result = run(networks, networks.embed.code_vocabulary(), code_prompt, noise, weights, **sampling)
    for row in range(3):
        assert torch.equal(result.ids(row), g[f"ids_{row}"])
        assert_close(result.hidden(row), g[f"hidden_{row}"], atol=2e-5, rtol=0)
    limit = sampling["max_new_tokens"]
    assert result.lengths == tuple(len(g[f"ids_{row}"]) for row in range(3))
    assert result.ended == tuple(length < limit for length in result.lengths)


@pytest.mark.parametrize(("case", "temperature"), [("seeded", 0.7), ("greedy", 1e-5)])
def test_refined_tokens_equal_the_reference(golden, networks, text_prompt, case, temperature):
    g = golden(f"generate_text_{case}")
    vocabulary = networks.embed.text_vocabulary(TEXT_END)
    result = run(networks, vocabulary, text_prompt, Noise(11), **FILTERS, temperature=(temperature,), max_new_tokens=16)
    for row in range(2):
        assert torch.equal(result.ids(row)[:, 0], g[f"ids_{row}"])


def test_refinement_takes_a_penalty_and_temperature_of_its_own(networks, text_prompt):
    vocabulary = networks.embed.text_vocabulary(TEXT_END)
    greedy = {**FILTERS, "temperature": (1e-5,), "max_new_tokens": 30}
    plain, penalised = (
        run(networks, vocabulary, text_prompt, Noise(1), **greedy, repetition_penalty=penalty) for penalty in (1.0, 1e6)
    )
    repeats = [30 - len(set(result.ids(0)[:, 0].tolist())) for result in (plain, penalised)]
    assert repeats[1] < repeats[0]


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float16, 5e-3), (torch.bfloat16, 5e-2)])
def test_lower_precision_stays_close(checkpoint, load_networks, golden, code_prompt, dtype, tolerance):
    networks, g = load_networks(checkpoint, dtype), golden("generate_code_greedy")
    result = run(networks, networks.embed.code_vocabulary(), code_prompt, Noise(8), **CODE_CASES["greedy"][0])
    for row in range(3):
        # The inputs of the first steps are those of float32; later ones follow the ids that were drawn.
        assert result.hidden(row).dtype == torch.float32
        assert_close(result.hidden(row)[:1], g[f"hidden_{row}"][:1], atol=tolerance, rtol=0)


def test_a_text_in_a_batch_is_generated_as_alone(golden, networks, code_prompt):
    """Padding, company, and the departure of others change nothing; of the noise a row has its own part."""
    vocabulary, g = networks.embed.code_vocabulary(), golden("generate_code_greedy")
    for row in range(3):
        prompt, visible = (part[row : row + 1] for part in code_prompt)
        alone = (prompt[:, visible[0]], visible[:, visible[0]])
        result = run(networks, vocabulary, alone, Noise(5), **CODE_CASES["greedy"][0])
        assert torch.equal(result.ids(0), g[f"ids_{row}"])
        assert_close(result.hidden(0), g[f"hidden_{row}"], atol=2e-5, rtol=0)


def test_what_is_yielded_grows_by_a_step_and_never_changes(networks, code_prompt):
    vocabulary, sampling = networks.embed.code_vocabulary(), Sampling(**CODE, max_new_tokens=64)
    running = generate(networks.gpt, vocabulary, *code_prompt, sampling, Noise(1))
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


@pytest.mark.parametrize("stride", [2, 7, 100])
def test_how_often_it_looks_changes_nothing(golden, networks, code_prompt, stride):
    g, vocabulary, sampling = (
        golden("generate_code_seeded"),
        networks.embed.code_vocabulary(),
        Sampling(**CODE, max_new_tokens=64),
    )
    results = list(generate(networks.gpt, vocabulary, *code_prompt, sampling, Noise(1), stride=stride))
    assert [result.steps for result in results[:-1]] == list(range(stride, 64, stride))
    for row in range(3):
        assert torch.equal(results[-1].ids(row), g[f"ids_{row}"])
        assert_close(results[-1].hidden(row), g[f"hidden_{row}"], atol=2e-5, rtol=0)


def test_scores_of_the_next_codes_stay_near_the_reference(golden, networks):
    """The forced steps of the golden: log-probabilities of all codes, and which one is likeliest."""
    g, vocabulary = golden("generate_code_greedy"), networks.embed.code_vocabulary()
    prompt, visible = golden("embed_spk")["emb"], golden("embed_spk")["attention_mask"].bool()
    sampling = Sampling(**CODE | {"temperature": (1e-5,)}, max_new_tokens=24)
    *_, near = generate(
        networks.gpt, vocabulary, prompt, visible, sampling, Noise(8), weights=networks.weights.get(EIGHT_BIT)
    )
    errors, spreads, agreed = [], [], []
    for row in range(3):
        ids, expected = near.ids(row), g[f"ids_{row}"]
        # As long as the codes are the reference's, so are the inputs of the next step.
        equal = [torch.equal(a, b) for a, b in zip(ids, expected, strict=False)]
        same = equal.index(False) + 1 if False in equal else len(equal)
        exact = vocabulary.logits(g[f"hidden_{row}"][:same]).log_softmax(-1)
        found = vocabulary.logits(near.hidden(row)[:same]).log_softmax(-1)
        errors.append((found - exact).abs().flatten())
        spreads.append(exact.std(-1).flatten())
        agreed.append((found.argmax(-1) == exact.argmax(-1)).flatten())
    error, spread, agreement = (torch.cat(parts).float() for parts in (errors, spreads, agreed))
    # Measured 0.019 of a spread of 1.48, and 66 of 68.
    assert len(agreement) > 60
    assert error.mean() < 0.03 * spread.mean()
    assert agreement.mean() > 0.95


def test_a_short_text_may_not_take_long():
    assert longest("好。[lbreak]") < 5 * 47
    assert longest("好" * 80) > 80 * 47 / 4
