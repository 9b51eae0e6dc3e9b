"""The decoder against the published reference values."""

import pytest
import torch

from engine.style_tts import decoder as decoding
from engine.style_tts.decoder import pieces, samples
from tests.engine.style_tts.closeness import KINDS, close, phases_as_published, relative

# Relative L2 of pieces and the whole, with statistics of 2.2 s of 7.5 s. With those of the first piece alone it is
# 0.048 and 0.23.
NEARLY = {"istftnet": 0.03, "hifigan": 0.17}


@pytest.mark.parametrize("kind", KINDS)
def test_the_decoder_begins_as_published(model, golden, kind):
    values, decoder = golden(f"decoder_{kind}"), model(f"modules_{kind}").decoder
    pitch, energy = decoder.F0_conv(values["F0"].unsqueeze(1)), decoder.N_conv(values["N"].unsqueeze(1))
    x = decoder.encode(torch.cat((values["asr"], pitch, energy), dim=1), values["style"])
    close(x, values["encode_out"], 1e-4 * float(x.abs().max()))
    conditioning = torch.cat((x, decoder.asr_res(values["asr"]), pitch, energy), dim=1)
    close(decoder.decode[0](conditioning, values["style"]), values["decode0_out"], 1e-4 * float(x.abs().max()))
    features = decoder.features(values["asr"], values["F0"], values["N"], values["style"])
    close(features, values["gen_in"], 1e-4 * float(features.abs().max()))


@pytest.mark.parametrize("kind", KINDS)
def test_the_decoder_sounds_as_published(model, golden, kind, monkeypatch):
    values, decoder = golden(f"decoder_{kind}"), model(f"modules_{kind}").decoder
    if phases_as_published(values):
        silent = decoder.generator(values["gen_in"], values["style"], values["har_zero"])
        assert relative(silent, values["wav_zero_noise"]) < 1e-3
    else:
        stored = torch.cat((values["stft_mag"], values["stft_phase"]), dim=1)
        monkeypatch.setattr(decoder.generator, "source_features", lambda _source: stored)
    inputs = [values[key] for key in ("asr", "F0", "N", "style")]
    assert relative(decoder(*inputs, values["source_noise"]), values["wav_seed11"]) < 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_short_is_decoded_whole(model, kind):
    decoder, inputs = _utterance(model, kind, 117)
    (sound,) = _pieces(decoder, inputs)
    assert torch.equal(sound, decoder(*inputs))


@pytest.mark.parametrize("kind", KINDS)
def test_the_pieces_of_a_long_utterance_are_nearly_the_whole_one(model, kind):
    decoder, inputs = _utterance(model, kind, 300)
    found, whole = _pieces(decoder, inputs), decoder(*inputs)
    assert [sound.shape[-1] for sound in found] == [300 * len(piece) for piece in pieces(600)]
    assert relative(torch.cat(found, dim=-1), whole) < NEARLY[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_the_pieces_of_a_long_utterance_have_no_seam(model, kind, monkeypatch):
    decoder, inputs = _utterance(model, kind, 300)
    found = torch.cat(_pieces(decoder, inputs), dim=-1)
    # The first and one piece more, so that there is no seam where there were eight.
    monkeypatch.setattr(decoding, "pieces", lambda values: [pieces(values)[0], range(pieces(values)[0].stop, values)])
    assert relative(found, torch.cat(_pieces(decoder, inputs), dim=-1)) < 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_piece_is_there_before_the_others_are_begun(model, kind):
    decoder, inputs = _utterance(model, kind, 300)
    steps = [None if sound is None else "sound" for sound in decoder.piece_steps(*inputs)]
    first = steps.index("sound")
    assert first < len(steps) / 4
    assert all(None in steps[at : at + 4] for at in range(len(steps) - 4))


@pytest.mark.parametrize("values", [decoding.LEAST_IN_PIECES, 241, 500, 2999])
def test_pieces_are_all_of_an_utterance_and_samples_are_of_the_rest(values):
    found = pieces(values)
    assert [value for piece in found for value in piece] == list(range(values))
    assert {len(piece) for piece in found} <= set(range(decoding.PIECE - 8, decoding.PIECE + 9))
    rest = range(found[0].stop, values)
    sampled = [value for sample in samples(rest) for value in sample]
    assert sampled == sorted(set(sampled))
    assert len(sampled) == decoding.SAMPLES * decoding.SAMPLE
    assert set(sampled) <= set(rest)


def _utterance(model, kind, frames):
    """A decoder, and what it makes sound of: phonemes of three frames, with pauses, and a falling pitch."""
    decoder, rng = model(f"modules_{kind}").decoder, torch.Generator().manual_seed(7)
    phonemes = torch.randn(1, decoder.asr_res.in_channels, frames // 3, generator=rng)
    text = phonemes.repeat_interleave(3, dim=-1)
    spoken = (torch.rand(frames // 3, generator=rng) > 0.25).repeat_interleave(6)[None]
    pitch = torch.linspace(170, 95, 2 * frames)[None] * spoken
    style = torch.randn(1, decoder.encode.norm1.fc.in_features, generator=rng)
    return decoder, (text, pitch, 4.0 * spoken - 2, style, torch.randn(1, 600 * frames, 9, generator=rng))


def _pieces(decoder, inputs):
    return [sound for sound in decoder.piece_steps(*inputs) if sound is not None]
