"""Names and matrices: ours are the published ones and back."""

import pytest
import torch

from engine.systems.minimind.config import parse
from engine.systems.minimind.weights import ours, published, unwrapped
from tests.minimind import language_model, lm_weights, stored


@pytest.mark.parametrize("name", ["lm", "lm_moe"])
def test_the_network_gives_the_published_tensors_back(name):
    state = lm_weights(name)
    model = language_model(name)
    back = published(model.state_dict(), model.config)
    assert back.keys() == state.keys()
    assert all(torch.equal(back[key], value) for key, value in state.items())


@pytest.mark.parametrize("name", ["lm", "lm_moe"])
def test_our_names_are_those_of_the_network(name):
    state = lm_weights(name)
    config = parse({key: value.shape for key, value in state.items()}, stored(f"{name}_config"), name)
    assert ours(state, config).keys() == language_model(name).state_dict().keys()


def test_wrappers_and_masks_are_left_out():
    held = {"_orig_mod.norm.weight": 1, "module._orig_mod.output.weight": 2, "layers.0.attention.mask": 3}
    assert unwrapped(held) == {"norm.weight": 1, "output.weight": 2}
