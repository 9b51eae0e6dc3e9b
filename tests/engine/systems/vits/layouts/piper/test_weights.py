"""Every quality of voice through its real files, against the reference: stages, whole durations, sound."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import VoiceError
from engine.systems.vits import SPEC
from engine.systems.vits.checkpoint import read
from engine.systems.vits.networks.model import Scales
from tests.engine.systems.vits.speech import sound

# Of what the reference computes in float32; its graphs give the same to 1e-6.
STAGE, WAVE = 1e-5, 5e-5
# Another library multiplies in another order, at peaks of 0.5.
REAL_WAVE = 2e-4


def infer(model, golden, number):
    ids = torch.from_numpy(golden[f"{number}_ids"]).reshape(1, -1)
    speaker = int(golden.get(f"{number}_sid", -1))
    return model.infer(
        ids,
        torch.tensor([ids.shape[1]]),
        rng=torch.Generator(),
        sid=None if speaker < 0 else torch.tensor([speaker]),
        scales=Scales(noise=0.0, noise_w=0.0, length=float(golden[f"{number}_length_scale"])),
    )


def check(model, golden):
    for number in sorted({key.partition("_")[0] for key in golden}):
        inferred = infer(model, golden, number)
        latents = inferred.latents
        frames = golden[f"{number}_z"].shape[-1]
        stages = {
            "hidden": latents.text.hidden,
            "m": latents.text.mean,
            "logs": latents.text.log_std,
            "logw": latents.log_durations,
            "z": (latents.z * latents.mask)[..., :frames],
        }
        for name, ours in stages.items():
            theirs = torch.from_numpy(golden[f"{number}_{name}"]).reshape(ours.shape)
            torch.testing.assert_close(ours, theirs, atol=STAGE, rtol=STAGE, msg=f"{number} {name}")
        assert latents.durations.flatten().tolist() == golden[f"{number}_durations"].flatten().tolist()
        audio = inferred.decoded.audio.flatten().numpy()
        np.testing.assert_allclose(audio, golden[f"{number}_wav_torch"].flatten(), atol=WAVE, rtol=0)


@pytest.mark.parametrize("name", ["tiny-x_low", "tiny-low", "tinymulti-medium", "tiny-high"])
def test_a_voice_computes_what_the_reference_does(voice, numbers, name):
    config, model = read(voice(name))
    assert config.audio.sampling_rate == (16_000 if "low" in name else 22_050)
    check(model, numbers(f"en_US-{name}"))


@pytest.mark.parametrize("settings", [{}, {"resblock_dilation_sizes": ((1, 2), (2, 6), (3, 12)), "num_symbols": 256,
                                           "upsample_rates": (8, 8, 4), "dataset": Path("/x")}],
                         ids=["weights alone", "with the trainer's settings"])  # fmt: skip
def test_a_checkpoint_of_the_trainer_is_the_same_voice(trained, numbers, tmp_path, settings):
    checkpoint = trained(tmp_path, **settings)
    SPEC.check_conversion(checkpoint)
    for named in (checkpoint, tmp_path):
        check(read(named)[1], numbers("en_US-tinymulti-medium"))
    # It is whole, so that it can say a recording in another voice.
    SPEC.check_conversion(tmp_path)
    assert SPEC.speakers(tmp_path) == ("narrator", "p225", "p226")
    assert "random_durations" in SPEC.traits(tmp_path, None)


def test_the_real_voice_has_every_tensor_under_its_published_name(joe, told):
    state = read(joe)[1].state_dict()
    present = told("joe_keys")["present"]
    assert {key: list(value.shape) for key, value in state.items()} == present


def test_the_real_voice_sounds_as_in_its_own_runtime(joe, numbers, told, load_system):
    loaded, golden = load_system(joe), numbers("joe_real")
    for number, asked in enumerate(told("joe_real")):
        options = SPEC.options(
            noise_scale=0.0, noise_scale_w=0.0, length_scale=asked["length_scale"], cleaned=True, compat=True
        )
        segments = loaded.segment(asked["phonemes"], "en", options)
        (read_,) = loaded.front_end.read(segments, options)
        assert list(read_.encoded.ids) == golden[f"{number}_ids"].flatten().tolist()
        ours = sound(loaded.synthesize(segments, loaded.voice(""), options, torch.Generator()))
        theirs = golden[f"{number}_wav"].flatten()
        assert len(ours) == len(theirs)
        np.testing.assert_allclose(ours, theirs, atol=REAL_WAVE, rtol=0)


def test_a_graph_of_several_voices_cannot_hear_a_recording(voice):
    with pytest.raises(VoiceError, match="no posterior encoder"):
        SPEC.check_conversion(voice("tinymulti-medium"))
