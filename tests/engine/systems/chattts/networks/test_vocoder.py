"""Frames to samples as the reference does, and spans equal the whole, whatever comes later, on both ways to sound."""

import pytest
import torch
from torch.testing import assert_close

from engine.systems.chattts.networks.convnext import double_frames


@pytest.fixture(params=["hidden", "codes"])
def way(request, networks):
    """A vocoder and 200 frames for it."""
    rng = torch.Generator().manual_seed(1)
    if request.param == "hidden":
        return networks.vocoder(use_decoder=True), torch.randn(200, 64, generator=rng)
    return networks.vocoder(use_decoder=False), torch.randint(0, 625, (200, 4), generator=rng)


def test_frames_make_two_hops_each_less_one(way):
    vocoder, frames = way
    for count in (1, 2, 3, 50):
        assert vocoder.render(frames[:count]).shape == ((2 * count - 1) * 256,)
    assert vocoder.render(frames[:0]).shape == (0,)


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (0, 12_000), (30_000, 42_345), (70_001, 102_144), (5, 5)])
def test_a_span_equals_the_whole(way, start, stop):
    vocoder, frames = way
    assert_close(vocoder.render_span(frames, start, stop), vocoder.render(frames)[start:stop], atol=2e-6, rtol=0)


@pytest.mark.parametrize("known", [1, 30, 60, 137, 199])
def test_settled_samples_do_not_change_when_more_comes(way, known):
    vocoder, frames = way
    settled = vocoder.settled(known)
    assert settled < (2 * known - 1) * 256
    assert_close(vocoder.render_span(frames[:known], 0, settled), vocoder.render(frames)[:settled], atol=2e-6, rtol=0)
    # One hop later they do: the bound is not wider than it must be.
    later = slice(settled, settled + 256 * 4)
    assert known < 60 or (vocoder.render(frames[:known])[later] - vocoder.render(frames)[later]).abs().max() > 2e-6


def test_streamed_spans_make_the_whole(way):
    vocoder, frames = way
    spans, start = [], 0
    for known in range(24, 201, 24):
        spans.append(vocoder.render_span(frames[:known], start, vocoder.settled(known)))
        start = vocoder.settled(known)
    spans.append(vocoder.render_span(frames, start, (2 * len(frames) - 1) * 256))
    assert_close(torch.cat(spans), vocoder.render(frames), atol=2e-6, rtol=0)


def test_padding_reaches_only_the_unsettled_end_of_a_short_text(way):
    vocoder, frames = way
    padded = vocoder.render(torch.cat([frames[:80], torch.zeros_like(frames[80:])]))
    settled = vocoder.settled(80)
    assert_close(padded[:settled], vocoder.render(frames[:80])[:settled], atol=2e-6, rtol=0)
    assert len(padded) == len(vocoder.render(frames))


def near(actual, expected, tolerance):
    assert_close(actual, expected, atol=tolerance, rtol=0)


def test_decoder_and_vocoder_equal_the_reference(golden, networks):
    g, decoder, vocos = golden("decoder_vocos"), networks.decoder, networks.vocos
    x = decoder.decoder.conv_in(double_frames(g["hidden"]))
    near(x, g["conv_in"], 2e-5)
    near(decoder.decoder.decoder_block[0](x), g["block0"], 2e-5)
    near(decoder(g["hidden"].transpose(1, 2)), g["mel"], 2e-5)
    near(vocos.backbone.embed(g["mel"]), g["vocos_embed"], 2e-5)
    near(vocos.backbone(g["mel"]), g["vocos_backbone"], 2e-5)
    near(vocos.head.out(g["vocos_backbone"]), g["vocos_head"], 2e-5)
    near(vocos.decode(g["mel"]), g["wav"], 1e-5)
