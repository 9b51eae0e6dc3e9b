"""Windows over a decoder: what comes in pieces sounds as what comes at once, and memory is bounded."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.codecs import windows
from engine.codecs.wavtokenizer import load
from engine.codecs.windows import LONG, SOON, Plan, Stream
from engine.steps import finish
from tests.wavtokenizer import FAMILIES, lightning_file

# How far a stream may be from one pass, as a part of its power's root; docs/codecs.md#windows has what was measured.
APART = 0.2


@pytest.fixture(scope="module", params=FAMILIES)
def codec(request, tmp_path_factory):
    return load(lightning_file(tmp_path_factory.mktemp(request.param), request.param))


def codes_of(codec, seconds, batch=1):
    generator = torch.Generator().manual_seed(round(10 * seconds))
    count = round(seconds * codec.codes_per_s)
    return torch.randint(codec.codebook_size, (batch, 1, count), generator=generator)


class Ramp:
    """A decoder that looks at nothing but its codes: each is a frame of its number. It notes what it is given."""

    hop, codes_per_s = 10, 50.0

    def __init__(self):
        self.given = []

    def decode_pass(self, codes):
        self.given.append(codes.shape[2])
        yield
        return codes[:, 0].repeat_interleave(self.hop, dim=1).float()


@pytest.mark.parametrize("plan", [LONG, SOON])
@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 449, 450, 451, 3000])
@pytest.mark.parametrize("pieces", [1, 7, 5000])
def test_nothing_is_lost_or_doubled(plan, count, pieces):
    decoder, codes = Ramp(), torch.arange(count).view(1, 1, -1)
    stream = Stream(decoder, plan)
    sound = [finish(stream.push(piece)) for piece in codes.split(pieces, dim=2)] + [finish(stream.finish())]
    assert_close(torch.cat(sound, dim=1)[0], torch.arange(count).repeat_interleave(10).float(), atol=2e-3, rtol=1e-6)
    longest = round((plan.before + plan.most + plan.after) * decoder.codes_per_s)
    assert max(decoder.given, default=0) <= longest


def test_the_first_sound_comes_after_a_second_of_codes():
    decoder, codes = Ramp(), torch.arange(3000).view(1, 1, -1)
    stream, heard, waited = Stream(decoder, SOON), 0, []
    for number, piece in enumerate(codes.split(1, dim=2), 1):
        if got := finish(stream.push(piece)).shape[1]:
            heard += got
            waited.append(number - heard // decoder.hop)
    assert heard >= 25 * decoder.hop
    # In codes: never more than a window and what it looks at ahead are waited for.
    assert max(waited) <= round(SOON.after * decoder.codes_per_s) + 1
    assert decoder.given[0] == 50


def test_what_was_spoken_before_is_heard_by_the_decoder_and_not_again():
    decoder, codes = Ramp(), torch.arange(300).view(1, 1, -1)
    stream = Stream(decoder, SOON, codes[..., :200])
    sound = torch.cat((finish(stream.push(codes[..., 200:])), finish(stream.finish())), dim=1)
    assert_close(sound[0], torch.arange(200, 300).repeat_interleave(10).float(), atol=1e-3, rtol=1e-6)
    assert decoder.given[0] == 150 + 25 + 25
    assert finish(Stream(decoder, SOON, codes).finish()).shape == (1, 0)


def test_joints_are_cross_faded():
    class Told(Ramp):
        """Every window has another level."""

        def decode_pass(self, codes):
            yield
            self.given.append(codes.shape[2])
            return torch.full((1, codes.shape[2] * self.hop), float(len(self.given) % 2))

    stream = Stream(Told(), Plan(first=1.0, growth=1.0, most=1.0, before=0.5, after=0.5, fade=0.2))
    sound = torch.cat((finish(stream.push(torch.zeros(1, 1, 200, dtype=torch.int64))), finish(stream.finish())), 1)[0]
    steps = sound.diff().abs()
    assert (sound[:500] == 1).all()
    assert sound[610:990].abs().max() == 0
    assert 0 < steps.max() < 0.02


@pytest.mark.parametrize("pieces", [1, 33])
def test_a_stream_is_the_same_in_any_pieces(codec, pieces):
    codes = codes_of(codec, 4.0, batch=2)
    at_once = torch.cat(list(codec.streamed([codes])), dim=1)
    in_pieces = torch.cat(list(codec.streamed(codes.split(pieces, dim=2))), dim=1)
    assert torch.equal(at_once, in_pieces)
    assert at_once.shape == (2, codes.shape[2] * codec.hop)


def test_a_short_stream_is_one_pass(codec):
    codes = codes_of(codec, 0.9)
    assert torch.equal(torch.cat(list(codec.streamed(codes.split(3, dim=2))), dim=1), codec.decode(codes))


def test_up_to_nine_seconds_are_one_pass(codec):
    codes = codes_of(codec, 9.0)
    assert torch.equal(codec.decode(codes), finish(codec.decode_pass(codes)))


@pytest.mark.parametrize(("way", "seconds"), [("stream", 6.0), ("stream", 15.0), ("decode", 21.0)])
def test_in_windows_is_near_one_pass(codec, way, seconds):
    codes = codes_of(codec, seconds)
    whole = finish(codec.decode_pass(codes))
    found = codec.decode(codes) if way == "decode" else torch.cat(list(codec.streamed([codes])), dim=1)
    assert found.shape == whole.shape
    apart = float((found - whole).square().mean().sqrt() / whole.square().mean().sqrt())
    assert 0 < apart < (APART / 2 if way == "decode" else APART)
    # No joint is steeper than the sound itself.
    assert float(found.diff().abs().max()) < 1.5 * float(whole.diff().abs().max())


def test_memory_does_not_grow_with_length(codec):
    """What a stream keeps of codes is bounded, however many have come."""
    stream = codec.stream()
    kept = []
    for piece in codes_of(codec, 30.0).split(25, dim=2):
        finish(stream.push(piece))
        kept.append(stream._codes.shape[2])
    assert max(kept) <= np.ceil((windows.SOON.before + windows.SOON.most + windows.SOON.after) * codec.codes_per_s) + 25
