"""Frames to samples: spans equal the whole, whatever comes later, on both ways to sound."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.systems.chattts.pcm import to_int16


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


def test_integers_are_those_of_the_reference(golden_json):
    for vector in golden_json("int16_vectors")["vectors"]:
        assert to_int16(np.array(vector["in"], np.float32)).tolist() == vector["out"]
    assert to_int16(np.zeros(4, np.float32)).tolist() == [0] * 4
    assert to_int16(np.zeros(0, np.float32)).shape == (0,)
