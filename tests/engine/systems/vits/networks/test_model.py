"""The whole network against the reference: its tensors, every intermediate result, batches, voice conversion."""

import dataclasses
import json
from pathlib import Path

import pytest
import torch
from torch.testing import assert_close

from engine.systems.vits.config import parse
from engine.systems.vits.networks.model import Scales, Vits
from engine.training.checkpoint import public_state

GOLDENS = Path(__file__).parents[4] / "goldens" / "vits"
CASES = [case for case in json.loads((GOLDENS / "e2e_index.json").read_text()) if "cleaned_text" in case]


def stored(name):
    return json.loads((GOLDENS / f"{name}.json").read_text())


PUBLIC = stored("public_configs")


MANIFESTS = sorted(path.stem.removeprefix("manifest_G_") for path in GOLDENS.glob("manifest_G_*.json"))


def near(actual, expected, tolerance=2e-5):
    assert_close(actual, expected, atol=tolerance, rtol=0)


def public(name):
    """The public config of a full-size manifest."""
    if name != "mb_multispeaker_sdp":
        return PUBLIC[name]
    raw = PUBLIC["ljs_mb_istft_vits"]
    model = {**raw["model"], "use_sdp": True, "gin_channels": 256}
    return {**raw, "data": {**raw["data"], "n_speakers": 109}, "model": model}


def on_meta(raw):
    with torch.device("meta"):
        return Vits(parse(raw).model)


@pytest.mark.parametrize("name", MANIFESTS)
def test_full_size_models_have_exactly_the_published_tensors(name):
    state = public_state(on_meta(public(name)))
    manifest = stored(f"manifest_G_{name}")
    assert {key: list(value.shape) for key, value in state.items()} == {k: e["shape"] for k, e in manifest.items()}
    assert {entry["dtype"] for entry in manifest.values()} == {"float32"}


@pytest.mark.parametrize("name", [name for name in stored("param_counts") if name != "D"])
def test_full_size_models_have_the_published_number_of_parameters(name):
    counts = dict(stored("param_counts")[name])
    model = on_meta(public(name))
    whole, inference = counts.pop("total"), counts.pop("inference_total")
    found = {part: sum(p.numel() for p in getattr(model, part).parameters()) for part in counts}
    assert found == counts
    assert (sum(found.values()), sum(found.values()) - found["enc_q"]) == (whole, inference)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_every_intermediate_result_equals_the_reference(golden, system, case):
    g, loaded = golden(Path(case["file"]).stem), system(case["model"])
    assert list(loaded.front_end.encoder.encode(case["cleaned_text"]).ids) == g["ids"][0].tolist()
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


@pytest.mark.parametrize("inter_channels", [56, 80])
def test_small_voices_may_have_other_widths(golden_json, inter_channels):
    raw = golden_json("config_mb_det")
    raw["model"] |= {"inter_channels": inter_channels, "posterior_layers": 3, "posterior_channels": 24,
                     "flow_layers": 2, "flow_count": 3, "flow_channels": 40, "dp_filter_channels": 48,
                     "weight_norm": False}  # fmt: skip
    config = parse(raw).model
    model = Vits(config).eval()
    assert not any("original0" in key for key in model.state_dict())
    assert model.enc_q.enc.channels == 24
    assert len(model.flow.flows) == 6
    assert model.dp.conv_1.weight.shape == (48, 32, 3)
    ids = torch.arange(1, 12).unsqueeze(0)
    inferred = model.infer(ids, torch.tensor([11]), rng=torch.Generator().manual_seed(0))
    assert inferred.decoded.audio.shape[-1] == 256 * int(inferred.latents.durations.sum())
    assert dataclasses.replace(config, weight_norm=True) != config
