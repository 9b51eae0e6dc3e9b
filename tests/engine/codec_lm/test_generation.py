"""Whole runs of every variant against the reference's codes, greedy and drawn from its seeds."""

import dataclasses

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.codec_lm.generation import Utterance, all_codebooks, best, continual, first_codebook, longest, takes
from engine.codec_lm.model import build, place
from engine.errors import VoiceError
from engine.nn.decoding.sampling import Noise, Sampler, Sampling, draw, filtered, log_probability
from engine.nn.decoding.weights import EIGHT_BIT, FULL
from engine.steps import finish
from tests.valle import arrays, model_state, read

VARIANTS = (
    *("valle_p0", "valle_p1", "valle_p2", "valle_p4", "valle_p1_bos", "valle_p1_postnorm_prenet", "valle_p0_half_nar"),
    *("valle_p1_q4", "valle_q1", "vallf_p0", "vallf_p1", "vallf_p4_prenet"),
)
VALLE = Sampling(max_new_tokens=1 << 14, top_k_first=True, end_when_likeliest=True, ensure_non_empty=False)
VALLEX = Sampling(max_new_tokens=1 << 14, top_k_first=True, scored=True, ensure_non_empty=False)


def drawn(loaded, utterance, prompt, sampling, seed=0, *, copies=1, weights=FULL):
    """The takes of one text as the reference makes them."""
    limit = longest(loaded.model.config, utterance)
    noise = Noise(torch.Generator().manual_seed(seed))
    # One step more than it takes, as that step has its part in the score.
    *_, result = first_codebook(
        loaded, [utterance], prompt[:, 0], sampling, noise, copies=copies, limits=[limit + 1], weights=weights
    )
    return takes(result, range(copies), limit, len(prompt) + loaded.model.config.begin), result


def spoken(loaded, utterance, prompt, sampling, seed=0, **named):
    found, _ = drawn(loaded, utterance, prompt, sampling, seed, **named)
    return finish(all_codebooks(loaded, utterance, prompt, best(found).codes))


def given(golden):
    enrolled = int(golden["enroll_x_lens"].flatten()[0])
    return Utterance(ids=tuple(golden["x"][0].tolist()), enrolled=enrolled), golden["y"][0]


@pytest.mark.parametrize("name", VARIANTS)
def test_greedy_codes_are_the_reference_s(load, name):
    loaded, golden = load(name), arrays(name)
    utterance, prompt = given(golden)
    found, result = drawn(loaded, utterance, prompt, dataclasses.replace(VALLE, top_k=1))
    logits = loaded.model.ar.predict_layer(result.hidden(0))
    assert_close(logits[:3], golden["greedy_ar_logits_first3"], atol=2e-4, rtol=1e-4)
    peaks = golden["greedy_ar_logits_row_absmax"]
    assert_close(logits.abs().amax(1)[: len(peaks)], peaks[: len(logits)], atol=2e-4, rtol=1e-4)
    codes = finish(all_codebooks(loaded, utterance, prompt, found[0].codes))
    assert torch.equal(codes, golden["greedy_codes"][0])


@pytest.mark.parametrize("name", VARIANTS)
def test_the_stages_hidden_states_are_the_reference_s(load, name):
    loaded, golden = load(name), arrays(name)
    if loaded.model.config.n_codebooks == 1:
        assert not any(key.startswith("greedy_nar") for key in golden)
        return
    utterance, prompt = given(golden)
    hidden, nar = [], loaded.model.nar
    original = nar.hidden

    def kept(*given):
        hidden.append((yield from original(*given)))
        return hidden[-1]

    nar.hidden = kept
    try:
        finish(all_codebooks(loaded, utterance, prompt, golden["greedy_codes"][0, :, 0]))
    finally:
        del nar.hidden
    assert len(hidden) == loaded.model.config.n_codebooks - 1
    for stage, found in enumerate(hidden):
        assert_close(found[:, :16], golden[f"greedy_nar_hidden_{stage}"], atol=2e-4, rtol=1e-4)
        if f"greedy_nar_logits_{stage}_first4" in golden:
            logits = nar.predict_layers[stage](found[:, :4])
            assert_close(logits, golden[f"greedy_nar_logits_{stage}_first4"], atol=2e-4, rtol=1e-4)


@pytest.mark.parametrize("name", VARIANTS)
def test_drawn_codes_are_the_reference_s(load, name):
    loaded, golden = load(name), arrays(name)
    utterance, prompt = given(golden)
    cases = {key: value for key, value in golden.items() if key.startswith(("sample_", "eos_T"))}
    assert len(cases) >= 2
    for key, expected in cases.items():
        changes = {"temperature": (0.8,), "top_k": 10} if "topk10" in key else {}
        seed = int(golden["eos_seed"][0]) if key.startswith("eos") else int(key.split("seed")[1].split("_")[0])
        if key.startswith("eos"):
            changes = {"temperature": (float(key.split("_")[1][1:]),)}
        codes = spoken(loaded, utterance, prompt, dataclasses.replace(VALLE, **changes), seed)
        assert torch.equal(codes, expected[0]), key


@pytest.mark.parametrize("name", ["valle_p0", "valle_p1", "valle_p1_postnorm_prenet"])
def test_a_recording_is_continued_as_the_reference_does(load, name):
    golden = arrays(name)
    codes = finish(continual(load(name), golden["x"][0].tolist(), golden["continual_y"][0]))
    assert torch.equal(codes, golden["continual_codes"][0])


@pytest.mark.parametrize("name", ["vallf_p1", "valle_p1_q4"])
def test_others_continue_no_recording(load, name):
    with pytest.raises(VoiceError, match="cannot continue"):
        finish(continual(load(name), [1, 2], torch.zeros(8, 8, dtype=torch.int64)))


class TestVallex:
    @pytest.fixture
    def loaded(self, load):
        return load("vallex")

    @pytest.fixture
    def golden(self):
        return arrays("vallex")

    def said(self, golden, prompt_language=0, languages=None):
        ids, enrolled = golden["x"][0].tolist(), int(golden["enroll_x_lens"])
        rest = golden["text_language_ids"].tolist() if languages is None else [languages] * (len(ids) - enrolled)
        return Utterance(ids=tuple(ids), enrolled=enrolled, languages=(*[prompt_language] * enrolled, *rest))

    def test_what_enters_the_first_layer_is_the_reference_s(self, loaded, golden):
        utterance, prompt = self.said(golden), golden["y"][0]
        ar = loaded.model.ar
        text = ar.text(torch.tensor([utterance.ids]), torch.tensor([utterance.languages]))
        first = torch.cat((text, ar.prompt(prompt[None, :, 0])), dim=1)
        assert_close(first, golden["A_ar_input_first_pass"], atol=1e-5, rtol=0)
        step = ar.vocabulary(len(prompt) + 1).embed(golden["A_greedy_codes"][0, :1, :1], 0)
        assert_close(step.unsqueeze(1), golden["A_ar_input_second_pass"], atol=1e-5, rtol=0)

    def test_greedy_codes_are_the_reference_s(self, loaded, golden):
        greedy = dataclasses.replace(VALLEX, top_k=1)
        found, result = drawn(loaded, self.said(golden), golden["y"][0], greedy)
        logits = loaded.model.ar.predict_layer(result.hidden(0))
        assert_close(logits[:3], golden["A_ar_logits_first3"], atol=2e-4, rtol=1e-4)
        assert_close(logits[-1:], golden["A_ar_logits_last"], atol=2e-4, rtol=1e-4)
        codes = finish(all_codebooks(loaded, self.said(golden), golden["y"][0], found[0].codes))
        assert torch.equal(codes, golden["A_greedy_codes"][0])
        accent = spoken(loaded, self.said(golden, languages=2), golden["y"][0], greedy)
        assert torch.equal(accent, golden["B_accent_ja_greedy_codes"][0])

    def test_it_speaks_without_a_prompt(self, loaded, golden):
        whole = self.said(golden)
        utterance = Utterance(ids=whole.ids[whole.enrolled :], enrolled=0, languages=whole.languages[whole.enrolled :])
        codes = spoken(loaded, utterance, golden["y"][0, :0], dataclasses.replace(VALLEX, top_k=1))
        assert torch.equal(codes, golden["C_noprompt_greedy_codes"][0])

    @pytest.mark.parametrize(
        ("key", "seed", "changes"),
        [
            ("D_seed0_codes", 0, {}),
            ("D_seed1_codes", 1, {}),
            ("D_topk20_T0.9_seed3_codes", 3, {"top_k": 20, "temperature": (0.9,)}),
            ("F_T1.3_codes", "F_eos_seed", {"temperature": (1.3,)}),
        ],
    )
    def test_drawn_codes_are_the_reference_s(self, loaded, golden, key, seed, changes):
        seed = int(golden[seed]) if isinstance(seed, str) else seed
        codes = spoken(loaded, self.said(golden), golden["y"][0], dataclasses.replace(VALLEX, **changes), seed)
        assert torch.equal(codes, golden[key][0])

    def test_the_best_and_the_worst_of_several_are_the_reference_s(self, loaded, golden):
        utterance, prompt = self.said(golden), golden["y"][0]
        found, result = drawn(loaded, utterance, prompt, VALLEX, 11, copies=5)
        half = takes(result, range(5), 112, len(prompt) + 1, length_penalty=0.5)
        worst = min(found, key=lambda take: take.score)
        for take, key in (
            (best(found), "E_best_of5_seed11_codes"),
            (best(half), "E_best_of5_seed11_lp0.5_codes"),
            (worst, "E_worst_of5_seed11_codes"),
        ):
            assert torch.equal(finish(all_codebooks(loaded, utterance, prompt, take.codes)), golden[key][0])

    def test_takes_that_end_at_different_times_are_the_reference_s(self, loaded, golden):
        hot = dataclasses.replace(VALLEX, temperature=(3.0,))
        codes = spoken(loaded, self.said(golden), golden["y"][0], hot, int(golden["F_bo3_seed"]), copies=3)
        assert torch.equal(codes, golden["F_bo3_T3_codes"][0])


def test_several_texts_in_a_batch_are_each_as_alone(load):
    loaded, golden = load("vallex"), arrays("vallex")
    prompt = golden["y"][0]
    greedy = dataclasses.replace(VALLEX, top_k=1)
    texts = [
        Utterance(ids=ids, enrolled=3, languages=(0,) * len(ids))
        for ids in ((5, 9, 11, 30), (5, 9, 11, 40, 41, 42, 43, 50), (5, 9, 11, 23, 24, 25))
    ]
    limits = [longest(loaded.model.config, text) for text in texts]
    *_, result = first_codebook(loaded, texts, prompt[:, 0], greedy, Noise(torch.Generator()), limits=limits, copies=2)
    assert result.lengths == (64, 64, 128, 128, 96, 96)
    for row, text in enumerate(texts):
        alone, _ = drawn(loaded, text, prompt, greedy)
        assert torch.equal(result.ids(2 * row)[:, 0], alone[0].codes)


def test_eight_bits_stay_near(load):
    loaded, golden = load("valle_p1"), arrays("valle_p1")
    utterance, prompt = given(golden)
    _, exact = drawn(loaded, utterance, prompt, dataclasses.replace(VALLE, top_k=1))
    _, near = drawn(loaded, utterance, prompt, dataclasses.replace(VALLE, top_k=1), weights=EIGHT_BIT)
    assert torch.equal(near.hidden(0)[0], exact.hidden(0)[0])
    assert 0 < (near.hidden(0)[1] - exact.hidden(0)[1]).norm() / exact.hidden(0)[1].norm() < 0.05


def test_the_finer_codebooks_stay_near_in_half_precision_and_are_exact_without(load):
    loaded, golden = load("valle_p1"), arrays("valle_p1")
    utterance, prompt = given(golden)
    exact = golden["greedy_codes"][0]
    near = finish(all_codebooks(loaded, utterance, prompt, exact[:, 0], half=True))
    assert (near == exact).float().mean() > 0.99
    again = finish(all_codebooks(loaded, utterance, prompt, exact[:, 0], half=True))
    assert torch.equal(near, again)
    assert torch.equal(finish(all_codebooks(loaded, utterance, prompt, exact[:, 0])), exact)
    nar = loaded.model.nar
    halved = nar.stack(half=True)
    assert halved is nar.stack(half=True)
    assert halved.layers[0].linear1.weight.dtype == torch.bfloat16
    assert halved.layers[0].norm1.weights is nar.decoder.layers[0].norm1.weights


def test_half_precision_speaks():
    model = build(model_state("vallf_p1"), read("vallf_p1.config"), "x")
    loaded = place(model, torch.device("cpu"), torch.bfloat16)
    utterance, prompt = given(arrays("vallf_p1"))
    assert spoken(loaded, utterance, prompt, VALLE).shape[1] == 8


def test_without_a_beginning_there_must_be_a_voice(load):
    with pytest.raises(VoiceError, match="cannot speak without a voice"):
        drawn(load("valle_p1"), Utterance(ids=(1, 2), enrolled=0), torch.zeros(0, 8, dtype=torch.int64), VALLE)


@pytest.mark.parametrize(
    ("top_k", "top_p"), [(0, 1.0), (5, 1.0), (0, 0.9), (50, 0.8), (-100, 1.0)], ids=lambda value: f"{value}"
)
def test_filters_keep_what_the_reference_s_keep(top_k, top_p):
    golden = arrays("vallex")
    sampling = Sampling(max_new_tokens=1, top_k=top_k if top_k > 0 else None, top_p=top_p, top_k_first=True)
    kept = filtered(golden["S_logits"], torch.zeros(4, 0, dtype=torch.int64), sampling) > float("-inf")
    packed = golden[f"S_keep_k{top_k}_p{top_p}"].numpy()
    assert np.array_equal(np.packbits(kept.numpy(), axis=1), packed)


@pytest.mark.parametrize(
    ("key", "changes"),
    [("k50_p0.8_T0.7_seed9", {"top_k": 50, "top_p": 0.8, "temperature": (0.7,)}), ("plain_seed9", {})],
)
def test_draws_and_their_scores_are_the_reference_s(key, changes):
    golden = arrays("vallex")
    sampler = Sampler(Sampling(max_new_tokens=1, top_k_first=True, **changes), torch.device("cpu"))
    noise = Noise(torch.Generator().manual_seed(9)).draw((4, 1, 1025), torch.device("cpu"))
    scores = sampler.scores(golden["S_logits"].unsqueeze(1), torch.zeros(4, 1, 0, dtype=torch.int64))
    ids = draw(scores, noise)
    assert torch.equal(ids, golden[f"S_tok_{key}"])
    assert_close(log_probability(scores, ids), golden[f"S_logprob_{key}"], atol=1e-5, rtol=0)
