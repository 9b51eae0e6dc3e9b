"""The quantiser against the reference's values."""

import torch
from torch.testing import assert_close


def near(actual, expected, tolerance):
    assert_close(actual, expected, atol=tolerance, rtol=0)


def test_quantizer_equals_the_reference(golden, networks):
    g, quantizer = golden("fsq"), networks.dvae.quantizer
    assert torch.equal(quantizer.encode(g["x"]), g["indices"].long())
    near(quantizer.decode(g["indices"].long()), g["features"], 1e-6)
    near(quantizer.rvqs[0].points(torch.arange(625)), g["codebook"], 0)
