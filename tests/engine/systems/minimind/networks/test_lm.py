"""The language model against the reference's layers, logits and targets."""

import pytest
import torch
from torch.nn import functional as F
from torch.testing import assert_close

from engine.systems.minimind.networks.lm import IGNORED, MARK, NOTHING, SPEECH, TEXT, lay_out
from tests.minimind import arrays, language_model

NAMES = ("lm", "lm_moe")


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def model(name):
    return language_model(name)


def batch(name):
    """The texts and the codes of the reference's batch for training."""
    held = arrays(name)
    rows = zip(*(held[f"train_{key}"] for key in ("text", "text_len", "speech", "speech_len")), strict=True)
    texts, codes = zip(*((text[:most], spoken[:longest]) for text, most, spoken, longest in rows), strict=True)
    return texts, codes


@torch.inference_mode()
def test_the_logits_of_a_padded_batch_are_the_references(name, model):
    laid = lay_out(*batch(name), closed=True)
    logits, expected = model(laid), arrays(name)["train_logits"]
    assert logits.shape == expected.shape
    assert_close(logits[laid.visible], expected[laid.visible], atol=2e-5, rtol=0)


def test_the_targets_are_the_corrected_ones(name):
    laid = lay_out(*batch(name), closed=True)
    assert torch.equal(laid.targets(64), arrays(name)["shifted_target"])


@torch.inference_mode()
def test_loss_and_accuracy_are_the_references(name, model):
    laid, held = lay_out(*batch(name), closed=True), arrays(name)
    logits, targets = model(laid), laid.targets(64)
    counted = targets != IGNORED
    loss = F.cross_entropy(logits[counted], targets[counted])
    assert_close(loss, held["shifted_loss"], atol=1e-5, rtol=0)
    assert_close((logits.argmax(-1) == targets)[counted].float().mean(), held["shifted_acc"])


@torch.inference_mode()
def test_every_layer_gives_what_the_references_gives(name, model):
    held, found = arrays(name), {}
    texts, codes = batch(name)
    for index, layer in enumerate(model.body.layers):
        layer.self_attn.o_proj.register_forward_hook(
            lambda *call, index=index: found.update({f"item0_attn{index}": call[2]})
        )
        layer.mlp.register_forward_hook(lambda *call, index=index: found.update({f"item0_added{index}": call[2]}))
    x = model.embed(lay_out(texts[:1], codes[:1], closed=True))
    assert_close(x[0], held["item0_input"])
    found["item0_norm"] = model.body.whole(x)
    for index in range(len(model.body.layers)):
        x = x + found[f"item0_attn{index}"] + found[f"item0_added{index}"]
        assert_close(x[0], held[f"item0_layer{index}"], atol=2e-5, rtol=0)
        assert_close(found[f"item0_attn{index}"][0], held[f"item0_attn{index}"], atol=2e-5, rtol=0)
    assert_close(found["item0_norm"][0], held["item0_norm"], atol=2e-5, rtol=0)


def test_the_rotation_is_by_the_references_angles(name, model):
    held, parts = arrays(name)["pos_cis_real"], model.body
    assert_close(parts.cosine[:64, 0, 0, 0], held[..., 0], atol=1e-6, rtol=0)
    assert_close(parts.sine[:64, 0, 0, 1], held[..., 1], atol=1e-6, rtol=0)


def test_a_sequence_is_marks_around_text_and_codes():
    laid = lay_out([[7, 8], [9]], [[1], [2, 3, 4]], closed=True)
    assert laid.kinds.tolist() == [
        [MARK, TEXT, TEXT, MARK, SPEECH, MARK, NOTHING],
        [MARK, TEXT, MARK, SPEECH, SPEECH, SPEECH, MARK],
    ]
    assert laid.ids.tolist() == [[0, 7, 8, 1, 1, 0, 0], [0, 9, 1, 2, 3, 4, 0]]
    assert laid.targets(64).tolist() == [[-1, -1, -1, 1, 64, -1, -1], [-1, -1, 2, 3, 4, 64, -1]]


def test_what_is_to_be_continued_is_open_and_padded_on_the_left():
    laid = lay_out([[7, 8], [9]], [[], []], closed=False)
    assert laid.kinds.tolist() == [[MARK, TEXT, TEXT, MARK], [NOTHING, MARK, TEXT, MARK]]
    assert laid.ids.tolist() == [[0, 7, 8, 1], [0, 0, 9, 1]]
    assert laid.visible.sum(1).tolist() == [4, 3]


def test_it_can_be_trained_and_dropout_is_of_training_alone():
    model = language_model("lm").requires_grad_(True)
    laid = lay_out(*batch("lm"), closed=True)
    targets = laid.targets(64)
    F.cross_entropy(model(laid).flatten(0, 1), targets.flatten(), ignore_index=IGNORED).backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
