"""ChatTTS with random weights, at the published size or tiny, and the same transformer in transformers' Llama."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import LlamaConfig as PeerConfig
from transformers import LlamaModel

from engine.nn.llama import Llama
from engine.nn.llama_config import LlamaConfig
from engine.systems.chattts.config import DecoderConfig, EmbedConfig, StackConfig, VocosConfig
from engine.systems.chattts.networks.dvae import MelDecoder
from engine.systems.chattts.networks.embed import Embed
from engine.systems.chattts.networks.vocoder import Vocoder, build_vocos


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The sizes of all parts that speaking needs."""

    gpt: LlamaConfig
    embed: EmbedConfig
    decoder: DecoderConfig
    vocos: VocosConfig


SIZES = {
    "full": Size(
        gpt=LlamaConfig(hidden=768, intermediate=3072, n_layers=20, n_heads=12),
        embed=EmbedConfig(hidden=768, n_text=21_178, n_audio=626, n_codebooks=4),
        decoder=DecoderConfig(
            stack=StackConfig(n_in=384, bottleneck=128, hidden=512, n_layers=12, n_out=384), n_mels=100
        ),
        vocos=VocosConfig(n_mels=100, hidden=512, intermediate=1536, n_layers=8, n_fft=1024),
    ),
    "tiny": Size(
        gpt=LlamaConfig(hidden=64, intermediate=96, n_layers=2, n_heads=2),
        embed=EmbedConfig(hidden=64, n_text=50, n_audio=626, n_codebooks=4),
        decoder=DecoderConfig(stack=StackConfig(n_in=32, bottleneck=8, hidden=16, n_layers=2, n_out=16), n_mels=100),
        vocos=VocosConfig(n_mels=100, hidden=32, intermediate=48, n_layers=2, n_fft=1024),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The parts, on one device."""

    gpt: Llama
    embed: Embed
    vocoder: Vocoder


def random_model(size: Size, device: torch.device, seed: int = 0) -> Model:
    """All parts with weights of unit gain, so that numbers stay as large as in a real model."""
    rng = torch.Generator().manual_seed(seed)
    decoder, vocos = MelDecoder(size.decoder), build_vocos(size.vocos)
    parts = (Llama(size.gpt), Embed(size.embed), decoder, vocos)
    for part in parts:
        _fill(part, rng)
        part.eval().requires_grad_(False).to(device)
    vocoder = Vocoder(to_mel=decoder, mel_reach=decoder.reach, vocos=vocos)
    return Model(gpt=parts[0], embed=parts[1], vocoder=vocoder)


@torch.no_grad()
def _fill(module: nn.Module, rng: torch.Generator) -> None:
    for name, parameter in module.named_parameters():
        if parameter.dim() > 1:
            parameter.normal_(0, parameter[0].numel() ** -0.5, generator=rng)
        else:
            parameter.fill_(0.0 if name.endswith("bias") else 0.1 if name.endswith("gamma") else 1.0)


def peer_of(gpt: Llama) -> LlamaModel:
    """transformers' model on the very same weights, which both share. Raises RuntimeError when one does not fit."""
    config = gpt.config
    with torch.device("meta"):
        peer = LlamaModel(_peer_config(gpt))
    rotary = type(peer.rotary_emb)(peer.config)
    state = {"norm.weight": gpt.norm.weight, "embed_tokens.weight": torch.zeros(1, config.hidden)}
    for index, layer in enumerate(gpt.layers):
        prefix = f"layers.{index}."
        q, k, v = layer.self_attn.qkv_proj.weight.chunk(3)
        gate, up = layer.mlp.gate_up_proj.weight.chunk(2)
        named: dict[str, Tensor] = {
            "self_attn.q_proj": q, "self_attn.k_proj": k, "self_attn.v_proj": v,
            "self_attn.o_proj": layer.self_attn.o_proj.weight, "mlp.gate_proj": gate, "mlp.up_proj": up,
            "mlp.down_proj": layer.mlp.down_proj.weight, "input_layernorm": layer.input_layernorm.weight,
            "post_attention_layernorm": layer.post_attention_layernorm.weight,
        }  # fmt: skip
        state.update({f"{prefix}{name}.weight": value for name, value in named.items()})
    peer.load_state_dict(state, strict=True, assign=True)
    peer.rotary_emb = rotary.to(gpt.cosine.device)
    return peer.eval().requires_grad_(False)


def _peer_config(gpt: Llama) -> PeerConfig:
    config = gpt.config
    return PeerConfig(
        vocab_size=1,
        hidden_size=config.hidden,
        intermediate_size=config.intermediate,
        num_hidden_layers=config.n_layers,
        num_attention_heads=config.n_heads,
        max_position_embeddings=config.max_positions,
        rms_norm_eps=config.norm_eps,
        attn_implementation="sdpa",
        pad_token_id=0,
        bos_token_id=0,
        eos_token_id=0,
    )
