"""PL-BERT against the published reference values."""

import torch

from engine.style_tts.plbert import gelu
from engine.style_tts.text_encoder import length_mask
from tests.engine.style_tts.closeness import close


def test_the_hidden_state_is_the_published_one(net, text_path):
    ids, lengths = text_path["tokens"], text_path["lengths"]
    close(net.bert(ids, length_mask(lengths, ids.shape[1])), text_path["bert"], 1e-4)


def test_padding_changes_nothing_before_it(net, text_path):
    ids = text_path["tokens"][:1, : text_path["lengths"][0]]
    mask = torch.ones_like(ids, dtype=torch.bool)
    padded = net.bert(torch.nn.functional.pad(ids, (0, 7)), torch.nn.functional.pad(mask, (0, 7)))
    close(padded[:, : ids.shape[1]], net.bert(ids, mask), 1e-5)


def test_the_activation_is_the_tanh_form():
    x = torch.linspace(-5, 5, 101)
    close(gelu(x), torch.nn.functional.gelu(x, approximate="tanh"), 1e-6)
