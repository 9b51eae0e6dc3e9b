"""transformers' names of the tensors, to the published ones that our networks have: docs/systems/vits.md#mms-tts."""

import re

from torch import Tensor

from engine.systems.vits.weights import generator_state

# Each on what the ones before it have left.
_RULES = tuple((re.compile(pattern), replacement) for pattern, replacement in (
    (r"^text_encoder\.embed_tokens\.", "enc_p.emb."),
    (r"^text_encoder\.project\.", "enc_p.proj."),
    (r"^text_encoder\.encoder\.layers\.(\d+)\.attention\.out_proj\.", r"enc_p.encoder.attn_layers.\1.conv_o."),
    (r"^text_encoder\.encoder\.layers\.(\d+)\.attention\.([qkv])_proj\.", r"enc_p.encoder.attn_layers.\1.conv_\2."),
    (r"^text_encoder\.encoder\.layers\.(\d+)\.attention\.", r"enc_p.encoder.attn_layers.\1."),
    (r"^text_encoder\.encoder\.layers\.(\d+)\.layer_norm\.", r"enc_p.encoder.norm_layers_1.\1."),
    (r"^text_encoder\.encoder\.layers\.(\d+)\.final_layer_norm\.", r"enc_p.encoder.norm_layers_2.\1."),
    (r"^text_encoder\.encoder\.layers\.(\d+)\.feed_forward\.", r"enc_p.encoder.ffn_layers.\1."),
    (r"^duration_predictor\.", "dp."),
    (r"^dp\.((?:post_)?flows\.0)\.translate$", r"dp.\1.m"),
    (r"^dp\.((?:post_)?flows\.0)\.log_scale$", r"dp.\1.logs"),
    (r"^dp\.(post_)?conv_(pre|proj)\.", r"dp.\1\2."),
    (r"^dp\.(post_)?conv_dds\.", r"dp.\1convs."),
    (r"^dp\.((?:post_)?flows\.\d+)\.conv_(pre|proj)\.", r"dp.\1.\2."),
    (r"^dp\.((?:post_)?flows\.\d+)\.conv_dds\.", r"dp.\1.convs."),
    (r"\.convs_dilated\.", ".convs_sep."),
    (r"\.convs_pointwise\.", ".convs_1x1."),
    (r"^posterior_encoder\.conv_(pre|proj)\.", r"enc_q.\1."),
    (r"^posterior_encoder\.wavenet\.", "enc_q.enc."),
    (r"^flow\.flows\.(\d+)\.conv_(pre|post)\.", r"flow.flows.\1.\2."),
    (r"^flow\.flows\.(\d+)\.wavenet\.", r"flow.flows.\1.enc."),
    (r"^decoder\.upsampler\.", "dec.ups."),
    (r"^decoder\.", "dec."),
    (r"^embed_speaker\.", "emb_g."),
    (r"(\.norm\w*(?:\.\d+)?)\.weight$", r"\1.gamma"),
    (r"(\.norm\w*(?:\.\d+)?)\.bias$", r"\1.beta"),
))  # fmt: skip
# Steps without weights are not in their lists, and are in the published ones.
_SPLINES = re.compile(r"^(dp\.(?:post_)?flows)\.(\d{1,9})\.")
_COUPLINGS = re.compile(r"^(flow\.flows)\.(\d{1,9})\.")
_SPEAKERS = "embed_speaker.weight"
_OF_A_SPEAKER = re.compile(r"\.cond(?:_layer)?\.")
_ATTENTION = re.compile(r"^enc_p\.encoder\.attn_layers\.\d+\.conv_[qkvo]\.weight$")


def published_state(checkpoint: object, source: str) -> dict[str, Tensor]:
    """The generator's tensors under their published names and in their published shapes. Raises WeightsMismatch.

    A key of no known network stays as it is, for the strict loading to name it. Without speakers there is nothing to
    condition on one: a model may have it all the same, and never uses it.
    """
    state = {}
    held = generator_state(checkpoint, source)
    one_speaker = _SPEAKERS not in held
    for key, value in held.items():
        if one_speaker and _OF_A_SPEAKER.search(key):
            continue
        name = published_key(key)
        # Their attention multiplies by matrices where the published one convolves with a width of 1.
        state[name] = value.unsqueeze(-1) if _ATTENTION.match(name) and value.dim() == 2 else value
    return state


def published_key(key: str) -> str:
    """The published name of a tensor, weight norm as it is spelled."""
    for pattern, replacement in _RULES:
        key = pattern.sub(replacement, key)
    # The first is the affine step; each spline coupling after it is followed by a flip.
    key = _SPLINES.sub(lambda found: f"{found[1]}.{max(0, 2 * int(found[2]) - 1)}.", key)
    return _COUPLINGS.sub(lambda found: f"{found[1]}.{2 * int(found[2])}.", key)
