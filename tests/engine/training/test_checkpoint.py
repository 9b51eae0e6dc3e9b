"""Checkpoints: the public layout, whole files only, optimisers that find their weights."""

import resource

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from engine.errors import SaveError, WeightsMismatch, WeightsMissing
from engine.training import checkpoint


def _network() -> nn.Module:
    return nn.Sequential(weight_norm(nn.Conv1d(2, 3, 3)), nn.Linear(3, 2))


def _trained(network: nn.Module) -> torch.optim.Optimizer:
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3)
    for parameter in network.parameters():
        parameter.grad = torch.randn_like(parameter)
    optimizer.step()
    return optimizer


def test_a_checkpoint_comes_back_whole(tmp_path):
    network = _network()
    optimizer = _trained(network)
    path = tmp_path / "G_7.pth"
    saved = checkpoint.payload(network, optimizer, epoch=2, learning_rate=1e-3, run={"batch": 5})
    checkpoint.save(path, saved)
    contents = checkpoint.read(path)
    assert list(contents) == ["model", "iteration", "optimizer", "learning_rate", "run"]
    assert list(contents["model"]) == ["0.bias", "0.weight_g", "0.weight_v", "1.weight", "1.bias"]
    assert (contents["iteration"], contents["learning_rate"], contents["run"]) == (2, 1e-3, {"batch": 5})

    other = _network()
    other_optimizer = torch.optim.AdamW(other.parameters(), 1e-3)
    checkpoint.load_model(other, contents, path.name)
    assert checkpoint.load_optimizer(other, other_optimizer, contents, path.name)
    for ours, theirs in zip(other.parameters(), network.parameters(), strict=True):
        assert torch.equal(ours, theirs)
        for key, value in other_optimizer.state[ours].items():
            assert torch.equal(value, optimizer.state[theirs][key])


def test_moments_find_their_weights_in_a_file_of_another_order():
    network = _network()
    saved = checkpoint.payload(network, _trained(network), epoch=1, learning_rate=1e-3)
    names = list(saved["model"])
    turned = {
        "model": {f"module.{name}": saved["model"][name] for name in reversed(names)},
        "optimizer": {
            "state": {i: saved["optimizer"]["state"][len(names) - 1 - i] for i in range(len(names))},
            "param_groups": saved["optimizer"]["param_groups"],
        },
    }
    other = _network()
    optimizer = torch.optim.AdamW(other.parameters(), 1e-3)
    checkpoint.load_model(other, turned, "G_0.pth")
    checkpoint.load_optimizer(other, optimizer, turned, "G_0.pth")
    for number, parameter in enumerate(other.parameters()):
        assert torch.equal(optimizer.state[parameter]["exp_avg"], saved["optimizer"]["state"][number]["exp_avg"])


def test_an_optimiser_of_another_model_is_refused():
    network = _network()
    contents = checkpoint.payload(network, _trained(nn.Linear(2, 2)), epoch=1, learning_rate=1e-3)
    with pytest.raises(WeightsMismatch, match="the optimiser knows 2 weights, the model has 5"):
        checkpoint.load_optimizer(network, torch.optim.AdamW(network.parameters()), contents, "G_0.pth")


def test_a_checkpoint_without_optimiser_says_so():
    network = _network()
    optimizer = torch.optim.AdamW(network.parameters())
    contents = {"model": checkpoint.public_state(network), "optimizer": None}
    assert not checkpoint.load_optimizer(network, optimizer, contents, "G_0.pth")


def test_only_the_newest_pairs_are_kept(tmp_path):
    for step in (1, 2, 10):
        checkpoint.save_pair(tmp_path, step, {"model": {}}, {"model": {}}, keep=2)
    assert [pair.step for pair in checkpoint.pairs(tmp_path)] == [2, 10]
    assert len(list(tmp_path.iterdir())) == 4


def test_halves_of_a_killed_save_are_removed(tmp_path):
    checkpoint.save_pair(tmp_path, 5, {"model": {}}, {"model": {}})
    for name in ("D_6.pth", "G_6.pth.part"):
        (tmp_path / name).write_bytes(b"half")
    checkpoint.remove_halves(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"D_5.pth", "G_5.pth"}


def test_a_save_that_fails_keeps_what_was_there(tmp_path):
    path = tmp_path / "G_1.pth"
    checkpoint.save(path, {"model": {"a": torch.ones(1)}})
    before = path.read_bytes()
    # A limit on the size of files ends a write just as a full disk does: half-way.
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(SaveError, match=r"G_1\.pth cannot be written"):
            checkpoint.save(path, {"model": {"a": torch.ones(300_000)}})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["G_1.pth"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match="cannot be written"):
        checkpoint.save(tmp_path / "file" / "G_1.pth", {"model": {}})


def test_what_is_no_checkpoint_is_refused(tmp_path):
    with pytest.raises(WeightsMissing):
        checkpoint.read(tmp_path / "G_1.pth")
    torch.save([1, 2], tmp_path / "G_1.pth")
    with pytest.raises(WeightsMismatch, match="holds no state dict"):
        checkpoint.read(tmp_path / "G_1.pth")
