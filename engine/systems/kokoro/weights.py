"""The tensors of published Kokoro checkpoints by our names, constants folded.

docs/systems/kokoro.md#files
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from engine.errors import WeightsMismatch
from engine.style_tts import weights

MODULES = ("bert", "bert_encoder", "predictor", "decoder", "text_encoder")
# Of an instance norm that has a scale and a shift of its own.
AFFINE = (".norm.weight", ".norm.bias")


def published_state(checkpoint: object, source: str) -> dict[str, Tensor]:
    """The tensors by their published names, ``<module>.<key>``, one leading ``module.`` cut off each key.

    Accepts what `engine.style_tts.weights.module_states` does, if it holds nothing else. Raises WeightsMismatch.
    """
    if isinstance(checkpoint, Mapping):
        if isinstance(checkpoint.get("net"), Mapping):
            raise WeightsMismatch(
                "{source} keeps its modules under net, as Kokoro 0.19 and StyleTTS 2 do; take kokoro-v1_0.pth",
                source=source,
            )
        others = sorted({str(key).partition(".")[0] for key in checkpoint} - set(MODULES))
        if others:
            raise WeightsMismatch(
                "{source} holds {others} besides Kokoro's modules; it is another model",
                source=source,
                others=", ".join(others[:3])[:100],
            )
    return weights.module_states(checkpoint, MODULES, source, "Kokoro")


def own_state(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state of our networks in float32, everything constant folded. Raises WeightsMismatch."""
    return weights.own_state(_folded(published))


def _folded(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The scale g and the shift b of each instance norm, done by the layer that follows the style behind it.

    (1 + γ)(g·x + b) + β is (1 + γ')x + β' for γ' = g·γ + g − 1 and β' = β + b·γ + b, of which γ and β are linear in the
    style. The public files have none of these, which stand for 1 and 0. Raises WeightsMismatch.
    """
    state = {key: value for key, value in published.items() if not key.endswith(AFFINE)}
    for key in (key for key in published if key.endswith(AFFINE[0])):
        name = key.removesuffix(AFFINE[0])
        scale, shift = (_part(published, name + ending).double() for ending in AFFINE)
        if bool((scale == 1).all() and (shift == 0).all()):
            continue
        weight, bias = (_part(published, f"{name}.fc.{part}").double() for part in ("weight", "bias"))
        (gamma_w, beta_w), (gamma_b, beta_b) = weight.chunk(2), bias.chunk(2)
        if gamma_b.shape != scale.shape or gamma_b.shape != shift.shape:
            raise WeightsMismatch("{key} does not fit {name}.fc; the checkpoint is damaged", key=key, name=name)
        across, down = scale.unsqueeze(1), shift.unsqueeze(1)
        state[f"{name}.fc.weight"] = torch.cat((across * gamma_w, beta_w + down * gamma_w)).float()
        state[f"{name}.fc.bias"] = torch.cat((scale * gamma_b + scale - 1, beta_b + shift * gamma_b + shift)).float()
    return state


def _part(published: Mapping[str, Tensor], key: str) -> Tensor:
    if key not in published:
        raise WeightsMismatch(
            "the checkpoint has no {key}, which belongs to another tensor of it; it is incomplete", key=key
        )
    return published[key]
