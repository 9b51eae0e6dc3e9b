"""From phoneme ids to sound, stage by stage, against the published reference values.

A waveform of the iSTFTNet models is decided by rounding in the source's phase, so each stage is judged by itself, and
the decoder from the stored pitch (docs/style-tts.md#order-of-operations). The files at public widths are
thinned: their sources are left out, and the seeded ones end at the pitch.
"""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from engine.audio.decode import read as read_audio
from engine.style_tts import source
from engine.style_tts.config import SAMPLES_PER_PITCH
from engine.style_tts.prosody import expand, shift_right
from engine.style_tts.synthesizer import DecoderInputs, Durations, EncodedText
from engine.systems.styletts2.networks import diffusion
from engine.systems.styletts2.networks.mel import normalised_mel
from engine.systems.styletts2.networks.style import carried, mixed
from engine.systems.styletts2.voice_encoder import trim_bounds
from tests.engine.style_tts.closeness import (
    ALL_CASES,
    FROM_IDS,
    LIBRI,
    LJ,
    TINY_CASES,
    WIDE_LIBRI,
    WITH_SOUND,
    close,
    relative,
)
from tests.releases import STYLETTS2_GOLDENS

END_FRAMES = 5


@dataclass(frozen=True)
class Stages:
    """What the model makes of a case, and what was published of it."""

    published: dict
    text: EncodedText
    sampled: torch.Tensor
    style: torch.Tensor
    durations: Durations
    frames: torch.Tensor
    inputs: DecoderInputs
    noise: torch.Tensor


@pytest.fixture(scope="module")
def stages(model, golden, golden_json):
    """The stages of a case, up to the decoder."""
    done = {}

    def run(name, case):
        if (name, case) not in done:
            before = run(name, "longform1").style if case == "longform2" else None
            facts = golden_json(f"{name}_cases")[case]
            done[name, case] = speak(model(name), golden(f"{name}_{case}"), facts, case, before)
        return done[name, case]

    return run


def speak(network, values, facts, case, before):
    config, steps = network.config, facts["diffusion_steps"]
    rng = torch.Generator().manual_seed(facts.get("torch_manual_seed", 0))
    start, step_noise = diffusion.draw_noise(2 * config.style_dim, steps, rng)
    if case == "inject":
        start, step_noise = values["noise"], torch.zeros_like(step_noise)
    else:
        assert torch.equal(start, values["noise"])
        assert torch.equal(step_noise.squeeze(1), values["sampler_step_noise"])
    text = network.encode_text(values["tokens"], torch.tensor([values["tokens"].shape[1]]))
    reference = values.get("ref_s")
    sampled = network.diffusion.sample(text.bert, start, step_noise, scale=facts["embedding_scale"], features=reference)
    style = sampled if before is None else carried(sampled, before, facts["mix"])
    if config.multispeaker:
        style = mixed(style, reference, alpha=facts["alpha"], beta=facts["beta"])
    durations = network.predict_durations(text, style)
    frames = durations.frames.clone()
    if not config.multispeaker and not case.startswith("longform"):
        frames[-1] += END_FRAMES
    inputs = network.predict_contours(text, durations, style, frames)
    noise = source.draw_noise(inputs.pitch.shape[1], rng)
    if case == "inject":
        drawn = np.random.Generator(np.random.Philox(12345)).standard_normal(noise.shape, dtype=np.float32)
        noise = torch.from_numpy(drawn)
    return Stages(values, text, sampled, style, durations, frames, inputs, noise)


def stored_text(network, values):
    """What the decoder was given: the encoded text by the stored durations."""
    text = expand(values["t_en"], values["pred_dur"].long())
    return shift_right(text) if network.config.multispeaker else text


@pytest.mark.parametrize(("name", "case"), ALL_CASES)
def test_every_stage_up_to_the_pitch_is_the_published_one(stages, name, case):
    ours = stages(name, case)
    theirs = ours.published
    close(ours.text.acoustic, theirs["t_en"], 1e-4)
    if "bert" in theirs:
        close(ours.text.bert, theirs["bert"], 1e-4)
    close(ours.text.prosodic, theirs["d_en"], 1e-4)
    close(ours.sampled, theirs["s_sampled"], 1e-4)
    close(ours.style, theirs["s_pred"], 1e-4)
    close(ours.durations.encoded, theirs["d"], 1e-3)
    close(ours.durations.logits, theirs["dur_logits"], 1e-3)
    close(torch.sigmoid(ours.durations.logits).sum(-1), theirs["dur"], 1e-3)
    assert torch.equal(ours.frames, theirs["pred_dur"].long())
    close(ours.inputs.pitch, theirs["F0"], 0.01)
    close(ours.inputs.energy, theirs["N"], 1e-3)


@pytest.mark.parametrize(("name", "case"), TINY_CASES)
def test_the_halves_of_a_style_and_the_stretched_text_are_the_published_ones(model, stages, name, case):
    network, ours = model(name), stages(name, case)
    close(network.acoustic(ours.style), ours.published["style_acoustic"], 1e-4)
    close(network.prosodic(ours.style), ours.published["style_prosodic"], 1e-4)
    close(ours.inputs.text, ours.published["asr"], 1e-4)
    encoded = expand(ours.durations.encoded.transpose(1, 2), ours.frames)
    close(shift_right(encoded) if network.config.multispeaker else encoded, ours.published["en"], 1e-3)


@pytest.mark.parametrize(("name", "case"), ALL_CASES)
def test_the_source_noise_is_drawn_as_published(stages, name, case):
    ours = stages(name, case)
    assert torch.equal(ours.noise[:, :64], ours.published["source_noise_head"])
    sums = torch.stack((ours.noise.double().sum(), ours.noise.double().square().sum()))
    torch.testing.assert_close(sums, ours.published["source_noise_sum"], rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize(("name", "case"), [pair for pair in WITH_SOUND if pair[0] in (LJ, LIBRI)])
def test_the_source_is_the_published_one(model, stages, name, case):
    generator, ours = model(name).decoder.generator, stages(name, case)
    close(generator.source(ours.published["F0"], ours.noise), ours.published["har"], 1e-3)
    close(generator.source(ours.inputs.pitch, ours.noise), ours.published["har"], 2e-2)


@pytest.mark.parametrize(("name", "case"), [pair for pair in WITH_SOUND if pair[0] in (LJ, LIBRI)])
def test_the_generator_plays_the_stored_source_as_published(model, stages, name, case):
    network, theirs = model(name), stages(name, case).published
    style = theirs["style_acoustic"]
    features = network.decoder.features(stored_text(network, theirs), theirs["F0"], theirs["N"], style)
    assert relative(network.decoder.generator(features, style, theirs["har"]), theirs["wav"]) < 1e-3


@pytest.mark.parametrize(("name", "case"), WITH_SOUND)
def test_the_decoder_plays_the_stored_score_as_published(model, stages, name, case):
    network, ours = model(name), stages(name, case)
    theirs = ours.published
    inputs = DecoderInputs(stored_text(network, theirs), theirs["F0"], theirs["N"])
    assert relative(network.decode(inputs, theirs["s_pred"], ours.noise), theirs["wav"]) < 1e-3


@pytest.mark.parametrize(("name", "case"), [pair for pair in WITH_SOUND if pair[0] in (LJ, LIBRI)])
def test_the_sound_of_ids_is_the_published_one(model, stages, name, case):
    network, ours = model(name), stages(name, case)
    audio = network.decode(ours.inputs, ours.style, ours.noise)
    assert audio.shape[-1] == ours.inputs.pitch.shape[1] * SAMPLES_PER_PITCH
    close(ours.inputs.pitch, ours.published["F0"], 0.005)
    assert relative(audio, ours.published["wav"]) < FROM_IDS[name]


@pytest.mark.parametrize("name", [LIBRI, WIDE_LIBRI])
def test_the_style_of_a_recording_is_the_published_one(model, golden, name):
    samples = read_audio(STYLETTS2_GOLDENS / "ref_24k.wav", sample_rate=24_000)
    start, end = trim_bounds(samples)
    style = model(name).encode_style(normalised_mel(torch.from_numpy(samples[start:end]).unsqueeze(0)).unsqueeze(1))
    close(style, golden(f"{name}_inject")["ref_s"], 1e-4)
