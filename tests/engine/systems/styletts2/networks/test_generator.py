"""The generators and their transforms against the published reference values."""

import pytest
import torch

from engine.systems.styletts2.networks.generator import spectrum
from tests.engine.systems.styletts2.closeness import KINDS, close, near, phases_as_published, relative


@pytest.mark.parametrize("kind", KINDS)
def test_the_generator_sounds_as_published_inside(model, golden, kind):
    values, generator = golden(f"decoder_{kind}"), model(f"modules_{kind}").decoder.generator
    x = generator.align(0, generator.ups[0](generator.activate(0, values["gen_in"])))
    near(x, values["ups0_zero"])
    features = generator.source_features(values["har_zero"])
    noise = generator.noise_res[0](generator.noise_convs[0](features), values["style"])
    if phases_as_published(values):
        near(noise, values["noise_res0_zero"])
    near(generator.resblocks[0](x + values["noise_res0_zero"], values["style"]), values["resblock0_zero"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_convolution_of_the_generator_is_the_published_one(model, golden, kind, monkeypatch):
    values, generator = golden(f"decoder_{kind}"), model(f"modules_{kind}").decoder.generator
    monkeypatch.setattr(generator, "to_waveform", lambda x: x)
    output = generator(values["gen_in"], values["style"], values["har_zero"])
    assert output.shape[-1] >= 600
    if phases_as_published(values):
        near(output[..., :600], values["conv_post_zero"])


def test_the_stft_of_the_source_is_the_published_one(golden):
    values = golden("decoder_istftnet")
    magnitude, phase = spectrum(values["har_seed11"].squeeze(-1), 20, 5)
    close(magnitude, values["stft_mag"], 1e-6)
    close(torch.polar(magnitude, phase), torch.polar(values["stft_mag"], values["stft_phase"]), 1e-6)
    near(phase, values["stft_phase"])


def test_the_inverse_stft_is_the_published_one(model, golden):
    values = golden("decoder_istftnet")
    istft = model("modules_istftnet").decoder.generator.istft
    samples = istft(values["istft_mag"], values["istft_phase"]).unsqueeze(1)
    assert relative(samples, values["istft_wav"]) < 1e-6
