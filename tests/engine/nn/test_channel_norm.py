"""The channel norm against torch's layer norm."""

import torch

from engine.nn.channel_norm import ChannelNorm


def test_it_is_a_layer_norm_of_each_position() -> None:
    torch.manual_seed(0)
    x, norm, plain = torch.randn(2, 6, 9), ChannelNorm(6), torch.nn.LayerNorm(6)
    gamma, beta = torch.randn(6), torch.randn(6)
    norm.load_state_dict({"gamma": gamma, "beta": beta})
    plain.load_state_dict({"weight": gamma, "bias": beta})
    torch.testing.assert_close(norm(x), plain(x.mT).mT)
