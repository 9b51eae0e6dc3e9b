"""Published names become ours: strictly, for the public files at full size too; matrices fused, weight norm folded."""

import pytest
import torch
from safetensors.torch import load_file

from engine.nn.llama import Llama
from engine.systems.chattts.config import decoder_config, dvae_config, embed_config, gpt_config, vocos_config
from engine.systems.chattts.networks.dvae import Dvae, MelDecoder
from engine.systems.chattts.networks.embed import Embed
from engine.systems.chattts.networks.vocoder import build_vocos
from engine.systems.chattts.weights import dvae_state, fuse_embed, fuse_gpt, gpt_state

EMBED, GPT = "asset/Embed.safetensors", "asset/gpt/model.safetensors"
PUBLIC_GPT = {"num_attention_heads": 12, "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 20}


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


def test_a_prefix_and_an_unused_embedding_are_accepted(change, load_networks, networks):
    folder = change(
        GPT,
        lambda state: {"model.embed_tokens.weight": torch.ones(9, 64)} | {f"model.{k}": v for k, v in state.items()},
    )
    loaded = load_networks(folder).gpt.state_dict()
    assert all(torch.equal(loaded[key], value) for key, value in networks.gpt.state_dict().items())


def test_heads_are_folded_and_matrices_fused(networks, checkpoint):
    state = load_file(checkpoint / EMBED)
    length, direction = (state[f"head_code.2.parametrizations.weight.original{n}"] for n in (0, 1))
    expected = length * direction / direction.norm(dim=1, keepdim=True)
    torch.testing.assert_close(networks.embed.head_code.weight[2 * 626 : 3 * 626], expected, atol=1e-7, rtol=1e-6)
    layer = load_file(checkpoint / GPT)["layers.1.self_attn.k_proj.weight"]
    assert torch.equal(networks.gpt.layers[1].self_attn.qkv_proj.weight[64:128], layer)
