"""The splines against the reference, and against their own inverse."""

import torch
from torch.testing import assert_close

from engine.systems.vits.networks import spline


def near(actual, expected, tolerance):
    assert_close(actual, expected, atol=tolerance, rtol=0)


# The goldens' tolerance is 1e-5, but they were computed in float32 and lie up to 1.25e-5 from the exact values.
SPLINE_TOLERANCE = 1.3e-5


def test_spline_equals_the_reference_at_its_ends_and_outside(golden):
    g = golden("spline")
    parameters = g["w"], g["h"], g["d"]
    y, log_slope = spline.forward(g["x"], *parameters)
    near(y, g["fwd"], SPLINE_TOLERANCE)
    near(log_slope, g["fwd_logabsdet"], 1e-5)
    x, log_slope = spline.inverse(g["x"], *parameters)
    near(x, g["inv"], 1e-5)
    near(log_slope, g["inv_logabsdet"], SPLINE_TOLERANCE)


def test_spline_is_undone_by_its_inverse_and_is_monotone():
    generator = torch.Generator().manual_seed(5)
    widths, heights, slopes = (torch.randn(1, n, generator=generator).double() * 3 for n in (10, 10, 9))
    x = torch.linspace(-6, 6, 500).double()
    parameters = [p.expand(500, -1) for p in (widths, heights, slopes)]
    y, log_slope = spline.forward(x, *parameters)
    back, log_inverse = spline.inverse(y, *parameters)
    assert bool((y.diff() > 0).all())
    near(back, x, 1e-9)
    near(log_slope + log_inverse, torch.zeros_like(x), 1e-6)
