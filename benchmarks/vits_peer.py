"""The same weights in transformers' VitsModel, whose names differ, to be measured beside ours."""

import re

import torch
from torch.nn.utils import parametrize
from transformers import VitsConfig, VitsModel

from engine.systems.vits.config import DecoderKind, ModelConfig
from engine.systems.vits.networks.model import Vits
from engine.systems.vits.networks.text_encoder import WINDOW

# Our names to theirs, each rule on what the ones before it have left.
RULES = (
    (r"^enc_p\.emb\.", "text_encoder.embed_tokens."),
    (r"^enc_p\.proj\.", "text_encoder.project."),
    (r"^enc_p\.encoder\.attn_layers\.(\d+)\.emb_rel", r"text_encoder.encoder.layers.\1.attention.emb_rel"),
    (r"^enc_p\.encoder\.attn_layers\.(\d+)\.conv_o\.", r"text_encoder.encoder.layers.\1.attention.out_proj."),
    (r"^enc_p\.encoder\.attn_layers\.(\d+)\.conv_([qkv])\.", r"text_encoder.encoder.layers.\1.attention.\2_proj."),
    (r"^enc_p\.encoder\.norm_layers_1\.(\d+)\.", r"text_encoder.encoder.layers.\1.layer_norm."),
    (r"^enc_p\.encoder\.norm_layers_2\.(\d+)\.", r"text_encoder.encoder.layers.\1.final_layer_norm."),
    (r"^enc_p\.encoder\.ffn_layers\.(\d+)\.", r"text_encoder.encoder.layers.\1.feed_forward."),
    (r"^(dp\.(?:post_)?flows\.0)\.m$", r"\1.translate"),
    (r"^(dp\.(?:post_)?flows\.0)\.logs$", r"\1.log_scale"),
    (r"convs_sep\.", "convs_dilated."),
    (r"convs_1x1\.", "convs_pointwise."),
    (r"^(flow\.flows\.\d+)\.enc\.", r"\1.wavenet."),
    (r"^(flow\.flows\.\d+)\.(pre|post)\.", r"\1.conv_\2."),
    (r"^dec\.ups\.", "dec.upsampler."),
    (r"^dec\.", "decoder."),
    (r"^emb_g\.", "embed_speaker."),
    (r"\.gamma$", ".weight"),
    (r"\.beta$", ".bias"),
)
# Only in the stochastic duration predictor; the other one keeps its names.
STOCHASTIC_RULES = (
    (r"^(dp\.(?:flows\.\d+\.)?)(pre|proj)\.", r"\1conv_\2."),
    (r"^(dp\.post_flows\.\d+\.)(pre|proj)\.", r"\1conv_\2."),
    (r"^dp\.post_(pre|proj)\.", r"dp.post_conv_\1."),
    (r"^(dp\.(?:(?:post_)?flows\.\d+\.)?)convs\.", r"\1conv_dds."),
    (r"^dp\.post_convs\.", "dp.post_conv_dds."),
)


def peer_of(model: Vits) -> VitsModel:
    """transformers' model with our weights, its weight norm folded as ours is, and without noise.

    Raises RuntimeError when a key or a shape does not fit.
    """
    peer = VitsModel(_configuration(model.config))
    for module in list(peer.modules()):
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
    del peer.posterior_encoder  # speaking does not need it, and ours has none
    peer.load_state_dict(peer_state(model), strict=True)
    peer.noise_scale = peer.noise_scale_duration = 0.0
    return peer.eval().requires_grad_(False)


def peer_state(model: Vits) -> dict[str, torch.Tensor]:
    """Our tensors under their names."""
    state = {}
    for key, value in model.state_dict().items():
        name = peer_key(key, stochastic=model.config.use_sdp)
        # Their attention multiplies matrices where ours convolves with a width of 1.
        state[name] = value.squeeze(-1) if name.endswith("_proj.weight") and ".attention." in name else value
    return state


def peer_key(key: str, *, stochastic: bool) -> str:
    """Their name of our tensor."""
    for pattern, replacement in (*(STOCHASTIC_RULES if stochastic else ()), *RULES):
        key = re.sub(pattern, replacement, key)
    # Their lists hold no steps without weights: ours are at 1, 3, 5, ... after the first, and at 0, 2, 4, ...
    key = re.sub(r"^(dp\.(?:post_)?flows)\.(\d+)", lambda m: f"{m[1]}.{(int(m[2]) + 1) // 2}", key)
    key = re.sub(r"^(flow\.flows)\.(\d+)", lambda m: f"{m[1]}.{int(m[2]) // 2}", key)
    return re.sub(r"^dp\.", "duration_predictor.", key)


def _configuration(config: ModelConfig) -> VitsConfig:
    if config.decoder is not DecoderKind.PLAIN or config.resblock != "1":
        raise ValueError("transformers knows the plain decoder with residual blocks of the first kind only")
    return VitsConfig(
        vocab_size=config.n_vocab,
        hidden_size=config.hidden_channels,
        num_hidden_layers=config.n_layers,
        num_attention_heads=config.n_heads,
        window_size=WINDOW,
        ffn_dim=config.filter_channels,
        ffn_kernel_size=config.kernel_size,
        flow_size=config.inter_channels,
        spectrogram_bins=config.spec_channels,
        use_stochastic_duration_prediction=config.use_sdp,
        duration_predictor_filter_channels=config.dp_filter_channels,
        num_speakers=max(1, config.n_speakers),
        speaker_embedding_size=config.gin_channels,
        upsample_initial_channel=config.upsample_initial_channel,
        upsample_rates=list(config.upsample_rates),
        upsample_kernel_sizes=list(config.upsample_kernel_sizes),
        resblock_kernel_sizes=list(config.resblock_kernel_sizes),
        resblock_dilation_sizes=[list(dilations) for dilations in config.resblock_dilation_sizes],
        prior_encoder_num_flows=config.flow_count,
        prior_encoder_num_wavenet_layers=config.flow_layers,
    )
