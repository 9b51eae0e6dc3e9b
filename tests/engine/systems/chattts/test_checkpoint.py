"""Checkpoints on disk: the public layout loads strictly, at full size too; everything else is refused in one line."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.errors import ConfigError, WeightsMismatch
from engine.nn.llama import Llama
from engine.systems.chattts.checkpoint import read
from engine.systems.chattts.config import (
    decoder_config,
    dvae_config,
    embed_config,
    gpt_config,
    vocos_config,
)
from engine.systems.chattts.networks.dvae import Dvae, MelDecoder
from engine.systems.chattts.networks.embed import Embed
from engine.systems.chattts.networks.vocoder import build_vocos
from engine.systems.chattts.weights import dvae_state, fuse_embed, fuse_gpt, gpt_state

EMBED, GPT = "asset/Embed.safetensors", "asset/gpt/model.safetensors"
PUBLIC_GPT = {"num_attention_heads": 12, "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 20}


@pytest.fixture
def folder(tmp_path, checkpoint):
    """A private copy of the checkpoint, to spoil."""
    return shutil.copytree(checkpoint, tmp_path / "copy")


@pytest.fixture
def change(folder):
    """Rewrite one file of the copy with what a function makes of its tensors."""

    def write(name, function):
        state = load_file(folder / name)
        save_file({key: value.contiguous() for key, value in function(state).items()}, folder / name)
        return folder

    return write


def same_weights(a, b):
    return all(torch.equal(a.state_dict()[key], value) for key, value in b.state_dict().items())


def shapes(state):
    return {key: tuple(value.shape) for key, value in state.items()}


def full_size():
    """For each file of the public checkpoint: its manifest, the names in between, the network, our names."""
    return {
        "gpt": (gpt_state, lambda state: Llama(gpt_config(PUBLIC_GPT, shapes(state))), fuse_gpt),
        "embed": (dict, lambda state: Embed(embed_config(shapes(state))), lambda state: fuse_embed(state, 4)),
        "decoder": (dict, lambda state: MelDecoder(decoder_config(shapes(state))), dict),
        "dvae": (dvae_state, lambda state: Dvae(dvae_config(shapes(state))), dict),
        "vocos": (dict, lambda state: build_vocos(vocos_config(shapes(state))), dict),
    }


@pytest.mark.parametrize("part", full_size())
def test_the_public_files_fit_strictly(golden_json, part):
    rename, build, fuse = full_size()[part]
    manifest = golden_json(f"manifest_{part}")
    # Not on the meta device, for which torch imports its compiler; what is not written takes no memory here either.
    state = rename({key: torch.empty(entry["shape"], dtype=torch.float16) for key, entry in manifest.items()})
    module = build(state)
    module.load_state_dict(fuse(state), strict=True, assign=True)
    stored = sum(value.numel() for value in state.values())
    lengths = 0 if part != "embed" else 21178 + 4 * 626  # weight norm's, which are folded
    assert sum(value.numel() for value in module.state_dict().values()) == stored - lengths


def test_the_public_architecture_is_read_off_the_files(golden_json):
    manifest = {part: shapes_of(golden_json(f"manifest_{part}")) for part in full_size()}
    gpt = gpt_config(PUBLIC_GPT, manifest["gpt"])
    assert (gpt.hidden, gpt.intermediate, gpt.n_layers, gpt.n_heads, gpt.head_dim) == (768, 3072, 20, 12, 64)
    embed = embed_config(manifest["embed"])
    assert (embed.hidden, embed.n_text, embed.n_audio, embed.n_codebooks) == (768, 21178, 626, 4)
    stack = decoder_config(manifest["decoder"]).stack
    assert (stack.n_in, stack.bottleneck, stack.hidden, stack.n_layers, stack.n_out) == (384, 128, 512, 12, 384)
    vocos = vocos_config(manifest["vocos"])
    assert (vocos.n_mels, vocos.hidden, vocos.intermediate, vocos.n_layers, vocos.n_fft) == (100, 512, 1536, 8, 1024)


def shapes_of(manifest):
    return {key: tuple(entry["shape"]) for key, entry in manifest.items()}


def test_a_prefix_and_an_unused_embedding_are_accepted(change, load_networks, networks):
    folder = change(
        GPT,
        lambda state: {"model.embed_tokens.weight": torch.ones(9, 64)} | {f"model.{k}": v for k, v in state.items()},
    )
    assert same_weights(load_networks(folder).gpt, networks.gpt)


def test_heads_are_folded_and_matrices_fused(networks, checkpoint):
    state = load_file(checkpoint / EMBED)
    length, direction = (state[f"head_code.2.parametrizations.weight.original{n}"] for n in (0, 1))
    expected = length * direction / direction.norm(dim=1, keepdim=True)
    torch.testing.assert_close(networks.embed.head_code.weight[2 * 626 : 3 * 626], expected, atol=1e-7, rtol=1e-6)
    layer = load_file(checkpoint / GPT)["layers.1.self_attn.k_proj.weight"]
    assert torch.equal(networks.gpt.layers[1].self_attn.qkv_proj.weight[64:128], layer)


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


CONTRADICTIONS = {
    "heads": ({"num_attention_heads": 5, "num_key_value_heads": 5}, "does not divide 64"),
    "positions": ({"max_position_embeddings": 10**9}, "at most 131072 are known"),
    "no heads": ({"num_attention_heads": "4"}, "num_attention_heads='4' is no whole number"),
    "layers": ({"num_hidden_layers": 4}, "num_hidden_layers=4, but this model has 3"),
    "grouped": ({"num_key_value_heads": 2}, "num_key_value_heads=2"),
    "scaled": ({"rope_scaling": {"type": "linear"}}, "rope_scaling"),
    "activation": ({"hidden_act": "gelu"}, "hidden_act='gelu'"),
    "eps": ({"rms_norm_eps": 0}, "rms_norm_eps=0 is not above 0"),
}


@pytest.mark.parametrize(("changes", "said"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_config_that_contradicts_the_tensors_is_refused(folder, load_networks, changes, said):
    path = folder / "asset" / "gpt" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(ConfigError, match=said):
        load_networks(folder)
