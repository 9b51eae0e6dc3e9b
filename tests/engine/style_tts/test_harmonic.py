"""The small decoder: in pieces the same as whole, at the pitch that it is given, silent where there is none."""

import numpy as np
import pytest
import torch

from engine.errors import ConfigError
from engine.steps import finish
from engine.style_tts.config import SAMPLE_RATE, SAMPLES_PER_PITCH, HarmonicConfig, parse_harmonic
from engine.style_tts.harmonic import BINS, FILTERS, FIRST_PIECE, STEPS, HarmonicDecoder, filtered, pulses, swelling

HIDDEN, STYLE = 12, 4


@pytest.fixture
def decoder():
    torch.manual_seed(3)
    return HarmonicDecoder(HarmonicConfig(width=16, n_layer=3, kernel_size=5), HIDDEN, STYLE).eval()


def inputs(decoder, frames):
    rng = torch.Generator().manual_seed(5)
    pitch = 80 + 200 * torch.rand(1, 2 * frames, generator=rng)
    pitch[:, 10:20] = 0
    text, energy = torch.randn(1, HIDDEN, frames, generator=rng), torch.randn(1, 2 * frames, generator=rng)
    style = torch.randn(1, STYLE, generator=rng)
    return text, pitch, energy, style, decoder.draw_noise(2 * frames, rng)


@pytest.mark.parametrize("frames", [1, FIRST_PIECE, 500])
@torch.no_grad()
def test_pieces_are_the_whole(decoder, frames):
    given = inputs(decoder, frames)
    whole = decoder(*given)
    assert whole.shape == (1, 1, 2 * frames * SAMPLES_PER_PITCH)
    pieces = list(decoder.piece_steps(*given))
    assert len(pieces) == {1: 1, FIRST_PIECE: 1, 500: 4}[frames]
    assert torch.allclose(torch.cat(pieces, dim=-1), whole, atol=1e-5 * float(whole.abs().max()))
    assert torch.equal(finish(decoder.forward_steps(*given)), torch.cat(pieces, dim=-1))


def test_texts_of_a_batch_do_not_touch_each_other(decoder):
    one, other = inputs(decoder, 30), [each.flip(-1) for each in inputs(decoder, 30)]
    together = decoder(*(torch.cat(pair) for pair in zip(one, other, strict=True)))
    assert torch.allclose(together[:1], decoder(*one), atol=1e-5)


@pytest.mark.parametrize("hz", [80.0, 220.0, 900.0])
def test_pulses_have_the_pitch_unit_power_and_all_harmonics(hz):
    sound = pulses(torch.full((1, 80), hz))[0].numpy()
    assert np.mean(sound**2) == pytest.approx(1.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    found = np.flatnonzero(spectrum > 0.5 * spectrum.max()) * SAMPLE_RATE / len(sound)
    harmonics = hz * np.arange(1, int(11_500 / hz) + 1)
    assert np.abs(found[:, None] - harmonics).min(axis=1).max() <= 1.5
    assert len(np.unique(np.round(found / hz))) == len(harmonics)


def test_where_there_is_no_pitch_there_are_no_pulses():
    pitch = torch.full((1, 20), 150.0)
    pitch[:, 5:9] = torch.tensor([0.0, -20.0, 9.9, 3.0])
    heard = pulses(pitch)[0].unflatten(0, (20, SAMPLES_PER_PITCH)).abs().amax(1) > 0
    assert heard.tolist() == [not 5 <= i < 9 for i in range(20)]


def test_open_filters_change_nothing():
    voice, noise = torch.randn(1, 12_000), torch.randn(1, 12_000)
    filters = torch.zeros(1, 40, FILTERS, BINS)
    filters[:, :, 1] = 1
    voiced, noisy = filtered(filters.flatten(2), voice, noise)
    inside = slice(900, -900)  # windows that end outside have less of it
    assert torch.allclose(voiced[:, inside], voice[:, inside], atol=1e-4)
    assert torch.allclose(noisy[:, inside], noise[:, inside], atol=1e-4)


def test_loudness_is_linear_between_its_steps():
    told = torch.full((1, 3, STEPS), -20.0)
    told[0, 1, 1] = 0.0
    gain = swelling(told)[0]
    apart = SAMPLES_PER_PITCH // STEPS
    middle = SAMPLES_PER_PITCH + apart + apart // 2
    assert gain.shape == (3 * SAMPLES_PER_PITCH,)
    assert gain[middle] == pytest.approx(1.0, abs=0.02)
    assert gain[middle + apart // 2] == pytest.approx(0.5, abs=0.02)
    assert gain[middle - apart : middle + apart + 1].sum() == pytest.approx(apart, rel=0.01)
    assert gain[: middle - apart].max() < 1e-6
    assert gain[middle + apart + 1 :].max() < 1e-6


def test_a_burst_stays_short():
    """Shaped before the filter it is no longer than the filter's answer; the window is 50 ms."""
    noise = torch.randn(1, 12_000, generator=torch.Generator().manual_seed(2))
    told = torch.full((1, 40, STEPS), -12.0)
    told[0, 20, 1:3] = 0.0
    filters = torch.zeros(1, 40, FILTERS, BINS)
    filters[:, :, -1] = -1 + torch.cos(torch.arange(BINS) / 60)
    power = filtered(filters.flatten(2), torch.zeros_like(noise), noise * swelling(told))[1][0].square()
    loudest = 20 * SAMPLES_PER_PITCH + SAMPLES_PER_PITCH // 2
    assert power[loudest - 240 : loudest + 240].sum() > 0.98 * power.sum()  # 20 ms


@pytest.mark.parametrize(
    ("raw", "told"),
    [({"width": 8, "n_layer": 2, "kernel_size": 4}, "must be odd"), ({"width": 8, "n_layer": 2}, "kernel_size")],
)
def test_what_cannot_be_built_is_said(raw, told):
    with pytest.raises(ConfigError, match=told):
        parse_harmonic(raw)
