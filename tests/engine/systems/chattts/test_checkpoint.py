"""Checkpoints on disk: the public layout loads strictly, at full size too; everything else is refused in one line."""

import pytest
import torch

from engine.errors import WeightsMismatch
from engine.systems.chattts.checkpoint import read

EMBED, GPT = "asset/Embed.safetensors", "asset/gpt/model.safetensors"


def same_weights(a, b):
    return all(torch.equal(a.state_dict()[key], value) for key, value in b.state_dict().items())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_only_the_transformers_matrices_take_a_lower_precision(checkpoint, load_networks, networks, dtype):
    loaded = load_networks(checkpoint, dtype)
    assert loaded.gpt.dtype == dtype
    lowered = {key for key, value in loaded.gpt.state_dict().items() if value.dtype == dtype}
    assert lowered == {key for key in loaded.gpt.state_dict() if "_proj." in key}
    for part in ("embed", "decoder", "dvae", "vocos"):
        assert same_weights(getattr(loaded, part), getattr(networks, part))


def test_half_precision_files_load_as_float32(change, load_networks):
    folder = change(EMBED, lambda state: {key: value.half() for key, value in state.items()})
    assert {value.dtype for value in load_networks(folder).embed.parameters()} == {torch.float32}


def test_loading_reports_progress(checkpoint):
    steps = list(read(checkpoint, torch.device("cpu"), torch.float32))
    assert [step.done for step in steps] == list(range(6))
    assert {step.total for step in steps} == {5}
    assert [step.label for step in steps[:2]] == ["reading model.safetensors", "reading Embed.safetensors"]


def without(key):
    return lambda state: {name: value for name, value in state.items() if name != key}


def replaced(key, function):
    return lambda state: {**state, key: function(state[key])}


V0 = "head_code.0.parametrizations.weight.original0"
DAMAGE = {
    "a missing third": (GPT, without("layers.1.self_attn.k_proj.weight"), "no tensor layers.1.self_attn.k_proj"),
    "a surplus tensor": (GPT, lambda state: {**state, "extra": torch.ones(1)}, r"1 unexpected \(extra\)"),
    "another width": (GPT, replaced("layers.0.self_attn.q_proj.weight", lambda w: w[:, 1:]), "layers.0.self_attn.q"),
    "another height": (GPT, replaced("layers.0.mlp.up_proj.weight", lambda w: w[1:]), "gate_up_proj.weight .319, 64."),
    "no final norm": (GPT, without("norm.weight"), "no tensor norm.weight"),
    "nan": (GPT, replaced("norm.weight", lambda w: w * float("nan")), "not finite"),
    "a head without lengths": (EMBED, without(V0), "no tensor head_code.0.weight"),
    "a dead direction": (EMBED, replaced("head_text.parametrizations.weight.original1", torch.zeros_like), "finite"),
    "other codebooks": (EMBED, replaced("emb_code.0.weight", lambda w: w[1:]), "625 classes instead of 626"),
    "a coefficient of another size": ("asset/DVAE.safetensors", replaced("coef", lambda c: c[:, 1:]), "coef"),
    "a vocoder without blocks": ("asset/Vocos.safetensors", lambda s: {"head.out.weight": s["head.out.weight"]}, "no "),
    "another model's embeddings": (EMBED, lambda s: {k: v[..., :1] for k, v in s.items()}, "a width of 1"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "function", "said"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_named_in_one_line(change, load_networks, name, function, said):
    folder = change(name, function)
    with pytest.raises(WeightsMismatch, match=said) as caught:
        load_networks(folder)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
