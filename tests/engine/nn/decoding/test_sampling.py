"""Filters and draws against the reference's values, and their bounds."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.nn.decoding.sampling import Noise, Sampler, Sampling, filtered, penalized
from tests.releases import CHATTTS

CPU = torch.device("cpu")
# As the reference values were made.
WINDOW, MIN_KEPT = 16, 3
FILTERS = {
    "default": (0.7, 20, 1.05),
    "tiny": (0.005, 1, 1.2),
    "p_only": (0.5, None, 1.0),
    "k_only": (None, 7, 1.5),
    "wide": (0.999, 600, 1.0001),
}


def chosen(**parameters):
    return Sampling(max_new_tokens=1, min_kept=MIN_KEPT, penalty_window=WINDOW, **parameters)


@pytest.fixture
def golden():
    """The arrays of one file as tensors, by its name without ending."""

    def read(name):
        with np.load(CHATTTS / f"{name}.npz") as arrays:
            return {key: torch.from_numpy(arrays[key]) for key in arrays.files if arrays[key].dtype.kind != "U"}

    return read


@pytest.fixture
def scores(golden):
    g = golden("logits_processing")
    return g, g["scores"], g["history"][:, -WINDOW:]


@pytest.mark.parametrize("case", FILTERS)
def test_filters_equal_the_reference(scores, case):
    g, logits, history = scores
    top_p, top_k, penalty = FILTERS[case]
    out = filtered(logits, history, chosen(top_p=top_p, top_k=top_k, repetition_penalty=penalty))
    assert torch.equal(out.isinf(), g[f"out_{case}"].isinf())
    assert_close(out, g[f"out_{case}"], atol=1e-6, rtol=0)
    assert out.isfinite().sum(-1).min() >= 3


def test_the_penalty_alone_equals_the_reference(scores):
    g, logits, history = scores
    assert_close(penalized(logits, history, 1.05), g["after_penalty_only"], atol=1e-6, rtol=0)
    nothing = torch.full_like(history, logits.shape[-1])
    assert torch.equal(penalized(logits, nothing, 1.05), g["after_penalty_empty_history"])


@pytest.mark.parametrize("seed", [1, 42, 12345])
def test_a_draw_is_the_multinomial_of_the_reference(golden, seed):
    g = golden("multinomial")
    noise, probs = g[f"q_{seed}"], g["probs"]
    assert torch.equal((probs / noise).argmax(-1, keepdim=True), g[f"idx_{seed}"])
    nothing_filtered = Sampler(chosen(temperature=(1.0,), top_p=None, top_k=None), CPU)
    drawn = nothing_filtered(probs.log(), torch.empty(12, 0, dtype=torch.int64), noise)
    assert torch.equal(drawn, g[f"idx_{seed}"][:, 0])


@pytest.mark.parametrize("seed", [1, 42, 12345])
def test_noise_of_a_seed_is_that_of_the_reference_at_every_step(golden, seed):
    # The x86 builds of torch share one exponential kernel, and the stored values are of such a build.
    stored, noise = golden("multinomial")[f"q_{seed}"], Noise(seed)
    for _ in range(3):
        assert torch.equal(noise.draw((3, 4, 626), CPU).view(12, 626), stored)
    assert torch.equal(Noise(seed).draw((1, 4, 626), CPU)[0], stored[:4])


def test_noise_of_a_generator_goes_on_as_the_reference(golden):
    g = golden("multinomial")
    noise = Noise(torch.Generator().manual_seed(77))
    for name in ("first", "second"):
        drawn = (g["probs"] / noise.draw((12, 626), CPU)).argmax(-1, keepdim=True)
        assert torch.equal(drawn, g[f"idx_global_77_{name}"])


def test_draws_agree_with_multinomial_of_this_build():
    probs = torch.rand(50, 99, generator=torch.Generator().manual_seed(3)).softmax(-1)
    expected = probs.multinomial(1, generator=torch.Generator().manual_seed(8))[:, 0]
    drawn = (probs / Noise(8).draw(probs.shape, CPU)).argmax(-1)
    assert torch.equal(drawn, expected)


def test_each_codebook_has_its_own_temperature():
    logits = torch.tensor([0.0, 1.0, 2.0, 3.0]).expand(1, 2, 4)
    noise = torch.tensor([1e-3, 1.0, 1.0, 1.0]).expand(1, 2, 4)
    sampler = Sampler(chosen(temperature=(10.0, 0.01), top_p=None, top_k=None), CPU)
    assert sampler(logits, torch.full((1, 2, 16), 4), noise).tolist() == [[0, 3]]


def test_a_forbidden_class_is_never_drawn():
    logits = torch.tensor([[[0.0, 50.0, 1.0, 2.0]]])
    sampler = Sampler(chosen(top_p=0.7, top_k=20), CPU)
    history = torch.full((1, 1, 16), 4)
    assert sampler(logits, history, torch.ones(1, 1, 4)).item() == 1
    assert sampler(logits, history, torch.ones(1, 1, 4), forbidden=1).item() == 3


def test_a_tiny_temperature_takes_the_best_whatever_the_noise():
    logits = torch.randn(1, 4, 626, generator=torch.Generator().manual_seed(1))
    sampler, history = Sampler(chosen(temperature=(1e-5,), top_p=0.7, top_k=20), CPU), torch.full((1, 4, 16), 626)
    for seed in range(5):
        assert torch.equal(sampler(logits, history, Noise(seed).draw((1, 4, 626), CPU)), logits.argmax(-1))


def test_the_first_step_may_end_only_where_empty_results_are_allowed():
    assert chosen().first_end == 1
    assert chosen(ensure_non_empty=False).first_end == 0
    assert chosen(min_new_tokens=9).first_end == chosen(min_new_tokens=9, ensure_non_empty=False).first_end == 9
