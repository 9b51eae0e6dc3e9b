"""The text encoder against the reference, layer by layer."""

import pytest
import torch
from torch.testing import assert_close


def near(actual, expected, tolerance):
    assert_close(actual, expected, atol=tolerance, rtol=0)


def test_text_encoder_equals_the_reference(golden, system):
    g, encoder = golden("text_encoder"), system("mb_det").model.enc_p
    encoded = encoder(g["ids"], g["lengths"])
    near(encoded.mask, g["mask"], 0)
    near(encoded.hidden, g["hidden"], 1e-5)
    near(encoded.mean, g["m"], 1e-5)
    near(encoded.log_std, g["logs"], 1e-5)


@pytest.mark.parametrize("length", [1, 2, 4, 5, 6])
def test_text_shorter_than_the_attention_window_equals_the_reference(golden, system, length):
    g = golden("text_encoder")
    encoded = system("mb_det").model.enc_p(g["ids"][:1, :length], torch.tensor([length]))
    near(encoded.mean, g[f"m_len{length}"], 1e-5)
    near(encoded.log_std, g[f"logs_len{length}"], 1e-5)


def test_first_layer_of_the_text_encoder_equals_the_reference(golden, system):
    g, encoder = golden("text_encoder"), system("mb_det").model.enc_p.encoder
    mask, x = g["mask"], g["emb_scaled"] * g["mask"]
    attention, visible = encoder.attn_layers[0], mask.unsqueeze(2) * mask.unsqueeze(-1) != 0
    q, k = (attention._heads(project(x)) for project in (attention.conv_q, attention.conv_k))
    near(attention.probabilities(q, k, visible) * visible, g["l0_attn_probs"] * visible, 1e-5)
    attended = attention(x, visible)
    near(attended * mask, g["l0_attn_out"] * mask, 1e-5)
    normed = encoder.norm_layers_1[0](x + attended)
    near(normed * mask, g["l0_norm1"] * mask, 1e-5)
    fed = encoder.ffn_layers[0](normed, mask)
    near(fed, g["l0_ffn"], 1e-5)
    near(encoder.norm_layers_2[0](normed + fed) * mask, g["l0_norm2"] * mask, 1e-5)
