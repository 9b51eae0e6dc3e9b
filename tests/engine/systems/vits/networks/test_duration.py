"""Both duration predictors against the reference: sampling, every step, and the likelihood."""

import pytest
import torch
from torch.testing import assert_close


def near(actual, expected, tolerance):
    assert_close(actual, expected, atol=tolerance, rtol=0)


def test_deterministic_durations_equal_the_reference(golden, system):
    g = golden("duration")
    near(system("mb_det").model.dp(g["x"], g["mask"]), g["det_logw"], 2e-5)
    model = system("mb_det_ms").model
    vector = model.speaker(g["sid"])
    near(vector, g["g_det"], 0)
    near(model.dp(g["x"], g["mask"], vector), g["det_logw_g"], 2e-5)


@pytest.mark.parametrize("scale", ["0", "0.8"])
def test_stochastic_durations_of_a_speaker_equal_the_reference(golden, system, scale):
    g, model = golden("duration"), system("mb_sdp_ms").model
    durations = model.dp(g["x"], g["mask"], g["sdp_noise"] * float(scale), model.speaker(g["sid"]))
    near(durations, g[f"sdp_logw_g_ns{scale}"], 2e-5)


def test_every_step_of_stochastic_durations_equals_the_reference(golden, system):
    g, dp = golden("duration"), system("mb_sdp").model.dp
    condition, z = dp.condition(g["x"], g["mask"], None), g["sdp_noise"]
    near(condition, g["sdp_cond_nog"], 2e-5)
    for number, flow in enumerate(dp.sampling_flows()):
        z = flow.reverse(z, g["mask"], condition)
        near(z, g[f"sdp_inv_z{number}"], 2e-5)
    near(dp(g["x"], g["mask"], g["sdp_noise"]), g["sdp_logw_nog_ns1"], 2e-5)


def test_likelihood_of_durations_equals_the_reference(golden, system):
    g, model = golden("duration"), system("mb_sdp_ms").model
    near(system("mb_sdp").model.dp.loss(g["x"], g["mask"], g["w"], g["eq_noise"]), g["sdp_nll_nog"], 1e-3)
    nll = model.dp.loss(g["x"], g["mask"], g["w"], g["eq_noise"], model.speaker(g["sid"]))
    near(nll, g["sdp_nll_g"], 1e-3)


def test_likelihood_draws_its_noise_as_the_reference_does(golden, system):
    g = golden("duration")
    torch.manual_seed(12)
    near(system("mb_sdp").model.dp.loss(g["x"], g["mask"], g["w"]), g["sdp_nll_nog"], 1e-3)
