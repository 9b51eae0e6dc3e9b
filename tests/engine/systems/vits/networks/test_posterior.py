"""The posterior encoder against the reference."""

import pytest
import torch
from torch.testing import assert_close


def near(actual, expected, tolerance):
    assert_close(actual, expected, atol=tolerance, rtol=0)


@pytest.mark.parametrize(("name", "sid", "suffix"), [("mb_det", None, ""), ("mb_sdp_ms", [1, 3], "_g")])
def test_posterior_encoder_equals_the_reference(golden, whole_model, name, sid, suffix):
    g, model = golden("flow_posterior"), whole_model(name)
    vector = model.speaker(None if sid is None else torch.tensor(sid))
    posterior = model.enc_q(g["spec"].float(), g["mask"], g["post_noise"], vector)
    near(posterior.z, g[f"post_z{suffix}"], 2e-4)
    near(posterior.mean, g[f"post_m{suffix}"], 2e-4)
    near(posterior.log_std, g[f"post_logs{suffix}"], 2e-4)


def test_posterior_encoder_draws_its_noise_as_the_reference_does(golden, whole_model):
    g = golden("flow_posterior")
    torch.manual_seed(13)
    near(whole_model("mb_det").enc_q(g["spec"].float(), g["mask"]).z, g["post_z"], 2e-4)
