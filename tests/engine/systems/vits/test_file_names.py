"""Checkpoints are found under the names that trainers and people give their files."""

import json
import shutil

import pytest
import torch

from engine.config_file import read_json
from engine.errors import ConfigError, WeightsMissing
from engine.systems.vits.config import parse
from engine.systems.vits.file_names import configuration, generator
from engine.systems.vits.files import locate, pick, speakers
from engine.systems.vits.weights import generator_state

FOLDERS = {
    ("config.json", "G_100.pth", "D_100.pth", "G_20.pth"): ("config.json", "G_100.pth"),
    ("finetune_speaker.json", "G_latest.pth", "D_latest.pth"): ("finetune_speaker.json", "G_latest.pth"),
    ("config.json", "G_latest.pth", "G_100.pth"): ("config.json", "G_latest.pth"),
    ("config.json", "model.pth"): ("config.json", "model.pth"),
    ("config.json", "G.pth", "D.pth"): ("config.json", "G.pth"),
    ("config.json", "G_1000.safetensors"): ("config.json", "G_1000.safetensors"),
    ("config.json", "my voice.pth", "D_0.pth", "DUR_0.pth"): ("config.json", "my voice.pth"),
    ("ljs_base.json", "pretrained_ljs.pth"): ("ljs_base.json", "pretrained_ljs.pth"),
    ("my_config.json", "notes.json", "G_5.pth"): ("my_config.json", "G_5.pth"),
    ("config.json", "package.json", "vocab.json", "G_5.pth"): ("config.json", "G_5.pth"),
}


@pytest.mark.parametrize("names", FOLDERS)
def test_the_files_of_a_folder_are_told_apart(names, tmp_path):
    assert (configuration(names), generator(names)) == FOLDERS[names]
    assert pick(names) == FOLDERS[names]
    for name in names:
        (tmp_path / name).touch()
    assert locate(tmp_path) == tuple(tmp_path / name for name in FOLDERS[names])


@pytest.mark.parametrize(
    "names",
    [
        ("config.json",),
        ("G_0.pth",),
        ("config.json", "a.pth", "b.pth"),
        ("config.json", "D_0.pth"),
        ("a.json", "b.json", "G_0.pth"),
    ],
)
def test_what_nobody_could_tell_apart_is_not_guessed(names, tmp_path):
    assert pick(names) == ()
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(WeightsMissing):
        locate(tmp_path)


def test_a_model_of_another_library_is_no_checkpoint_to_download():
    assert pick(("config.json", "model.safetensors", "tokenizer.json")) == ()


def test_a_file_of_weights_has_the_configuration_of_its_name(checkpoint, tmp_path):
    source = checkpoint("istft_det")
    shutil.copy(source / "config.json", tmp_path / "alice.json")
    shutil.copy(source / "config.json", tmp_path / "bob.json")
    shutil.copy(source / "G_1000.pth", tmp_path / "alice.pth")
    assert locate(tmp_path / "alice.pth") == (tmp_path / "alice.json", tmp_path / "alice.pth")
    assert speakers(tmp_path / "alice.pth") == speakers(source)


def test_keys_of_forks_that_are_switched_off_or_matter_in_training_only_are_no_reason_to_refuse(checkpoint):
    raw = read_json(checkpoint("istft_det") / "config.json")
    plain = parse(raw)
    raw["model"] |= {
        "use_mel_posterior_encoder": False,
        "use_noise_scaled_mas": True,
        "use_vc": False,
        "spk_embed": None,
    }
    assert parse(json.loads(json.dumps(raw))) == plain
    raw["model"] |= {"use_transformer_flows": True}
    with pytest.raises(ConfigError, match="model has unknown keys: use_transformer_flows; this may be another kind"):
        parse(raw)


def test_networks_that_were_only_trained_with_are_left_out():
    tensor = torch.ones(1)
    held = {"model": {"enc_p.emb.weight": tensor, "net_dur_disc.a": tensor, "net_d.b": tensor}}
    assert set(generator_state(held, "G_0.pth")) == {"enc_p.emb.weight"}
