"""A checkpoint's config.yml, and what only its tensors tell, as the sizes of the networks. Imports no torch.

docs/systems/styletts2.md#what-a-checkpoint-says-of-its-architecture
"""

from collections.abc import Mapping
from typing import Any

from engine.config_file import flag, number, section, whole
from engine.errors import ConfigError
from engine.style_tts.config import DecoderConfig, DecoderKind, Shapes, parse_decoder, parse_plbert, shape
from engine.systems.styletts2.networks.config import DiffusionConfig, ModelConfig


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
        style_dim=shape(shapes, "style_encoder.unshared.bias", 1)[0],
        multispeaker=flag(model, "multispeaker"),
        decoder=_decoder(section(model, "decoder", "model_params"), shapes),
        diffusion=_diffusion(section(model, "diffusion", "model_params")),
        plbert=parse_plbert({} if plbert is None else section(plbert, "model_params", "PL-BERT's config.yml"), shapes),
    )


def _decoder(raw: Mapping[str, Any], shapes: Shapes) -> DecoderConfig:
    named = raw.get("type")
    kind = next((kind for kind in DecoderKind if kind.value == named), None)
    if kind is None:
        kinds = ", ".join(kind.value for kind in DecoderKind)
        raise ConfigError("decoder.type={named!r:.60} is none of {kinds}", named=named, kinds=kinds)
    return parse_decoder(raw, kind, shapes)


def _diffusion(raw: Mapping[str, Any]) -> DiffusionConfig:
    transformer = section(raw, "transformer", "model_params.diffusion")
    return DiffusionConfig(
        num_layers=whole(transformer, "num_layers", least=1),
        num_heads=whole(transformer, "num_heads", least=1),
        head_features=whole(transformer, "head_features", least=1),
        multiplier=whole(transformer, "multiplier", least=1),
        sigma_data=number(section(raw, "dist", "model_params.diffusion"), "sigma_data", above=0),
    )
