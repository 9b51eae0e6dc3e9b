"""The spectrogram and the inverse STFT against published values, and against the straightforward way."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.audio.mel import log_mel, mel_bank
from engine.audio.stft import InverseSTFT, linear_spectrogram

GOLDENS = Path(__file__).parents[2] / "goldens" / "vits"


def read(name):
    with np.load(GOLDENS / f"{name}.npz") as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays.files}


def near(actual, expected, tolerance):
    assert_close(actual, expected, atol=tolerance, rtol=0)


def test_inverse_equals_the_published_values():
    g = read("istft_pqmf")
    near(InverseSTFT(16, 4)(g["mag"], g["phase"]), g["istft_out"].squeeze(1), 1e-6)


@pytest.mark.parametrize(("n_fft", "hop", "frames"), [(16, 4, 33), (16, 4, 2), (16, 8, 20), (64, 16, 9), (12, 2, 30)])
def test_inverse_equals_the_inverse_of_torch(n_fft, hop, frames):
    generator = torch.Generator().manual_seed(frames)
    shape = 2, n_fft // 2 + 1, frames
    magnitude, phase = torch.rand(shape, generator=generator), 3 * torch.randn(shape, generator=generator)
    expected = torch.istft(torch.polar(magnitude, phase), n_fft, hop, window=torch.hann_window(n_fft))
    near(InverseSTFT(n_fft, hop)(magnitude, phase), expected, 2e-6)


def test_inverse_undoes_the_transform_at_the_ends_too():
    samples = torch.randn(3, 400, generator=torch.Generator().manual_seed(0))
    spectrum = torch.stft(samples, 16, 4, window=torch.hann_window(16), return_complex=True)
    near(InverseSTFT(16, 4)(spectrum.abs(), spectrum.angle()), samples, 2e-6)


def test_inverse_refuses_hops_that_do_not_divide_the_size():
    with pytest.raises(ValueError, match="not a multiple"):
        InverseSTFT(16, 5)


def test_inverse_keeps_its_constants_when_built_without_memory():
    with torch.device("meta"):
        transform = InverseSTFT(16, 4)
    assert not transform.kernel.is_meta
    assert not transform.state_dict()


def test_spectrogram_and_mel_equal_the_published_values():
    g = read("mel")
    samples = g["wav_int16"].float().unsqueeze(0) / 32768
    spectrogram = linear_spectrogram(samples, 1024, 256, 1024)
    bank = mel_bank(22050, 1024, 80, 0.0, None)
    near(spectrogram, g["spec"], 1e-4)
    near(bank, g["mel_basis"], 1e-4)
    near(log_mel(spectrogram, bank), g["mel"], 1e-4)
    near(log_mel(spectrogram, bank), g["mel_from_wav"], 1e-4)


@pytest.mark.parametrize("length", [2048, 2049, 2303, 2304])
def test_spectrogram_has_one_frame_for_each_whole_hop(length):
    assert linear_spectrogram(torch.zeros(1, length), 1024, 256, 1024).shape == (1, 513, length // 256)
