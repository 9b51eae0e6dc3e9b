"""Published tensors to ours: weight norm folded, everything in float32."""

import torch

from engine.systems.vits.config import parse
from engine.systems.vits.networks.model import Vits
from engine.training.checkpoint import load_model, public_state


def test_weight_norm_is_folded_and_the_posterior_encoder_dropped(system):
    keys = system("mb_det").model.state_dict().keys()
    assert not [key for key in keys if "weight_g" in key or "original" in key or key.startswith("enc_q")]


def test_folded_weights_are_those_of_the_normed_network(golden_state, golden_json, system):
    model = Vits(parse(golden_json("config_mb_det")).model)
    load_model(model, {"model": golden_state("mb_det")}, "G")
    assert model.flow.flows[0].enc.in_layers[0].weight.shape == (64, 32, 5)
    torch.testing.assert_close(
        model.flow.flows[0].enc.in_layers[0].weight, system("mb_det").model.flow.flows[0].enc.in_layers[0].weight
    )
    state = public_state(model)
    assert state.keys() == golden_state("mb_det").keys()
    assert all(torch.equal(state[key], value) for key, value in golden_state("mb_det").items())


def test_half_precision_files_load_as_float32(save, load_system):
    loaded = load_system(save(lambda state: {"model": {key: value.half() for key, value in state.items()}}))
    assert {parameter.dtype for parameter in loaded.model.parameters()} == {torch.float32}
