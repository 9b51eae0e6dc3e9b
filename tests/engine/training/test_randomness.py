"""Random numbers go on where they were."""

import torch

from engine.training import randomness


def test_numbers_go_on_where_they_were():
    held = randomness.state(torch.device("cpu"))
    expected = torch.rand(4)
    torch.rand(9)
    randomness.restore(held)
    assert torch.equal(torch.rand(4), expected)
