"""Checkpoints on disk load strictly, whatever kind of file they are."""

import os
import pickle

import pytest
import torch
from safetensors.torch import save_file

from engine.errors import WeightsMismatch
from engine.systems.styletts2 import SPEC
from engine.systems.styletts2.checkpoint import read
from engine.systems.styletts2.config import parse
from engine.systems.styletts2.files import locate
from engine.systems.styletts2.networks.model import StyleTTS2
from engine.systems.styletts2.weights import own_state, published_state
from engine.weights import Unfilled
from tests.engine.systems.styletts2.layouts import flat, scheduled

NAME = "modules_hifigan"


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
        read(path)


def test_safetensors_load_too(save, model, published_modules):
    folder = save(lambda modules: {"net": modules})
    tensors = {key: value.clone() for key, value in flat(published_modules(NAME)).items()}
    save_file(tensors, folder / "model.safetensors")
    loaded = read(folder / "model.safetensors").state_dict()
    assert all(torch.equal(value, model(NAME).state_dict()[key]) for key, value in loaded.items())


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


def test_a_checkpoint_is_checked_as_strictly_as_it_is_loaded(checkpoint, tmp_path):
    repository = checkpoint("e2e_tiny_lj").parents[1]
    SPEC.check(repository)
    SPEC.check(repository / "Models" / "e2e_tiny_lj")
    assert locate(repository) == locate(repository / "Models" / "e2e_tiny_lj")
    other = checkpoint("e2e_tiny_libri")
    (tmp_path / "config.yml").write_bytes((other / "config.yml").read_bytes())
    weights = "epoch_2nd_00100.pth"
    (tmp_path / weights).write_bytes((checkpoint("e2e_tiny_lj") / weights).read_bytes())
    with pytest.raises(WeightsMismatch, match="does not fit its configuration"):
        SPEC.check(tmp_path)
