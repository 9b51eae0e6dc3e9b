"""The filter bank against published values, and its fast form against the straightforward one."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from torch.testing import assert_close

from engine.audio.pqmf import PQMF, prototype, upsample_filter


@pytest.fixture(scope="module")
def golden():
    with np.load(Path(__file__).parents[2] / "goldens" / "vits" / "istft_pqmf.npz") as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays.files}


def near(actual, expected, tolerance=1e-6):
    assert_close(actual, expected, atol=tolerance, rtol=0)


def slow_upsample_filter(subbands, weight):
    """Zeros between the samples, a gain, a long convolution."""
    bands = subbands.shape[1]
    stuffed = torch.zeros(*subbands.shape[:2], bands * subbands.shape[2])
    stuffed[..., ::bands] = bands * subbands
    return F.conv1d(stuffed, weight, padding=weight.shape[-1] // 2)


def test_filters_equal_the_published_ones(golden):
    bank = PQMF(4)
    near(torch.from_numpy(prototype()), golden["proto_f64"], 1e-12)
    near(bank.analysis_filter, golden["analysis_filter"])
    near(bank.synthesis_filter, golden["synthesis_filter"])


def test_analysis_and_synthesis_equal_the_published_values(golden):
    bank = PQMF(4)
    subbands = bank.analysis(golden["pqmf_in"])
    near(subbands, golden["pqmf_analysis"])
    near(bank.synthesis(subbands), golden["pqmf_resynth"])


def test_impulse_responses_equal_the_published_ones(golden):
    impulses = torch.zeros(4, 4, 16)
    impulses[range(4), range(4), 8] = 1.0
    near(PQMF(4).synthesis(impulses).squeeze(1), golden["synth_impulses"])


@pytest.mark.parametrize(("bands", "taps", "length"), [(4, 63, 50), (4, 63, 1), (2, 31, 17), (3, 9, 20), (8, 63, 12)])
def test_filtering_without_zeros_equals_filtering_with_them(bands, taps, length):
    generator = torch.Generator().manual_seed(length)
    subbands = torch.randn(2, bands, length, generator=generator)
    weight = torch.randn(1, bands, taps, generator=generator)
    near(upsample_filter(subbands, weight), slow_upsample_filter(subbands, weight), 1e-4)


def test_gradient_of_the_filter_is_that_of_the_straightforward_form():
    generator = torch.Generator().manual_seed(3)
    subbands = torch.randn(1, 4, 20, generator=generator)
    weight = torch.randn(1, 4, 63, generator=generator, requires_grad=True)
    fast, slow = (
        torch.autograd.grad(form(subbands, weight).square().sum(), weight)[0]
        for form in (upsample_filter, slow_upsample_filter)
    )
    assert_close(fast, slow, atol=1e-2, rtol=1e-5)
