"""Text to sound against the reference, from files on disk through the system's own interface."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.events import AudioChunk
from engine.systems.vits.networks.model import Scales
from engine.systems.vits.options import Options

GOLDENS = Path(__file__).parents[3] / "goldens" / "vits"
CASES = [case for case in json.loads((GOLDENS / "e2e_index.json").read_text()) if "cleaned_text" in case]


def near(actual, expected, tolerance=2e-5):
    assert_close(actual, expected, atol=tolerance, rtol=0)


def speak(system, text, options, *, voice="", seed=0):
    """All sound of a text as one array."""
    segments = system.segment(text, "en", options)
    rng = torch.Generator().manual_seed(seed)
    events = system.synthesize(segments, system.voice(voice), options, rng)
    return np.concatenate([event.samples for event in events if isinstance(event, AudioChunk)])


def test_every_case_is_there():
    assert {case["file"] for case in CASES} == {
        path.name for path in GOLDENS.glob("e2e_*.npz") if path.name != "e2e_mb_det_batch.npz"
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_sound_through_the_system_equals_the_reference(golden, system, case):
    g = golden(Path(case["file"]).stem)
    options = Options(
        noise_scale=case["noise_scale"],
        noise_scale_w=case["noise_scale_w"],
        length_scale=case["length_scale"],
        cleaned=True,
        compat=True,
    )
    voice = "" if case["sid"] is None else str(case["sid"])
    samples = speak(system(case["model"]), case["cleaned_text"], options, voice=voice, seed=case["seed"] or 0)
    assert samples.dtype == np.float32
    near(torch.from_numpy(samples), g["audio"].flatten())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_stations_of_the_network_equal_the_reference(golden, system, case):
    g, loaded = golden(Path(case["file"]).stem), system(case["model"])
    assert list(loaded._encoder.encode(case["cleaned_text"]).ids) == g["ids"][0].tolist()
    inferred = loaded.model.infer(
        g["ids"],
        torch.tensor([g["ids"].shape[1]]),
        rng=torch.Generator().manual_seed(case["seed"] or 0),
        sid=None if case["sid"] is None else torch.tensor([case["sid"]]),
        scales=Scales(noise=case["noise_scale"], noise_w=case["noise_scale_w"], length=case["length_scale"]),
    )
    latents = inferred.latents
    near(latents.text.mean, g["enc_m"])
    near(latents.text.log_std, g["enc_logs"])
    near(latents.log_durations, g["logw"])
    near(latents.durations, g["w_ceil"], 0)
    near(latents.mean, g["m_p"])
    near(latents.log_std, g["logs_p"])
    near(latents.z_p, g["z_p"])
    near(latents.z, g["z"])
    near(inferred.decoded.audio, g["audio"])
    if "subbands" in g:
        near(inferred.decoded.subbands, g["subbands"])


def test_batch_of_two_texts_equals_the_reference(golden, system):
    g, model = golden("e2e_mb_det_batch"), system("mb_det").model
    scales, rng = Scales(noise=0.0, noise_w=0.0), torch.Generator()
    whole = model.infer(g["ids"], g["lengths"], rng=rng, scales=scales)
    near(whole.latents.mask, g["y_mask"], 0)
    near(whole.decoded.audio, g["audio"])
    cut = model.infer(g["ids"], g["lengths"], rng=rng, scales=scales, max_frames=20)
    near(cut.decoded.audio, g["audio_max_len20"])


@pytest.mark.parametrize("name", ["mb_sdp_ms", "plain_det_ms"])
def test_voice_conversion_equals_the_reference(golden, whole_model, name):
    g, model = golden(f"vc_{name}"), whole_model(name)
    converted = model.convert(
        g["spec"],
        torch.tensor([g["spec"].shape[-1]]),
        rng=torch.Generator().manual_seed(int(g["seed"])),
        source=g["sid_src"],
        target=g["sid_tgt"],
    )
    near(converted.z, g["z"], 1e-4)
    near(converted.z_p, g["z_p"], 1e-4)
    near(converted.z_hat, g["z_hat"], 1e-4)
    near(converted.decoded.audio, g["audio"], 1e-4)
