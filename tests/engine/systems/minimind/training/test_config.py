"""Configurations: the released defaults, and every mistake named."""

import json

import pytest

from engine.errors import ConfigError
from engine.systems.minimind.config import told
from engine.systems.minimind.training.config import read_run
from tests.minimind import stored


@pytest.fixture
def write(tmp_path):
    def write(**sections):
        raw = {"system": "minimind", "data": {"recordings": "r", "codec": "c.ckpt"}} | sections
        path = tmp_path / "lm.json"
        path.write_text(json.dumps(raw))
        return path

    return write


def test_the_defaults_are_the_released_ones(write):
    run = read_run(write(model={"vocabulary": "cl100k"}))
    released = stored("config_lm_default")
    found = told(run.model(4096))
    for name in ("dim", "n_layers", "n_heads", "n_kv_heads", "vocab_size", "speechcab_size", "max_seq_len", "norm_eps"):
        assert found[name] == released[name], name
    assert found["hidden_dim"] == 2048
    train = run.train
    assert (train.epochs, train.batch_size, train.accumulation_steps, train.learning_rate) == (20, 1, 8, 2e-4)
    assert (train.grad_clip, train.warmup_iters, train.seed, train.beta2) == (1.0, 0, 1337, 0.999)


def test_a_new_model_reads_bytes(write):
    run = read_run(write(model={"use_moe": True, "dim": 64, "n_shared_experts": None}))
    config = run.model(64)
    assert (config.n_text, config.n_codes) == (256, 64)
    assert not config.experts.shared
    assert config.experts.n_experts == 4


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"model": {"width": 3}}, "model has unknown keys: width"),
        ({"model": {"dim": 100}}, "do not divide evenly"),
        ({"model": {"speechcab_size": 7}}, "the codec has 64 codes"),
        ({"model": {"dropout": 1}}, "dropout"),
        ({"model": []}, "model is no section"),
        ({"train": {"rate": 1}}, "train has unknown keys: rate"),
        ({"train": {"batch_size": 0}}, "train: .*between 1 and"),
        ({"data": {"codec": "c"}}, "data.recordings is missing"),
        ({"data": {"recordings": "r"}}, "data.codec is missing"),
    ],
)
def test_a_mistake_is_named(write, sections, message):
    with pytest.raises(ConfigError, match=message):
        read_run(write(**sections)).model(64)


def test_a_run_is_kept_under_its_name_or_where_it_is_told(write, tmp_path):
    assert read_run(write()).folder == tmp_path / "lm"
    assert read_run(write(train={"folder": "there"})).folder == tmp_path / "there"
