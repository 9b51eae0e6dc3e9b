"""Every published layout becomes the same state; what is broken is refused in one line."""

import pytest
import torch

from engine.errors import WeightsMismatch
from engine.systems.styletts2.checkpoint import read
from tests.engine.systems.styletts2.layouts import flat, prefixed, scheduled, trained, without

NAME = "modules_hifigan"


LAYOUTS = {
    "no prefix": lambda modules: {"net": modules},
    "no net": prefixed,
    "flat": flat,
    "trained": trained,
    "scheduled": scheduled,
    "some prefixes": lambda modules: {"net": modules | {"decoder": prefixed(modules)["decoder"]}},
    "denoiser once": lambda modules: {"net": without(modules, "unet.")},
    "denoiser under its other name": lambda modules: {"net": without(modules, "diffusion.net.")},
    "no pooler": lambda modules: {"net": without(modules, "pooler.")},
}


@pytest.mark.parametrize("change", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_every_layout_gives_the_same_model(save, model, change):
    ours, theirs = read(save(change)).state_dict(), model(NAME).state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)


def test_nothing_factorised_is_left(model):
    keys = model(NAME).state_dict().keys()
    assert not [key for key in keys if key.endswith(("_g", "_v", "_u", "_orig"))]


def test_the_spectral_norm_is_divided_out(model, published_modules):
    state, key = published_modules(NAME)["style_encoder"], "shared.1.conv1"
    weight = model(NAME).style_encoder.get_submodule(key).weight
    largest = torch.linalg.matrix_norm(weight.flatten(1), ord=2)
    torch.testing.assert_close(largest, torch.tensor(1.0), rtol=0, atol=1e-3)
    ratio = state[f"{key}.weight_orig"] / weight
    torch.testing.assert_close(ratio, ratio.mean().expand_as(ratio), rtol=1e-4, atol=0)


def stray(modules):
    return modules | {"bert_encoder": {**modules["bert_encoder"], "x": torch.ones(1)}}


BROKEN = {
    "no state": (lambda _: {"net": [1, 2]}, "no module 'bert'"),
    "first stage": (lambda modules: {"net": {k: v for k, v in modules.items() if k != "diffusion"}}, "'diffusion'"),
    "a missing tensor": (lambda modules: {"net": without(modules, "cnn.0.1.gamma")}, "cnn.0.1.gamma"),
    "half a weight": (lambda modules: {"net": without(modules, "cnn.0.0.weight_v")}, "text_encoder.cnn.0.0.weight_v"),
    "no width": (lambda modules: {"net": without(modules, "unshared.bias")}, "style_encoder.unshared.bias"),
    "a stray tensor": (lambda modules: {"net": stray(modules)}, "unexpected"),
    "no mapping": (lambda _: [1], "no modules"),
    "infinity": (
        lambda modules: {
            "net": modules | {"bert_encoder": {k: v + torch.inf for k, v in modules["bert_encoder"].items()}}
        },
        "not finite",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_checkpoint_is_refused(save, change, message):
    with pytest.raises(WeightsMismatch, match=message):
        read(save(change))
