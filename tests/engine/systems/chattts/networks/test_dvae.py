"""The audio autoencoder against the reference's values for the same weights and recording."""

import pytest
import torch
from torch.testing import assert_close

from engine.errors import AudioError


def near(actual, expected, tolerance):
    assert_close(actual, expected, atol=tolerance, rtol=0)


def test_audio_autoencoder_equals_the_reference(golden, networks):
    g, dvae = golden("dvae"), networks.dvae
    near(dvae.coef, g["coef"], 0)
    near(dvae.log_mel(g["wav"]), g["mel"], 5e-5)
    near(dvae.downsample(g["mel"]), g["downsampled"], 5e-5)
    near(dvae.encoder(g["downsampled"]), g["encoded"], 5e-5)
    assert torch.equal(dvae.encode(g["wav"]), g["codes"].long())
    codes = g["codes"].long().unsqueeze(0)
    near(dvae.quantizer.decode(codes), g["vq_features"], 5e-5)
    near(dvae.decode(codes), g["mel_from_codes"], 5e-5)
    near(networks.vocoder(use_decoder=False).render(g["codes"].T)[None], g["wav_from_codes"], 1e-5)


def test_the_code_of_the_end_is_no_sound(networks):
    for code in (625, -1):
        with pytest.raises(ValueError, match=r"outside 0\.\.624"):
            networks.dvae.decode(torch.full((1, 4, 3), code))


def test_a_recording_too_short_for_one_frame_is_refused(networks):
    with pytest.raises(AudioError, match="512 samples"):
        networks.dvae.encode(torch.zeros(512))
    assert networks.dvae.encode(torch.zeros(513)).shape == (4, 1)
