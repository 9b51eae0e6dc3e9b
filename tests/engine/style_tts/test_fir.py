"""Two frames at once give what the straightforward convolution gives."""

import pytest
import torch

from engine.style_tts import rows
from engine.style_tts.fir import LEAST_TAPS, Direct, Paired, build


def _layer(taps: int, dilation: int) -> torch.nn.Conv1d:
    torch.manual_seed(taps)
    layer = torch.nn.Conv1d(6, 6, taps, padding=dilation * (taps // 2), dilation=dilation)
    rows.frame_by_frame(layer)
    return layer


@pytest.mark.parametrize("dilation", [1, 3, 5])
@pytest.mark.parametrize("taps", [3, 5, 7, 11])
@torch.inference_mode()
def test_pieces_of_all_lengths_are_convolved_as_the_layer_does(taps, dilation):
    layer, reach = _layer(taps, dilation), dilation * (taps // 2)
    scale, shift = torch.rand(6) + 0.5, torch.rand(6)
    direct, paired = Direct(layer, 40), Paired(layer, 40)
    # Whatever a longer piece has left behind must not be heard.
    for count, begins, ends in ((40, 0, 0), (37, reach, 0), (1, reach, reach), (2 * dilation, 0, reach), (19, 0, 0)):
        x = torch.randn(count + 2 * reach - begins - ends, 6)
        u = scale * x + shift
        seen = torch.cat((torch.zeros(begins, 6), u + torch.sin(u) ** 2, torch.zeros(ends, 6)))
        whole = torch.nn.functional.conv1d(seen.double().t(), layer.weight.double(), dilation=dilation).t()
        beside = torch.randn(count, 6)
        for pieces in (direct, paired):
            out = torch.full((count, 6), torch.nan)
            pieces.fill(x, begins, count, scale.numpy(), shift.numpy())
            pieces.write(out, None, None)
            torch.testing.assert_close(out.double(), whole, rtol=0, atol=1e-5)
            out.copy_(beside)
            pieces.write(out, layer.bias, out)
            torch.testing.assert_close(out.double(), whole + layer.bias + beside, rtol=0, atol=1e-5)


@torch.inference_mode()
def test_what_a_piece_does_not_reach_has_no_part_in_it():
    layer = _layer(7, 3)
    made = []
    for before in (0.0, 1e6):
        pieces = Paired(layer, 30)
        ones = torch.ones(6).numpy()
        pieces.fill(torch.full((30 + 18, 6), before), 0, 30, ones, ones)
        pieces.fill(torch.ones(20, 6), 9, 11, ones, ones)
        made.append(torch.empty(11, 6))
        pieces.write(made[-1], None, None)
    assert torch.equal(*made)


def test_few_taps_are_convolved_straight_away():
    assert isinstance(build(_layer(LEAST_TAPS - 2, 1), 8), Direct)
    assert isinstance(build(_layer(LEAST_TAPS, 1), 8), Paired)
