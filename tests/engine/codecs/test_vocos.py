"""Vocos for codes against the package's numbers, through its published layout."""

import pytest
import torch
import yaml
from torch.testing import assert_close

from engine.codecs.vocos import CodesVocos, _sizes, load
from engine.errors import ConfigError, WeightsMismatch, WeightsMissing
from tests.valle import arrays, read, vocos_folder, vocos_state


@pytest.fixture(scope="module")
def vocos(tmp_path_factory):
    return load(vocos_folder(tmp_path_factory.mktemp("vocos")))


@pytest.mark.parametrize("bandwidth", range(4))
def test_features_backbone_and_sound_are_the_reference_s(vocos, bandwidth):
    golden = arrays("vocos")
    codes = golden["codes"].transpose(0, 1)
    with torch.inference_mode():
        features = vocos.features(codes)
        hidden = vocos.backbone(features, bandwidth_id=torch.tensor([bandwidth]))
    assert_close(features, golden["features"], atol=1e-6, rtol=0)
    expected = golden[f"backbone_bw{bandwidth}"]
    assert_close(hidden[:, : expected.shape[1]], expected, atol=1e-5, rtol=0)
    assert_close(vocos.decode(codes, bandwidth), golden[f"audio_bw{bandwidth}"], atol=1e-5, rtol=0)


def test_a_batch_and_the_bare_transform_are_the_reference_s(vocos):
    golden = arrays("vocos")
    found = vocos.decode(golden["batch_codes"].transpose(0, 1))
    assert_close(found, golden["batch_audio_bw2"], atol=1e-5, rtol=0)
    with torch.inference_mode():
        assert_close(vocos.head.istft(golden["istft_in"]), golden["istft_out"], atol=1e-5, rtol=0)


def test_of_no_frames_there_is_no_sound(vocos):
    assert vocos.decode(torch.zeros(1, 8, 0, dtype=torch.int64)).shape == (1, 0)


def test_the_published_model_loads_strictly():
    manifest = read("manifest_vocos_encodec_24khz")
    state = {key: torch.empty(each["shape"], device="meta") for key, each in manifest.items()}
    own = CodesVocos(_sizes(state, 320, "vocos")).state_dict()
    assert {key: value.shape for key, value in own.items()} == {key: value.shape for key, value in state.items()}


def test_encodec_in_its_file_is_left_out(tmp_path):
    state = vocos_state() | {"feature_extractor.encodec.encoder.model.0.conv.conv.bias": torch.full((4,), float("nan"))}
    assert load(vocos_folder(tmp_path, state)).n_codebooks == 16


def test_a_folder_without_config_holds_the_published_kind(tmp_path, vocos):
    (vocos_folder(tmp_path) / "config.yaml").unlink()
    assert load(tmp_path).config == vocos.config


def test_folders_that_hold_no_vocos_are_named(tmp_path):
    with pytest.raises(WeightsMissing, match=r"pytorch_model\.bin"):
        load(tmp_path)
    state = vocos_state()
    del state["feature_extractor.codebook_weights"]
    with pytest.raises(WeightsMismatch, match="no Vocos for EnCodec"):
        load(vocos_folder(tmp_path, state))


@pytest.mark.parametrize("change", [{"padding": "center"}, {"hop_length": 256}])
def test_a_head_of_another_kind_is_refused(tmp_path, change):
    path = vocos_folder(tmp_path) / "config.yaml"
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    raw["head"]["init_args"] |= change
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(ConfigError, match=next(iter(change))):
        load(tmp_path)


def test_one_without_norms_for_six_kbps_or_with_fewer_codebooks_is_named(tmp_path, vocos):
    state = vocos_state()
    few = {key: value[:2] if ".scale." in key or ".shift." in key else value for key, value in state.items()}
    with pytest.raises(WeightsMismatch, match="knows 2 bandwidths"):
        load(vocos_folder(tmp_path, few))
    with pytest.raises(WeightsMismatch, match="Vocos that is here has 16 codebooks, and the model speaks with 17"):
        vocos.decode(torch.zeros(1, 17, 3, dtype=torch.int64))
