"""Convolutions over rows give what the straightforward ones give."""

import pytest
import torch

from benchmarks import styletts2_eager as eager
from engine.steps import finish
from engine.style_tts import rows
from tests.engine.style_tts.closeness import KINDS, relative


@pytest.mark.parametrize("kind", KINDS)
def test_rows_give_what_the_straightforward_pass_gives(model, golden, kind, monkeypatch):
    values, generator = golden(f"decoder_{kind}"), model(f"modules_{kind}").decoder.generator
    # Several pieces, the last one short, of two utterances at once.
    monkeypatch.setattr(rows, "PIECE_VALUES", 1111)
    x, style = (torch.cat((values[key], values[key].flip(-1))) for key in ("gen_in", "style"))
    source_ = torch.cat((values["har_seed11"], values["har_zero"]))
    assert relative(generator(x, style, source_), eager.generate(generator, x, style, source_)) < 1e-4


def test_a_long_convolution_may_be_stopped_on_its_way(monkeypatch):
    monkeypatch.setattr(rows, "PIECE_VALUES", 800)
    layer = torch.nn.Conv1d(8, 8, 3, padding=1)
    rows.frame_by_frame(layer)
    x = torch.randn(1000, 8, generator=torch.Generator().manual_seed(1))
    made = []
    for work in (4e9, 200 * layer.weight.numel()):
        monkeypatch.setattr(rows, "STEP_WORK", work)
        stretches = rows.Stretches((x,), (slice(0, 1000),))
        made.append((stretches.like(), []))
        scale, shift = torch.ones(8), torch.zeros(8)
        finish(rows.convolve(layer, stretches, scale, shift, made[-1][0]), made[-1][1].append)
    (whole, at_once), (parts, steps) = made
    assert at_once == []
    assert len(steps) == 4
    assert torch.equal(whole.rows[0], parts.rows[0])


def test_moments_of_pieces_are_those_of_the_whole(monkeypatch):
    monkeypatch.setattr(rows, "PIECE_VALUES", 800)
    x = torch.randn(1234, 8, generator=torch.Generator().manual_seed(1)) * 3 + 5
    # In two stretches, of the first of which the last rows do not count.
    stretches = rows.Stretches((torch.cat((x[:600], x[:50])), x[600:]), (slice(0, 600), slice(0, 634)))
    mean, variance = stretches.moments().result()
    torch.testing.assert_close(mean, x.double().mean(0).float(), rtol=1e-6, atol=0)
    torch.testing.assert_close(variance, x.double().var(0, unbiased=False).float(), rtol=1e-5, atol=0)
