"""Codes as the reference's layers give them, and what the guard does with a model that goes astray."""

import dataclasses
from contextlib import closing

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.errors import TextError
from engine.events import AudioChunk, Notice
from engine.nn.decoding.loop import generate
from engine.nn.decoding.masks import prefill_bias
from engine.nn.decoding.sampling import Noise, Sampling, draw, filtered, penalized
from engine.nn.decoding.step import CompiledStep
from engine.nn.decoding.weights import eight_bit, full
from engine.steps import finish
from engine.systems.minimind.networks.lm import lay_out
from engine.systems.minimind.options import Options
from engine.systems.minimind.speaking import Prompt, Speaking
from engine.systems.minimind.system import load
from engine.systems.minimind.text import PreparedSegment
from tests.minimind import arrays, checkpoint, language_model


def drawn(name, prompt, sampling, seed=0, *, compiled=False):
    """The codes of a reduced model, how each was scored, and whether it ended."""
    model, held = language_model(name), arrays(name)
    laid = lay_out([held["gen_text"]], [held["gen_prompt"] if prompt else []], closed=False)
    vocabulary = model.vocabulary()
    scores = []
    told = dataclasses.replace(vocabulary, logits=lambda hidden: scores.append(vocabulary.logits(hidden)) or scores[-1])
    *_, result = generate(
        model.body, told, model.embed(laid), laid.visible, sampling, Noise(torch.Generator().manual_seed(seed)),
        weights=full(model.body.parts()) if compiled else None,
    )  # fmt: skip
    return result.ids(0)[:, 0], torch.cat(scores)[:, 0], result.ended[0]


@pytest.mark.parametrize(
    ("name", "compiled"), [("lm", False), ("lm", True), ("lm_moe", False)], ids=["lm", "lm compiled", "experts"]
)
@pytest.mark.parametrize("key", ["greedy", "greedy_prompt"])
def test_the_likeliest_codes_are_the_references(name, compiled, key):
    sampling = Sampling(max_new_tokens=48, top_k=1, ensure_non_empty=False)
    codes, scores, ended = drawn(name, key == "greedy_prompt", sampling, compiled=compiled)
    held = arrays(name)
    assert torch.equal(codes, held[f"{key}_ids"])
    assert_close(scores, held[f"{key}_logits"], atol=2e-5, rtol=0)
    assert ended == bool(held[f"{key}_stopped"])


@pytest.mark.parametrize("key", ["greedy", "greedy_prompt"])
def test_the_likeliest_codes_of_a_step_with_its_head_are_the_references(key):
    held = arrays("lm")
    result = greedily(key == "greedy_prompt")
    assert torch.equal(result.ids(0)[:, 0], held[f"{key}_ids"])
    assert result.ended[0] == bool(held[f"{key}_stopped"])


@pytest.mark.parametrize("key", ["greedy", "greedy_prompt"])
def test_the_scores_of_a_step_in_eight_bits_are_near_the_references(key):
    """The codes of the reference are read, so that every column is one that it has scored."""
    model, held = language_model("lm"), arrays("lm")
    laid = lay_out([held["gen_text"]], [held["gen_prompt"] if key == "greedy_prompt" else []], closed=False)
    cache, last = model.body.new_cache(1, laid.ids.shape[1] + 48), laid.ids.shape[1]
    model.body(model.embed(laid), torch.arange(last).unsqueeze(0), cache, prefill_bias(laid.visible, torch.float32))
    found, zero = [], torch.zeros(1, dtype=torch.int64)
    with closing(CompiledStep(eight_bit(model.parts()), 1, last + 48)) as step:
        for index, code in enumerate(held[f"{key}_ids"]):
            column = model.speech_embeddings(code.view(1)).clone()
            found.append(step(column, torch.tensor([last + index]), cache, zero).scores.clone())
    found = torch.cat(found)[: len(held[f"{key}_logits"]) - 1]
    expected = held[f"{key}_logits"][1:][: len(found)]
    assert len(found) > 20
    assert 0 < (found - expected).norm() / expected.norm() < 0.05


def greedily(prompt):
    """What the reduced model says greedily through steps with their head."""
    model, held = language_model("lm"), arrays("lm")
    laid = lay_out([held["gen_text"]], [held["gen_prompt"] if prompt else []], closed=False)
    sampling = Sampling(max_new_tokens=48, top_k=1, ensure_non_empty=False)
    *_, result = generate(
        model.body, model.vocabulary(), model.embed(laid), laid.visible, sampling, Noise(torch.Generator()),
        weights=full(model.parts()),
    )  # fmt: skip
    return result


@pytest.mark.parametrize("name", ["lm", "lm_moe"])
@pytest.mark.parametrize("case", range(4))
def test_codes_that_are_drawn_are_the_references(name, case):
    held = arrays(name)
    seed, temperature, top_k = held[f"sample{case}_params"].tolist()
    sampling = Sampling(max_new_tokens=60, temperature=(temperature,), top_k=int(top_k) or None, ensure_non_empty=False)
    codes, _, ended = drawn(name, False, sampling, int(seed))
    assert torch.equal(codes, held[f"sample{case}_ids"])
    assert ended == bool(held[f"sample{case}_stopped"])


@pytest.mark.parametrize("case", range(4))
def test_scores_are_filtered_and_drawn_as_the_references(case):
    held = arrays("sampler")
    seed, temperature, top_k = held[f"case{case}_params"].tolist()
    sampling = Sampling(max_new_tokens=1, top_k=int(top_k) or None)
    rng = torch.Generator().manual_seed(int(seed))
    scores = filtered(held["logits"] / temperature, torch.zeros(24, 0, dtype=torch.int64), sampling)
    assert_close(scores.softmax(-1), held[f"case{case}_probs"], atol=1e-6, rtol=0)
    ids = [draw(row[None], torch.empty(1, 65).exponential_(generator=rng)) for row in scores]
    assert torch.equal(torch.cat(ids), held[f"case{case}_ids"])


def test_the_penalty_is_of_a_code_that_is_there_however_often():
    scores = torch.tensor([[2.0, -2.0, 3.0]])
    history = torch.tensor([[0, 0, 1, 3]])
    assert penalized(scores, history, 2.0, once=True).tolist() == [[1.0, -4.0, 3.0]]
    assert penalized(scores, history, 2.0).tolist() == [[0.5, -4.0, 3.0]]


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    return finish(load(checkpoint(tmp_path_factory.mktemp("minimind")), torch.device("cpu"), torch.float32)).networks


@torch.inference_mode()
def test_the_penalty_sees_the_last_64_codes_and_none_before(networks):
    """Of scores that one pass gives for all columns, penalised by hand."""
    *_, made = speaking(networks, max_new_tokens=300, repetition_guard=False)._drawn(SAID, Prompt.nobody(), 1.3)
    codes = made.ids(0)[:, 0]
    scores = networks.lm(lay_out([SAID.ids], [codes], closed=False))[0, len(SAID.ids) + 1 : -1]
    weaker = torch.where(scores > 0, scores / 1.3, scores * 1.3)

    def likeliest(window):
        seen = torch.zeros_like(scores, dtype=torch.bool)
        for step in range(len(codes)):
            seen[step, codes[max(0, step - window) : step]] = True
        return torch.where(seen, weaker, scores).argmax(1)

    assert torch.equal(likeliest(64), codes)
    assert not any(torch.equal(likeliest(window), codes) for window in (63, 65))


def speaking(networks, **changes):
    options = Options(**({"temperature": 0.0, "weights": "full"} | changes))
    return Speaking(networks, options, Noise(torch.Generator().manual_seed(1)))


SAID = PreparedSegment(text="Hello.", ids=(9906, 1174, 4435, 758))


def sound(events):
    return [each.samples for each in events if isinstance(each, AudioChunk)]


def test_sound_leaves_while_codes_are_made_and_is_that_of_all_codes(networks):
    changes = {"temperature": 1.5, "top_k": 0, "max_new_tokens": 300, "repetition_guard": False}
    *_, whole = speaking(networks, **changes)._drawn(SAID, Prompt.nobody(), 1.0)
    parts = sound(speaking(networks, **changes).speak(0, SAID, Prompt.nobody()))
    assert len(parts) > 1
    assert sum(map(len, parts)) == whole.lengths[0] * 320
    for one, other in zip(parts, sound(speaking(networks, **changes).speak(0, SAID, Prompt.nobody())), strict=True):
        assert np.array_equal(one, other)


def test_a_loop_is_drawn_again_before_it_is_heard_and_cut_where_it_was(networks, monkeypatch):
    calls = []

    def circles(self, said, prompt, penalty):  # noqa: ARG001
        calls.append(penalty)
        yield from looped

    looped = results([7] * 400)
    monkeypatch.setattr(Speaking, "_drawn", circles)
    events = list(speaking(networks).speak(0, SAID, Prompt.nobody()))
    assert calls == [1.0, 1.2, 1.2]
    assert any(isinstance(event, Notice) and "astray" in event.message for event in events)
    assert sum(map(len, sound(events))) < 75 * 320

    calls.clear()
    looped = results([*np.random.default_rng(0).integers(0, 64, 200), *[7] * 400])
    events = list(speaking(networks).speak(0, SAID, Prompt.nobody()))
    assert calls == [1.0]
    # What repeats itself for less than 0.3 s may be speech, and has left.
    assert 0 <= sum(map(len, sound(events))) / 320 - 200 <= 0.3 * 75
    assert any(isinstance(event, Notice) for event in events)


def results(codes, *, ended=False):
    """What the loop of decoding would yield for so many codes."""
    ids = torch.tensor(codes, dtype=torch.int64)[:, None]

    @dataclasses.dataclass(frozen=True)
    class Result:
        steps: int
        ended: tuple[bool, ...]

        def ids(self, _row):
            return ids[: self.steps]

    return [Result(step + 1, (ended and step + 1 == len(codes),)) for step in range(len(codes))]


def test_a_piece_lasts_no_longer_than_its_text_can_take_nor_than_is_asked_for(networks):
    for changes, most in (({}, round(2.6 * 75)), ({"max_audio_s": 1.0}, 75), ({"max_new_tokens": 9}, 9)):
        made = speaking(networks, repetition_guard=False, **changes)
        assert sum(map(len, sound(made.speak(0, SAID, Prompt.nobody())))) == most * 320


def test_with_the_guard_a_piece_cannot_end_too_soon(networks):
    long = PreparedSegment(text="", ids=SAID.ids * 10)
    for seed in range(3):
        options = Options(temperature=2.0, top_k=0, weights="full")
        made = Speaking(networks, options, Noise(torch.Generator().manual_seed(seed)))
        assert sum(map(len, sound(made.speak(0, long, Prompt.nobody())))) >= int(0.04 * 40 * 75) * 320


def test_a_text_that_the_model_has_no_room_for_is_refused(networks):
    with pytest.raises(TextError, match="512"):
        list(speaking(networks).speak(0, PreparedSegment(text="", ids=(1,) * 600), Prompt.nobody()))


def test_closing_it_ends_the_work_at_any_step(networks):
    for steps in (1, 2, 50, 120):
        events = speaking(networks, max_new_tokens=200).speak(0, SAID, Prompt.nobody())
        for _ in range(steps):
            next(events)
        events.close()
        assert next(events, None) is None


@pytest.mark.parametrize("weights", ["8-bit", "auto"])
def test_eight_bits_speak(networks, weights):
    made = speaking(networks, weights=weights, max_new_tokens=20, repetition_guard=False)
    finish(made.prepare())
    assert sum(map(len, sound(made.speak(0, SAID, Prompt.nobody())))) == 20 * 320
