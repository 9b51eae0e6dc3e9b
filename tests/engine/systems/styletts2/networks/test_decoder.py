"""The decoder against the published reference values."""

import pytest
import torch

from tests.engine.systems.styletts2.closeness import KINDS, close, phases_as_published, relative


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
