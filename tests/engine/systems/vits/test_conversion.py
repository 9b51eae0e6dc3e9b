"""One voice into another: windows join to the whole, and what cannot do it says why."""

import numpy as np
import pytest
import torch

from engine.audio.stft import linear_spectrogram
from engine.errors import VoiceError
from engine.events import AudioChunk
from engine.systems.vits import SPEC, conversion
from engine.systems.vits.conversion import latents

RATE = 22_050


def recording(seconds=1.0, rate=RATE):
    time = np.arange(int(seconds * rate)) / rate
    return (0.3 * np.sin(2 * np.pi * 180 * time) * (1 + np.sin(2 * np.pi * 3 * time))).astype(np.float32)


@pytest.mark.parametrize("model", ["mb_sdp_ms", "plain_det_ms"])
@pytest.mark.parametrize("frames", [7, 40, 1024])
def test_windows_join_to_the_whole(monkeypatch, system, model, frames):
    monkeypatch.setattr(conversion, "FRAMES", frames)
    loaded = system(model)
    samples = torch.from_numpy(recording(3.0))
    source, target = torch.tensor([1]), torch.tensor([4])
    (*progress, made) = latents(loaded.model, loaded._audio, samples, source, target, torch.Generator().manual_seed(31))
    audio = loaded._audio
    spectrogram = linear_spectrogram(samples[None], audio.filter_length, audio.hop_length, audio.win_length)
    length = torch.tensor([spectrogram.shape[-1]])
    rng = torch.Generator().manual_seed(31)
    whole = loaded.model.convert(spectrogram, length, rng=rng, source=source, target=target)
    torch.testing.assert_close(made, whole.z_hat, atol=1e-5, rtol=1e-5)
    assert [each.done for each in progress] == sorted(each.done for each in progress)
    assert progress[-1].done == progress[-1].total == spectrogram.shape[-1]
    events = loaded.convert(samples.numpy(), loaded.voice("1"), loaded.voice("4"), torch.Generator().manual_seed(31))
    sound = np.concatenate([event.samples for event in events if isinstance(event, AudioChunk)])
    np.testing.assert_allclose(sound, whole.decoded.audio[0, 0].numpy(), atol=1e-4)


def test_the_posterior_encoder_stays_where_there_are_voices_to_change(system):
    assert system("mb_sdp_ms").model.enc_q is not None
    assert system("mb_sdp").model.enc_q is None


def test_what_cannot_change_voices_is_told_before_it_is_loaded_and_after(checkpoint, save, load_system, system):
    SPEC.check_conversion(checkpoint("mb_det_ms"))
    with pytest.raises(VoiceError, match="has one voice"):
        SPEC.check_conversion(checkpoint("mb_det"))
    spoken = save(lambda s: {k: v for k, v in s.items() if not k.startswith("enc_q.")}, "mb_det_ms")
    with pytest.raises(VoiceError, match="no posterior encoder"):
        SPEC.check_conversion(spoken)
    for loaded in (load_system(spoken), system("mb_det")):
        voice = loaded.voice("")
        with pytest.raises(VoiceError, match="cannot change one voice into another"):
            next(loaded.convert(recording(), voice, voice, torch.Generator()))
