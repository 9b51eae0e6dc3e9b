"""The denoiser and its sampler against the published reference values."""

import pytest
import torch

from engine.systems.styletts2.networks.diffusion import ancestral_steps, schedule
from tests.engine.style_tts.closeness import KINDS, close


@pytest.mark.parametrize("kind", KINDS)
def test_the_denoiser_answers_as_published(model, golden, kind):
    values, diffusion = golden(f"diffusion_{kind}"), model(f"modules_{kind}").diffusion
    x, embedding, sigma, features = (values.get(key) for key in ("x", "embedding", "sigma", "features"))
    assert diffusion.sigma_data == float(values["sigma_data"])
    close(diffusion.time_embedding(sigma), values["time_embedding"], 1e-5)
    mapping = diffusion.mapping(sigma, features)[0]
    close(mapping, values["mapping"], 1e-5)
    whole = torch.cat((x.expand(-1, embedding.shape[1], -1), embedding), dim=-1)
    close(diffusion.blocks[0](whole, features), values["block0"], 1e-5)
    for scale in (1, 2):
        context = diffusion.guidance_context(embedding, scale)
        close(diffusion.network(x, mapping, context, scale, features), values[f"net_scale{scale}"], 1e-5)
    denoised = diffusion.denoise(x, sigma[0], mapping, diffusion.guidance_context(embedding, 1.5), 1.5, features)
    close(denoised, values["denoised"], 1e-5)


@pytest.mark.parametrize("steps", [3, 5, 10])
@pytest.mark.parametrize("kind", KINDS)
def test_styles_are_sampled_as_published(model, golden, kind, steps):
    values, diffusion = golden(f"diffusion_{kind}"), model(f"modules_{kind}").diffusion
    sigmas = schedule(steps)
    assert torch.equal(sigmas, values[f"karras_{steps}"][:-1])
    levels = [[step.up, step.down, float(step.middle)] for step in ancestral_steps(sigmas)]
    assert torch.equal(torch.tensor(levels, dtype=torch.float64), values[f"adpm2_{steps}"])
    sampled = diffusion.sample(
        values["embedding"],
        values[f"noise_{steps}"],
        values[f"step_noise_{steps}"].unsqueeze(1),
        scale=1.5 if steps == 10 else 1,
        features=values.get("features"),
    )
    close(sampled, values[f"sample_{steps}"].squeeze(1), 1e-4)


def test_fewer_than_two_steps_are_refused():
    with pytest.raises(ValueError, match="not 1"):
        schedule(1)
