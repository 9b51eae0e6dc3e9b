"""The generators and their transforms against the published reference values."""

from itertools import pairwise

import pytest
import torch

from engine.steps import finish
from engine.style_tts.generator import spectrum
from tests.engine.style_tts.closeness import KINDS, close, near, phases_as_published, relative


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


@pytest.mark.parametrize("kind", KINDS)
def test_with_the_same_norms_an_utterance_is_the_same_sound_in_whatever_stretches(model, kind):
    generator = model(f"modules_{kind}").decoder.generator
    x, style, source = _utterance(generator, 60)
    features, norms = generator.source_features(source), {}
    (whole,) = finish(generator.stretch_steps(x, style, features, [range(60)], norms))
    torch.testing.assert_close(whole, generator(x, style, source), rtol=0, atol=0)
    ends = (0, 1, 2, 22, 40, 59, 60)
    stretches = [range(start, end) for start, end in pairwise(ends)]
    one_by_one = [finish(generator.stretch_steps(x, style, features, [one], dict(norms)))[0] for one in stretches]
    together = finish(generator.stretch_steps(x, style, features, stretches, dict(norms)))
    for sounds in (one_by_one, together):
        assert [sound.shape[-1] for sound in sounds] == [300 * len(one) for one in stretches]
        assert relative(torch.cat(sounds, dim=-1), whole) < 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_the_norms_take_the_statistics_of_the_stretches_that_come_first(model, kind):
    generator = model(f"modules_{kind}").decoder.generator
    x, style, source = _utterance(generator, 60)
    features, norms, others = generator.source_features(source), {}, {}
    finish(generator.stretch_steps(x, style, features, [range(30)], norms))
    kept = dict(norms)
    finish(generator.stretch_steps(x, style, features, [range(30, 60)], norms))
    finish(generator.stretch_steps(x, style, features, [range(30, 60)], others))
    assert len(norms) == sum(hasattr(module, "modulation") for module in generator.modules())
    assert all(norms[norm] is kept[norm] for norm in norms)
    assert not any(torch.allclose(norms[norm][0], others[norm][0], rtol=1e-4) for norm in norms)


def _utterance(generator, values):
    rng = torch.Generator().manual_seed(5)
    x = torch.randn(1, generator.ups[0].in_channels, values, generator=rng)
    style = torch.randn(1, generator.noise_res[0].adain1[0].fc.in_features, generator=rng)
    return x, style, 0.1 * torch.randn(1, 300 * values, 1, generator=rng)
