"""transformers' checkpoints load strictly in every spelling, and sound as the reference values say."""

import json

import pytest
import torch
from safetensors.torch import save_file

from engine.errors import ConfigError, WeightsMismatch
from engine.systems.vits import SPEC
from engine.systems.vits.layouts.transformers.weights import published_key
from engine.systems.vits.networks.model import Scales
from engine.systems.vits.weights import published_name

MODELS = ("sdp", "det", "sdp_ms")


def test_every_key_of_the_full_model_has_its_published_name(golden_json):
    keys = golden_json("mms_key_map_full")
    assert keys == {key: published_name(published_key(key)) for key in keys}
    assert keys.keys() == golden_json("manifest_mms_tts_full_default").keys()


@pytest.mark.parametrize("noise", ["zero", "seed"])
@pytest.mark.parametrize("model", MODELS)
def test_a_checkpoint_speaks_as_the_reference_does(golden, mms_checkpoint, load_system, model, noise):
    wanted = golden(f"mms_{model}_{noise}")
    noise_scale, noise_scale_w, rate, seed = wanted["params"].tolist()
    network = load_system(mms_checkpoint(model)).model
    made = network.infer(
        wanted["ids"],
        torch.tensor([wanted["ids"].shape[1]]),
        rng=torch.Generator().manual_seed(max(0, int(seed))),
        sid=None if int(wanted["speaker_id"]) < 0 else wanted["speaker_id"],
        scales=Scales(noise=noise_scale, noise_w=noise_scale_w, length=1 / rate),
    )
    torch.testing.assert_close(made.latents.z_p, wanted["z_p"], atol=2e-5, rtol=0)
    torch.testing.assert_close(made.latents.z, wanted["z"], atol=2e-5, rtol=0)
    torch.testing.assert_close(made.decoded.audio[0], wanted["audio_hf"], atol=2e-5, rtol=0)


def newer(state):
    """Weight norm as newer versions of torch spell it."""
    names = {".weight_g": ".parametrizations.weight.original0", ".weight_v": ".parametrizations.weight.original1"}
    return {
        next((key.removesuffix(old) + new for old, new in names.items() if key.endswith(old)), key): value
        for key, value in state.items()
    }


@pytest.mark.parametrize("weights", ["model.safetensors", "pytorch_model.bin"])
@pytest.mark.parametrize("spelling", [dict, newer], ids=["older", "newer"])
def test_every_spelling_and_file_gives_the_same_network(
    mms_folder, mms_checkpoint, mms_state, load_system, spelling, weights
):
    folder = mms_folder("sdp_ms")
    (folder / "model.safetensors").unlink()
    state = spelling(mms_state("sdp_ms"))
    save_file(state, folder / weights) if weights.endswith("safetensors") else torch.save(state, folder / weights)
    ours, theirs = load_system(folder), load_system(mms_checkpoint("sdp_ms"))
    assert all(torch.equal(value, theirs.model.state_dict()[key]) for key, value in ours.model.state_dict().items())
    assert SPEC.speakers(folder) == ours.voices() == ("0", "1", "2", "3", "4")


def test_a_model_of_one_speaker_needs_nothing_that_conditions_on_one(mms_folder, mms_state, load_system):
    folder = mms_folder("sdp", num_speakers=1, speaker_embedding_size=20)
    spare = {key: value for key, value in mms_state("sdp_ms").items() if ".cond" in key}
    save_file({**mms_state("sdp"), **spare}, folder / "model.safetensors")
    assert load_system(folder).voices() == ()


DAMAGE = {
    "missing": (lambda s: {k: v for k, v in s.items() if k != "text_encoder.project.bias"}, r"1 missing \(enc_p.proj"),
    "surplus": (lambda s: {**s, "decoder.extra": torch.ones(1)}, r"1 unexpected \(dec.extra\)"),
    "strange": (lambda s: {**s, "vocoder.weight": torch.ones(1)}, r"1 unexpected \(vocoder.weight\)"),
    "shape": (lambda s: {**s, "text_encoder.project.bias": torch.ones(3)}, r"enc_p.proj.bias \[3\] instead of"),
    "half a norm": (
        lambda s: {k: v for k, v in s.items() if k != "flow.flows.0.wavenet.in_layers.0.weight_g"},
        "flow.flows.0.enc.in_layers.0.weight_v is there",
    ),
    "a flow too many": (lambda s: {**s, "flow.flows.9.conv_pre.bias": torch.ones(1)}, "flow.flows.18.pre.bias"),
}


@pytest.mark.parametrize(("change", "said"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_named_in_one_line(mms_folder, mms_state, load_system, change, said):
    folder = mms_folder("sdp")
    save_file(change(mms_state("sdp")), folder / "model.safetensors")
    with pytest.raises(WeightsMismatch, match=said) as caught:
        load_system(folder)
    assert "\n" not in str(caught.value)


REFUSED = {
    "window_size": (8, "window_size=8 is not what these networks have, 4"),
    "duration_predictor_flow_bins": (16, "flow_bins=16"),
    "hidden_act": ("gelu", "hidden_act=gelu"),
    "hidden_size": ("wide", "hidden_size='wide' is no whole number"),
    "upsample_rates": ([], "upsample_rates"),
    "vocab_size": (10**9, "vocab_size=1000000000 is above"),
    "num_speakers": (10**9, "n_speakers=1000000000 is above"),
    "sampling_rate": (7, "sampling_rate=7 is outside"),
    "resblock_kernel_sizes": (7, "resblock_kernel_sizes=7"),
}


@pytest.mark.parametrize(("key", "value", "said"), [(key, *row) for key, row in REFUSED.items()], ids=REFUSED.keys())
def test_a_configuration_of_other_networks_is_refused_by_its_key(mms_folder, load_system, key, value, said):
    folder = mms_folder("sdp", **{key: value})
    with pytest.raises(ConfigError, match=rf"config.json: .*{said}"):
        load_system(folder)


def test_what_a_configuration_leaves_out_is_as_transformers_has_it(golden_json, mms_folder):
    from engine.systems.vits.layouts.transformers.config import read_config

    folder = mms_folder("sdp")
    folder.joinpath("config.json").write_text(json.dumps({"model_type": "vits"}))
    shapes = {key: entry["shape"] for key, entry in golden_json("manifest_mms_tts_full_default").items()}
    model = read_config(folder / "config.json").model
    assert [model.n_vocab, model.hidden_channels] == shapes["text_encoder.embed_tokens.weight"]
    assert [model.upsample_initial_channel, model.inter_channels, 7] == shapes["decoder.conv_pre.weight"]
    assert model.spec_channels == shapes["posterior_encoder.conv_pre.weight"][1]
    assert (model.n_layers, model.filter_channels, model.use_sdp, model.n_speakers) == (6, 768, True, 0)


def test_what_a_checkpoint_recommends_is_said_in_our_options(mms_folder):
    from engine.systems.vits.files import defaults

    folder = mms_folder("sdp", noise_scale=0.5, noise_scale_duration=0.3, speaking_rate=0.8)
    assert defaults(folder) == {"noise_scale": 0.5, "noise_scale_w": 0.3, "length_scale": 1.25}
    assert defaults(mms_folder("sdp_ms", speaking_rate=1e-3))["length_scale"] == 2.0
    with pytest.raises(ConfigError, match="speaking_rate=0 is not above"):
        defaults(mms_folder("det", speaking_rate=0))
