"""The discriminators: the published ones to the number, and the small ones that take their place."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import ConfigError
from engine.training.checkpoint import load_model, public_state
from engine.training.discriminators import DiscriminatorConfig, Discriminators, SpectrogramDiscriminator
from engine.training.losses import discriminator_loss, feature_loss, generator_loss
from tests.goldens import weights

GOLDENS = Path(__file__).parents[2] / "goldens" / "vits"


def _shapes(module: torch.nn.Module) -> dict[str, list[int]]:
    return {key: list(value.shape) for key, value in public_state(module).items()}


@pytest.mark.parametrize(("norm", "manifest"), [("weight", "manifest_D"), ("spectral", "manifest_D_spectral_norm")])
def test_names_and_shapes_are_the_published_ones_in_their_order(norm, manifest):
    expected = json.loads((GOLDENS / f"{manifest}.json").read_text())
    with torch.device("meta"):
        shapes = _shapes(Discriminators(DiscriminatorConfig(norm=norm)))
    assert shapes == {key: entry["shape"] for key, entry in expected.items()}
    assert list(shapes) == list(expected)


def test_outputs_and_losses_equal_the_published_ones():
    manifest = json.loads((GOLDENS / "manifest_D.json").read_text())
    state = {key: torch.from_numpy(weights.tensor(key, entry["shape"])) for key, entry in manifest.items()}
    discriminators = Discriminators()
    load_model(discriminators, {"model": state}, "D_0.pth")
    with np.load(GOLDENS / "discriminator.npz") as arrays, torch.no_grad():
        golden = {key: torch.from_numpy(np.asarray(arrays[key])) for key in arrays.files}
        real, fake = discriminators.compare(golden["y"], golden["y_hat"])
    close = {"rtol": 1e-4, "atol": 1e-5}
    for number, (r, f) in enumerate(zip(real, fake, strict=True)):
        torch.testing.assert_close(r.logit, golden[f"logit_r{number}"], **close)
        torch.testing.assert_close(f.logit, golden[f"logit_g{number}"], **close)
        for side, judgement in (("r", r), ("g", f)):
            means = torch.stack([feature.abs().mean() for feature in judgement.features])
            torch.testing.assert_close(means, golden[f"fmap_{side}{number}_absmean"], **close)
        assert [feature.numel() for feature in r.features] == golden[f"fmap_r{number}_numel"].tolist()
    logits = [[judgement.logit for judgement in side] for side in (real, fake)]
    torch.testing.assert_close(discriminator_loss(*logits), golden["loss_disc"], **close)
    torch.testing.assert_close(generator_loss(logits[1]), golden["loss_gen"], **close)
    features = ([judgement.features for judgement in side] for side in (real, fake))
    torch.testing.assert_close(feature_loss(*features), golden["loss_fm"], **close)


@pytest.mark.parametrize(
    ("config", "most"),
    [
        (DiscriminatorConfig(width=0.25), 3_100_000),
        (DiscriminatorConfig(width=0.3, periods=(2, 3)), 2_400_000),
        (DiscriminatorConfig(scale=False, periods=(), spectrogram_ffts=(512, 1024)), 60_000),
    ],
    ids=["quarter", "odd", "spectrograms"],
)
def test_small_ones_are_small_and_teach(config, most):
    discriminators = Discriminators(config)
    assert sum(parameter.numel() for parameter in discriminators.parameters()) < most
    fake = torch.randn(2, 1, 4096, requires_grad=True)
    generator_loss([judgement.logit for judgement in discriminators(fake)]).backward()
    assert fake.grad.abs().sum() > 0
    assert all(parameter.grad is not None for parameter in discriminators.parameters())


def test_judging_two_at_once_is_judging_each():
    discriminators = Discriminators(DiscriminatorConfig(width=0.05, spectrogram_ffts=(256,)))
    real, fake = torch.randn(2, 1, 3000), torch.randn(2, 1, 3000)
    for together, alone in zip(discriminators.compare(real, fake), (real, fake), strict=True):
        for one, other in zip(together, discriminators(alone), strict=True):
            torch.testing.assert_close(one.logit, other.logit, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "wrong", [{"norm": "batch"}, {"width": 0.0}, {"scale": False, "periods": ()}], ids=["norm", "width", "none"]
)
def test_impossible_sets_are_refused(wrong):
    with pytest.raises(ConfigError):
        DiscriminatorConfig(**wrong)


def test_compressed_magnitudes_show_what_is_quiet():
    quiet = 1e-3 * torch.randn(1, 1, 4096)
    seen = []
    for power in (1.0, 0.3):
        torch.manual_seed(0)
        network = SpectrogramDiscriminator(256, power=power)
        with torch.no_grad():
            (heard, *_), (silence, *_) = (network(sound).features for sound in (quiet, torch.zeros_like(quiet)))
        seen.append(float((heard - silence).abs().mean()))
    assert seen[1] > 10 * seen[0]
