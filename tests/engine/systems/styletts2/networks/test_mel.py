"""The mel spectrogram against the published reference values."""

import pytest
import torch

from engine.audio.decode import read as read_audio
from engine.systems.styletts2.networks.mel import mel_bank, normalised_mel
from engine.systems.styletts2.voice_encoder import trim_bounds
from tests.releases import STYLETTS2_GOLDENS

NAMES = ("ref_24k", "ref_22k_stereo")


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def samples(name):
    return read_audio(STYLETTS2_GOLDENS / f"{name}.wav", sample_rate=24_000)


def test_the_mel_is_the_published_one(golden, name, samples):
    start, end = trim_bounds(samples)
    mel = normalised_mel(torch.from_numpy(samples[start:end]).unsqueeze(0))
    torch.testing.assert_close(mel, golden("mel")[f"{name}_mel"], rtol=0, atol=2e-3)
    log_norm = torch.log(torch.linalg.vector_norm(torch.exp(mel * 4 - 4), dim=1))
    torch.testing.assert_close(log_norm, golden("mel")[f"{name}_lognorm"], rtol=0, atol=8e-3)


def test_the_mel_is_exact_from_the_same_samples(golden):
    samples = read_audio(STYLETTS2_GOLDENS / "ref_24k.wav", sample_rate=24_000)
    start, end = trim_bounds(samples)
    mel = normalised_mel(torch.from_numpy(samples[start:end]).unsqueeze(0))
    torch.testing.assert_close(mel, golden("mel")["ref_24k_mel"], rtol=0, atol=1e-5)


def test_the_bank_is_laid_out_for_a_lower_rate(golden):
    values, bank = golden("mel"), mel_bank(80)
    torch.testing.assert_close(bank.sum(1), values["mel_fb_sum"], rtol=0, atol=1e-4)
    for row in (10, 79):
        torch.testing.assert_close(bank[row], values[f"mel_fb_col{row}"], rtol=0, atol=1e-5)
