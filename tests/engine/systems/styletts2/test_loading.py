"""Checkpoints on disk: every published layout loads, everything else is refused in one line."""

import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import save_file
from torch.optim.lr_scheduler import OneCycleLR

from engine.errors import ConfigError, WeightsMismatch, WeightsMissing
from engine.systems.styletts2.checkpoint import Unfilled, load_model
from engine.systems.styletts2.config import parse
from engine.systems.styletts2.files import locate
from engine.systems.styletts2.networks.model import StyleTTS2
from engine.systems.styletts2.weights import own_state, published_state

NAME = "modules_hifigan"


@pytest.fixture
def save(checkpoint, published_modules, tmp_path):
    """A checkpoint whose saved object is what ``change`` makes of the published modules."""

    def write(change):
        root = shutil.copytree(checkpoint(NAME).parents[1], tmp_path / "copy")
        folder = root / "Models" / NAME
        modules = {module: dict(state) for module, state in published_modules(NAME).items()}
        torch.save(change(modules), folder / "epoch_2nd_00100.pth")
        return folder

    return write


@pytest.fixture
def configured(checkpoint, tmp_path):
    """A checkpoint with a changed config.yml: ``change`` works on its mapping in place."""

    def write(change):
        root = shutil.copytree(checkpoint(NAME).parents[1], tmp_path / "copy")
        path = root / "Models" / NAME / "config.yml"
        raw = yaml.safe_load(path.read_text())
        change(raw)
        path.write_text(yaml.safe_dump(raw))
        return path.parent

    return write


def prefixed(modules):
    return {name: {f"module.{key}": value for key, value in state.items()} for name, state in modules.items()}


def flat(modules):
    return {f"{name}.{key}": value for name, state in modules.items() for key, value in state.items()}


def without(modules, start):
    return {name: {k: v for k, v in state.items() if not k.startswith(start)} for name, state in modules.items()}


def trained(modules):
    """As the trainers leave it: more modules, buffers of older libraries, optimisers."""
    modules = prefixed(modules)
    modules["bert"]["module.embeddings.position_ids"] = torch.arange(512).unsqueeze(0)
    modules |= {"mpd": {"x": torch.ones(1)}, "text_aligner": {"module.y": torch.ones(2)}}
    state = {"state": {0: {"exp_avg": torch.ones(2)}}, "param_groups": [{"lr": 1e-4, "betas": (0.85, 0.99)}]}
    return {"net": modules, "optimizer": [("bert", state)], "iters": 3, "val_loss": 0.5, "epoch": 100}


def scheduled(modules):
    """With a scheduler's state, whose static method a pickle names by getattr, which torch's own unpickler refuses."""
    schedule = {"total_steps": 10, "_anneal_func": OneCycleLR._annealing_cos, "last_loss": np.float64(0.5)}
    return {**trained(modules), "scheduler": [("bert", schedule)], "path": Path("Configs/config.yml")}


LAYOUTS = {
    "no prefix": lambda modules: {"net": modules},
    "no net": prefixed,
    "flat": flat,
    "trained": trained,
    "scheduled": scheduled,
    "some prefixes": lambda modules: {"net": modules | {"decoder": prefixed(modules)["decoder"]}},
    "denoiser once": lambda modules: {"net": without(modules, "unet.")},
    "denoiser under its other name": lambda modules: {"net": without(modules, "diffusion.net.")},
    "no pooler": lambda modules: {"net": without(modules, "pooler.")},
}


@pytest.mark.parametrize("change", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_every_layout_gives_the_same_model(save, model, change):
    ours, theirs = load_model(save(change)).state_dict(), model(NAME).state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)


class Hostile:
    """Whoever unpickles it runs a command."""

    def __reduce__(self):
        return os.system, ("touch /nowhere",)


def test_a_scheduler_is_let_in_by_the_list_alone_and_nothing_else(save):
    path = save(scheduled) / "epoch_2nd_00100.pth"
    with pytest.raises(pickle.UnpicklingError, match="getattr"):
        torch.load(path, weights_only=True)
    path.unlink()
    torch.save({"net": {}, "optimizer": Hostile()}, path)
    with pytest.raises(WeightsMismatch, match="could run code"):
        load_model(path)


def test_the_file_itself_names_a_checkpoint(checkpoint):
    folder = checkpoint(NAME)
    assert locate(folder) == locate(folder / "epoch_2nd_00100.pth")


def test_safetensors_load_too(save, model, published_modules):
    folder = save(lambda modules: {"net": modules})
    tensors = {key: value.clone() for key, value in flat(published_modules(NAME)).items()}
    save_file(tensors, folder / "model.safetensors")
    loaded = load_model(folder / "model.safetensors").state_dict()
    assert all(torch.equal(value, model(NAME).state_dict()[key]) for key, value in loaded.items())


def test_nothing_factorised_is_left(model):
    keys = model(NAME).state_dict().keys()
    assert not [key for key in keys if key.endswith(("_g", "_v", "_u", "_orig"))]


def test_the_spectral_norm_is_divided_out(model, published_modules):
    state, key = published_modules(NAME)["style_encoder"], "shared.1.conv1"
    weight = model(NAME).style_encoder.get_submodule(key).weight
    largest = torch.linalg.matrix_norm(weight.flatten(1), ord=2)
    torch.testing.assert_close(largest, torch.tensor(1.0), rtol=0, atol=1e-3)
    ratio = state[f"{key}.weight_orig"] / weight
    torch.testing.assert_close(ratio, ratio.mean().expand_as(ratio), rtol=1e-4, atol=0)


@pytest.mark.parametrize("public", ["ljspeech", "libritts"])
def test_the_full_size_manifests_load_strictly(golden_json, public):
    names = ["bert", "bert_encoder", "predictor", "text_encoder", "predictor_encoder", "style_encoder"]
    files = {name: f"manifest_{name}" for name in names}
    files |= {name: f"manifest_{name}_{public}" for name in ("decoder", "diffusion")}
    modules = {
        name: {f"module.{key}": torch.zeros(entry["shape"]) for key, entry in golden_json(file).items()}
        for name, file in files.items()
    }
    state = own_state(published_state({"net": modules}, "manifest"))
    shapes = {key: tuple(value.shape) for key, value in state.items()}
    config = parse(golden_json(f"config_{public}"), golden_json("config_plbert"), shapes)
    with Unfilled():
        own = StyleTTS2(config).state_dict()
    assert (config.decoder.width, config.decoder.residual_width, config.style_dim) == (1024, 64, 128)
    assert {key: tuple(value.shape) for key, value in own.items()} == shapes


def test_widths_that_no_config_tells_come_from_the_tensors(model):
    config = model(NAME).config
    assert (config.decoder.width, config.decoder.residual_width, config.style_dim) == (48, 8, 16)
    assert (config.plbert.hidden_size, config.plbert.intermediate_size, config.plbert.num_attention_heads) == (
        24,
        40,
        2,
    )


def test_without_its_own_config_the_public_plbert_is_assumed(checkpoint, tmp_path, model):
    folder = shutil.copytree(checkpoint(NAME), tmp_path / "alone")
    plbert = load_model(folder).config.plbert
    assert (plbert.num_attention_heads, plbert.num_hidden_layers) == (12, 12)
    assert plbert.hidden_size == model(NAME).config.plbert.hidden_size


def stray(modules):
    return modules | {"bert_encoder": {**modules["bert_encoder"], "x": torch.ones(1)}}


BROKEN = {
    "no state": (lambda _: {"net": [1, 2]}, "no module 'bert'"),
    "first stage": (lambda modules: {"net": {k: v for k, v in modules.items() if k != "diffusion"}}, "'diffusion'"),
    "a missing tensor": (lambda modules: {"net": without(modules, "cnn.0.1.gamma")}, "cnn.0.1.gamma"),
    "half a weight": (lambda modules: {"net": without(modules, "cnn.0.0.weight_v")}, "text_encoder.cnn.0.0.weight_v"),
    "no width": (lambda modules: {"net": without(modules, "unshared.bias")}, "style_encoder.unshared.bias"),
    "a stray tensor": (lambda modules: {"net": stray(modules)}, "unexpected"),
    "no mapping": (lambda _: [1], "no modules"),
    "infinity": (
        lambda modules: {
            "net": modules | {"bert_encoder": {k: v + torch.inf for k, v in modules["bert_encoder"].items()}}
        },
        "not finite",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_checkpoint_is_refused(save, change, message):
    with pytest.raises(WeightsMismatch, match=message):
        load_model(save(change))


def params(raw):
    return raw["model_params"]


WRONG = {
    "no model": (lambda raw: raw.clear(), "no section 'model_params'"),
    "decoder kind": (lambda raw: params(raw)["decoder"].update(type="vocos"), "'vocos' is none of hifigan, istftnet"),
    "rates": (
        lambda raw: params(raw)["decoder"].update(upsample_rates=[10, 5, 3, 3], upsample_kernel_sizes=[20, 10, 6, 6]),
        "450 samples",
    ),
    "kernels": (lambda raw: params(raw)["decoder"].update(upsample_kernel_sizes=[20, 10, 6]), "pair up"),
    "another kernel": (lambda raw: params(raw)["decoder"].update(upsample_kernel_sizes=[5, 10, 6, 4]), "not twice"),
    "dilations": (lambda raw: params(raw)["decoder"].update(resblock_dilation_sizes=3), "no list of lists"),
    "even kernels": (lambda raw: params(raw)["decoder"].update(resblock_kernel_sizes=[4, 7, 11]), "must be odd"),
    "width": (lambda raw: params(raw)["decoder"].update(upsample_initial_channel=24), "cannot be halved"),
    "sigma": (lambda raw: params(raw)["diffusion"]["dist"].pop("sigma_data"), "sigma_data=None"),
    "negative sigma": (lambda raw: params(raw)["diffusion"]["dist"].update(sigma_data=-1.0), "not positive"),
    "a text for a number": (lambda raw: params(raw).update(n_token="many"), "n_token='many'"),
    "a number for a truth": (lambda raw: params(raw).update(multispeaker=2), "multispeaker=2"),
    "odd": (lambda raw: params(raw).update(hidden_dim=33), "odd"),
}


@pytest.mark.parametrize(("change", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_configuration_is_refused(configured, change, message):
    with pytest.raises(ConfigError, match=message):
        load_model(configured(change))


def test_a_configuration_that_does_not_fit_the_tensors_is_refused(configured):
    folder = configured(lambda raw: params(raw).update(n_token=100))
    with pytest.raises(WeightsMismatch, match=r"text_encoder\.embedding\.weight"):
        load_model(folder)


@pytest.mark.parametrize("change", [{"n_token": 10**7}, {"n_layer": 10**6}, {"max_dur": 10**7}])
def test_a_configuration_for_a_far_larger_network_is_refused_before_it_takes_memory(configured, change):
    with pytest.raises(WeightsMismatch, match="far larger network"):
        load_model(configured(lambda raw: params(raw).update(change)))


@pytest.mark.parametrize("text", ["[1, 2", "- a\n- b", "\x00", "a: !!python/object:os.system {}"])
def test_what_is_no_mapping_of_yaml_is_refused(configured, text):
    folder = configured(lambda _raw: None)
    (folder / "config.yml").write_text(text)
    with pytest.raises(ConfigError, match="YAML"):
        load_model(folder)


def test_missing_files_are_named(checkpoint, tmp_path):
    with pytest.raises(WeightsMissing, match=r"no \.pth"):
        locate(tmp_path)
    with pytest.raises(WeightsMissing, match="no checkpoint"):
        locate(tmp_path / "nowhere.pth")
    folder = shutil.copytree(checkpoint(NAME), tmp_path / "two")
    shutil.copy(folder / "epoch_2nd_00100.pth", folder / "epoch_2nd_00099.pth")
    with pytest.raises(WeightsMissing, match="2 checkpoints"):
        locate(folder)
    (folder / "epoch_2nd_00099.pth").unlink()
    (folder / "config.yml").unlink()
    with pytest.raises(WeightsMissing, match=r"no config\.yml"):
        locate(folder)
