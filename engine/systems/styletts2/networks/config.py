"""The sizes of what only StyleTTS 2 has, named as in its published configuration files. Imports no torch."""

from dataclasses import dataclass

from engine.style_tts.config import SynthesizerConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffusionConfig:
    """The style denoiser. ``sigma_data`` is the spread of the styles that it was trained on."""

    num_layers: int
    num_heads: int
    head_features: int
    multiplier: int
    sigma_data: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig(SynthesizerConfig):
    """A whole StyleTTS 2: with the style encoders, and the diffusion that samples styles."""

    n_mels: int
    dim_in: int
    multispeaker: bool
    diffusion: DiffusionConfig
