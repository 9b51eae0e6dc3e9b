"""The losses against the published trainer's values, and at the points where they are known."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.training.losses import (
    SUBBAND_RESOLUTIONS,
    discriminator_loss,
    duration_loss,
    feature_loss,
    generator_loss,
    hinge_discriminator_loss,
    hinge_generator_loss,
    kl_loss,
    stft_loss,
    subband_loss,
)

GOLDENS = Path(__file__).parents[2] / "goldens" / "vits"


@pytest.fixture(scope="module")
def golden() -> dict[str, torch.Tensor]:
    with np.load(GOLDENS / "losses_unit.npz") as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays.files}


def test_subband_stft_loss_equals_the_published_one(golden):
    real, fake = golden["y_mb"], golden["y_hat_mb"]
    convergence, magnitude = stft_loss(fake.flatten(0, 1), real.flatten(0, 1), SUBBAND_RESOLUTIONS)
    torch.testing.assert_close(convergence, golden["sc"], atol=1e-5, rtol=0)
    torch.testing.assert_close(magnitude, golden["mag"], atol=1e-5, rtol=0)
    torch.testing.assert_close(subband_loss(fake, real), golden["subband"], atol=1e-5, rtol=0)


def test_kl_loss_equals_the_published_one(golden):
    loss = kl_loss(*(golden[name] for name in ("z_p", "logs_q", "m_p", "logs_p", "z_mask")))
    torch.testing.assert_close(loss, golden["kl"], atol=1e-5, rtol=0)


def test_equal_signals_have_no_stft_loss(golden):
    assert subband_loss(golden["y_mb"], golden["y_mb"]) == 0


def test_duration_loss_counts_valid_tokens_only():
    durations = torch.tensor([[[1.0, 4.0, 0.0]]])
    mask = torch.tensor([[[1.0, 1.0, 0.0]]])
    predicted = (torch.log(durations + 1e-6) + 2) * mask
    torch.testing.assert_close(duration_loss(predicted, durations, mask), torch.tensor(4.0))


def test_adversarial_losses_vanish_where_each_side_has_won():
    ones, zeros = [torch.ones(2, 3)], [torch.zeros(2, 3)]
    assert discriminator_loss(ones, zeros) == 0
    assert generator_loss(ones) == 0
    assert discriminator_loss(zeros, ones) == 2


def test_feature_loss_teaches_only_the_fake_side():
    real, fake = torch.randn(2, 3, requires_grad=True), torch.randn(2, 3, requires_grad=True)
    feature_loss([[real]], [[fake]]).backward()
    assert real.grad is None
    assert fake.grad.abs().sum() > 0


def test_hinge_losses_are_zero_beyond_their_margins():
    real, fake = [torch.tensor([2.0, 0.5])], [torch.tensor([-3.0, 0.0])]
    assert hinge_discriminator_loss(real, fake) == pytest.approx(0.25 + 0.5)
    assert hinge_generator_loss(fake) == pytest.approx((4.0 + 1.0) / 2)
    assert hinge_generator_loss([torch.tensor([1.5])]) == 0
