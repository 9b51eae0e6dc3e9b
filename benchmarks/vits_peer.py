"""The same weights in transformers' VitsModel, whose names differ, to be measured beside ours."""

import json
from pathlib import Path

import torch
from torch.nn.utils import parametrize
from transformers import VitsConfig, VitsModel

from engine.systems.vits.config import DecoderKind, ModelConfig
from engine.systems.vits.layouts.transformers.weights import published_key
from engine.systems.vits.networks.model import Vits
from engine.systems.vits.networks.text_encoder import WINDOW


def peer_of(model: Vits, sampling_rate: int = 22_050) -> VitsModel:
    """transformers' model with our weights, its weight norm folded as ours is, and without noise.

    Raises KeyError and RuntimeError when a key or a shape does not fit.
    """
    peer = VitsModel(_configuration(model.config, sampling_rate))
    for module in list(peer.modules()):
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
    del peer.posterior_encoder  # speaking does not need it, and ours has none
    ours = model.state_dict()
    with torch.no_grad():
        for key, theirs in peer.state_dict().items():
            # Their attention multiplies matrices where ours convolves with a width of 1.
            theirs.copy_(ours.pop(published_key(key)).reshape(theirs.shape))
    if ours:
        raise RuntimeError(f"the peer has no place for {', '.join(ours)}")
    peer.noise_scale = peer.noise_scale_duration = 0.0
    return peer.eval().requires_grad_(False)


def save(peer: VitsModel, symbols: int, folder: Path) -> Path:
    """The peer as the hub has its like: its own files, and a vocabulary of so many ``symbols``."""
    peer.save_pretrained(folder)
    vocabulary = {chr(ord("a") + number): number for number in range(symbols)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    return folder


def _configuration(config: ModelConfig, sampling_rate: int) -> VitsConfig:
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
        sampling_rate=sampling_rate,
        upsample_initial_channel=config.upsample_initial_channel,
        upsample_rates=list(config.upsample_rates),
        upsample_kernel_sizes=list(config.upsample_kernel_sizes),
        resblock_kernel_sizes=list(config.resblock_kernel_sizes),
        resblock_dilation_sizes=[list(dilations) for dilations in config.resblock_dilation_sizes],
        prior_encoder_num_flows=config.flow_count,
        prior_encoder_num_wavenet_layers=config.flow_layers,
    )
