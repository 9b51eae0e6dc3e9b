"""The tensors of published StyleTTS 2 checkpoints by our names, constants folded.

docs/style-tts.md#published-names
"""

from collections.abc import Mapping

from torch import Tensor

from engine.style_tts import weights

# What inference needs. The others (text_aligner, pitch_extractor, mpd, msd, wd) are for training.
MODULES = (
    *("bert", "bert_encoder", "predictor", "decoder", "text_encoder"),
    *("predictor_encoder", "style_encoder", "diffusion"),
)
# The denoiser's tensors appear under both names; the state dicts share them.
DENOISER = ("unet.", "diffusion.net.")
RENAMED = (
    *weights.RENAMED,
    ("diffusion.", "attention.attention.to_out.", "attention.to_out."),
    ("diffusion.", "to_time.0.0.weights", "frequencies"),
    ("diffusion.", "to_time.0.1.", "to_time."),
    ("diffusion.", "to_features.0.", "to_features."),
    ("diffusion.", "to_out.1.", "to_out."),
    ("diffusion.", "fixed_embedding.embedding.", "null_embedding."),
)


def published_state(checkpoint: object, source: str) -> dict[str, Tensor]:
    """The tensors that inference needs by their published names, ``<module>.<key>``, from whatever a file held.

    Accepts {'net': {module: state}} as the trainers write it, and what `engine.style_tts.weights.module_states` does;
    keeps the denoiser once. Raises WeightsMismatch.
    """
    if isinstance(checkpoint, Mapping) and isinstance(checkpoint.get("net"), Mapping):
        checkpoint = checkpoint["net"]
    state = weights.module_states(checkpoint, MODULES, source, "StyleTTS 2")
    return {_bare(key): value for key, value in state.items()}


def own_state(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state of our model in float32, everything constant folded. Raises WeightsMismatch."""
    return weights.own_state(published, RENAMED)


def _bare(key: str) -> str:
    head = "diffusion."
    if not key.startswith(head):
        return key
    key = key.removeprefix(head)
    for name in DENOISER:
        key = key.removeprefix(name)
    return head + key
