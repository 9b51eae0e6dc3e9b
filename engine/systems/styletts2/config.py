"""A checkpoint's config.yml, and what only its tensors tell, as the sizes of the networks. Imports no torch.

docs/systems/styletts2.md#what-a-checkpoint-says-of-its-architecture
"""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.config_file import flag, nested_wholes, number, section, whole, wholes
from engine.errors import ConfigError, WeightsMismatch
from engine.systems.styletts2.networks.config import (
    DecoderConfig,
    DecoderKind,
    DiffusionConfig,
    ModelConfig,
    PLBertConfig,
)

# The public PL-BERT, of which neither a checkpoint's tensors nor its config.yml tell these two.
PLBERT_HEADS, PLBERT_LAYERS = 12, 12

Shapes = Mapping[str, Sequence[int]]


def parse(raw: Mapping[str, Any], plbert: Mapping[str, Any] | None, shapes: Shapes) -> ModelConfig:
    """The architecture from the mapping in config.yml, that of PL-BERT or None, and the checkpoint's shapes.

    ``shapes`` are those of its state dict as `weights.own_state` makes it. Raises ConfigError, which names the key, and
    WeightsMismatch when a tensor is missing from which a width is read.
    """
    model = section(raw, "model_params", "config.yml")
    return ModelConfig(
        n_token=whole(model, "n_token", least=1),
        n_mels=whole(model, "n_mels", least=1),
        dim_in=whole(model, "dim_in", least=1),
        hidden_dim=whole(model, "hidden_dim", least=1),
        n_layer=whole(model, "n_layer", least=1),
        max_dur=whole(model, "max_dur", least=1),
        style_dim=_shape(shapes, "style_encoder.unshared.bias", 1)[0],
        multispeaker=flag(model, "multispeaker"),
        decoder=_decoder(section(model, "decoder", "model_params"), shapes),
        diffusion=_diffusion(section(model, "diffusion", "model_params")),
        plbert=_plbert(plbert, shapes),
    )


def _decoder(raw: Mapping[str, Any], shapes: Shapes) -> DecoderConfig:
    named = raw.get("type")
    kind = next((kind for kind in DecoderKind if kind.value == named), None)
    if kind is None:
        kinds = ", ".join(kind.value for kind in DecoderKind)
        raise ConfigError("decoder.type={named!r:.60} is none of {kinds}", named=named, kinds=kinds)
    stft = {key: whole(raw, key) for key in ("gen_istft_n_fft", "gen_istft_hop_size") if key in raw}
    return DecoderConfig(
        kind=kind,
        width=_shape(shapes, "decoder.encode.conv1.weight", 3)[0],
        residual_width=_shape(shapes, "decoder.asr_res.weight", 3)[0],
        upsample_initial_channel=whole(raw, "upsample_initial_channel", least=1),
        upsample_rates=wholes(raw.get("upsample_rates"), "upsample_rates"),
        upsample_kernel_sizes=wholes(raw.get("upsample_kernel_sizes"), "upsample_kernel_sizes"),
        resblock_kernel_sizes=wholes(raw.get("resblock_kernel_sizes"), "resblock_kernel_sizes"),
        resblock_dilation_sizes=nested_wholes(raw, "resblock_dilation_sizes"),
        **stft,
    )


def _diffusion(raw: Mapping[str, Any]) -> DiffusionConfig:
    transformer = section(raw, "transformer", "model_params.diffusion")
    return DiffusionConfig(
        num_layers=whole(transformer, "num_layers", least=1),
        num_heads=whole(transformer, "num_heads", least=1),
        head_features=whole(transformer, "head_features", least=1),
        multiplier=whole(transformer, "multiplier", least=1),
        sigma_data=number(section(raw, "dist", "model_params.diffusion"), "sigma_data", above=0),
    )


def _plbert(raw: Mapping[str, Any] | None, shapes: Shapes) -> PLBertConfig:
    """All but the counts of heads and of layers stands in the shapes, and these are the public ones unless given."""
    vocab, embedding = _shape(shapes, "bert.embeddings.word_embeddings.weight", 2)
    intermediate, hidden = _shape(shapes, "bert.layer.ffn.weight", 2)
    model = {} if raw is None else section(raw, "model_params", "PL-BERT's config.yml")
    return PLBertConfig(
        vocab_size=vocab,
        embedding_size=embedding,
        hidden_size=hidden,
        num_attention_heads=whole(model, "num_attention_heads", PLBERT_HEADS, least=1),
        intermediate_size=intermediate,
        max_position_embeddings=_shape(shapes, "bert.embeddings.position_embeddings.weight", 2)[0],
        num_hidden_layers=whole(model, "num_hidden_layers", PLBERT_LAYERS, least=1),
    )


def _shape(shapes: Shapes, key: str, axes: int) -> Sequence[int]:
    if key not in shapes:
        raise WeightsMismatch(
            "the checkpoint has no {key}; it is no complete StyleTTS2 model of the second stage", key=key
        )
    if len(shapes[key]) != axes:
        raise WeightsMismatch(
            "{key} has the shape {shapes}; {axes} axes are needed", key=key, shapes=list(shapes[key]), axes=axes
        )
    return shapes[key]
