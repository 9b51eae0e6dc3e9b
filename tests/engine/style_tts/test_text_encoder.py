"""The text encoder against the published reference values, and with padding."""

import torch

from engine.style_tts.text_encoder import length_mask
from tests.engine.style_tts.closeness import close


def test_the_features_are_the_published_ones(net, text_path):
    close(net.text_encoder(text_path["tokens"], text_path["lengths"]), text_path["text_encoder"], 1e-4)


def test_padding_changes_nothing_and_is_zero(net, text_path):
    ids = text_path["tokens"][:1, : text_path["lengths"][0]]
    length = torch.tensor([ids.shape[1]])
    padded = net.text_encoder(torch.nn.functional.pad(ids, (0, 7), value=5), length)
    close(padded[..., : ids.shape[1]], net.text_encoder(ids, length), 1e-6)
    assert not padded[..., ids.shape[1] :].any()


def test_a_mask_is_true_where_a_position_counts():
    assert length_mask(torch.tensor([1, 3]), 3).tolist() == [[True, False, False], [True, True, True]]
