"""What loads, strictly, and what is refused in one line."""

import json
import shutil

import pytest
import torch

from engine.errors import ConfigError, WeightsMismatch, WeightsMissing
from engine.systems.kokoro.checkpoint import read
from tests.kokoro import read as read_json
from tests.kokoro import tiny_entries


@pytest.fixture
def save(tmp_path):
    """The reduced checkpoint with its entries, or its configuration, changed."""

    def write(entries=None, config=lambda raw: raw, name="kokoro-v1_0.pth"):
        folder = tmp_path / "copy"
        folder.mkdir()
        torch.save(tiny_entries() if entries is None else entries, folder / name)
        (folder / "config.json").write_text(json.dumps(config(read_json("tiny_config"))))
        return folder

    return write


def bare(entries):
    return {
        name: {key.removeprefix("module."): value for key, value in state.items()} for name, state in entries.items()
    }


def same(one, other):
    ours, theirs = one.state_dict(), other.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[key], theirs[key]) for key in ours)


def test_the_real_weights_fill_every_module(real):
    model = read(real)
    assert sum(parameter.numel() for parameter in model.parameters()) > 80_000_000
    assert (real / ".polyphone").is_dir(), "a copy that loads faster"
    assert same(read(real / "kokoro-v1_0.pth"), model)


def test_files_without_the_prefix_flat_ones_and_unused_tensors_load_the_same(tiny, save):
    entries = bare(tiny_entries())
    entries["bert"]["embeddings.position_ids"] = torch.arange(512)[None]
    entries["bert"]["pooler.weight"] = torch.ones(2)
    flat = {f"{module}.{key}": value for module, state in entries.items() for key, value in state.items()}
    assert same(read(save(flat)), read(tiny))


def test_just_one_prefix_is_cut(save):
    entries = {name: {f"module.{key}": value for key, value in state.items()} for name, state in tiny_entries().items()}
    with pytest.raises(WeightsMismatch, match="has no decoder"):
        read(save(entries))


def test_norms_of_ones_and_zeros_change_nothing_and_others_are_folded(tiny, save):
    plain = read(tiny)
    affine, scaled = (bare(tiny_entries()) for _ in range(2))
    key = "decode.1.norm2"
    channels = len(affine["decoder"][f"{key}.fc.bias"]) // 2
    affine["decoder"] |= {f"{key}.norm.weight": torch.ones(channels), f"{key}.norm.bias": torch.zeros(channels)}
    folder = save(affine)
    assert same(read(folder), plain)
    weight, bias = 1 + 0.1 * torch.arange(channels), 0.5 - 0.01 * torch.arange(channels)
    scaled["decoder"] |= {f"{key}.norm.weight": weight, f"{key}.norm.bias": bias}
    torch.save(scaled, folder / "kokoro-v1_0.pth")
    folded = read(folder).decoder.decode[1].norm2
    x, style = torch.randn(1, channels, 50), torch.randn(1, plain.config.style_dim)
    gamma, beta = plain.decoder.decode[1].norm2.modulation(style)
    normed = torch.nn.functional.instance_norm(x) * weight[:, None] + bias[:, None]
    torch.testing.assert_close(
        folded(x, style), (1 + gamma[..., None]) * normed + beta[..., None], rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda entries: {"net": entries}, "under net"),
        (lambda entries: {**entries, "diffusion": {"x": torch.ones(1)}}, "diffusion besides"),
        (lambda entries: {name: entries[name] for name in entries if name != "predictor"}, "no module 'predictor'"),
        (lambda entries: {**entries, "bert_encoder": {"module.weight": torch.ones(2, 2)}}, "1 missing"),
        (lambda _: [torch.ones(2)], "no modules"),
    ],
)
def test_other_files_are_refused(save, change, message):
    with pytest.raises(WeightsMismatch, match=message):
        read(save(change(tiny_entries())))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: {key: raw[key] for key in raw if key != "vocab"}, "0.19"),
        (lambda raw: {key: raw[key] for key in raw if key != "istftnet"}, "0.19"),
        (lambda raw: raw | {"vocab": {}}, "0 symbols"),
        (lambda raw: raw | {"vocab": {"ab": 3}}, "'ab' with the id 3"),
        (lambda raw: raw | {"vocab": {"a": 0}}, "ids 1"),
        (lambda raw: raw | {"vocab": {"a": True}}, "True"),
        (lambda raw: raw | {"style_dim": 17}, "style_dim=17"),
        (lambda raw: raw | {"n_token": "x"}, "n_token"),
        (lambda raw: raw | {"istftnet": 3}, "istftnet"),
        (lambda raw: raw | {"plbert": raw["plbert"] | {"num_attention_heads": 5}}, "num_attention_heads"),
    ],
)
def test_configurations_that_do_not_fit_are_named(save, change, message):
    with pytest.raises(ConfigError, match=message):
        read(save(config=change))


def test_a_vocabulary_larger_than_the_model_is_refused(save):
    with pytest.raises((ConfigError, WeightsMismatch), match=r"300|does not fit"):
        read(save(config=lambda raw: raw | {"n_token": 400, "vocab": raw["vocab"] | {"☃": 300}}))


def test_what_is_missing_is_named(tiny, tmp_path):
    shutil.copy(tiny / "kokoro-v1_0.pth", tmp_path)
    with pytest.raises(WeightsMissing, match=r"config\.json"):
        read(tmp_path)
    with pytest.raises(WeightsMissing, match="no checkpoint"):
        read(tmp_path / "none")
