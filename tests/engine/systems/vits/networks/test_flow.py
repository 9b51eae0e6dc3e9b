"""The prior flow against the reference, step by step, and against its own inverse."""

import torch
from torch.testing import assert_close


def near(actual, expected, tolerance):
    assert_close(actual, expected, atol=tolerance, rtol=0)


def test_flow_equals_the_reference_step_by_step(golden, system):
    g, flow = golden("flow_posterior"), system("mb_det").model.flow
    z = g["z"]
    for number, step in enumerate(flow.flows):
        z = step(z, g["mask"], None)
        near(z, g[f"fwd_step{number}"], 2e-5)
    near(flow(g["z"], g["mask"]), g["fwd"], 2e-5)
    near(flow.reverse(g["z"], g["mask"]), g["rev"], 2e-5)
    near(flow.flows[0].enc(g["wn_in"], g["mask"], None), g["wn_out"], 2e-5)


def test_flow_of_a_speaker_equals_the_reference(golden, system):
    g, model = golden("flow_posterior"), system("mb_sdp_ms").model
    vector = model.speaker(torch.tensor([1, 3]))
    near(model.flow(g["z"], g["mask"], vector), g["fwd_g"], 2e-5)
    near(model.flow.reverse(g["z"], g["mask"], vector), g["rev_g"], 2e-5)


def test_flow_is_undone_by_its_reverse(golden, system):
    g, model = golden("flow_posterior"), system("mb_sdp_ms").model
    vector = model.speaker(torch.tensor([0, 4]))
    there = model.flow(g["z"], g["mask"], vector)
    near(model.flow.reverse(there, g["mask"], vector) * g["mask"], g["z"] * g["mask"], 2e-5)
