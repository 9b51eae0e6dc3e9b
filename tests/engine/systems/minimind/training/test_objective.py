"""The loss and the learning rate against the reference's."""

import pytest
import torch
from torch.testing import assert_close

from engine.systems.minimind.networks.lm import lay_out
from engine.systems.minimind.training.objective import judge, rate
from tests.minimind import arrays, language_model


@pytest.fixture(scope="module")
def scored():
    held = arrays("lm")
    names = ("text", "text_len", "speech", "speech_len")
    rows = zip(*(held[f"train_{name}"] for name in names), strict=True)
    texts, codes = zip(*((text[:most], spoken[:longest]) for text, most, spoken, longest in rows), strict=True)
    laid = lay_out(texts, codes, closed=True)
    with torch.inference_mode():
        return language_model("lm")(laid), laid.targets(64)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("shifted_loss", {}),
        ("shifted_loss_smooth0.1", {"smoothing": 0.1}),
        ("shifted_loss_smooth0.1_batchnorm", {"smoothing": 0.1, "normalize_length": False}),
    ],
)
def test_the_loss_is_the_references(scored, name, how):
    assert_close(judge(*scored, **how).loss.double(), arrays("lm")[name].double(), atol=1e-5, rtol=0)


def test_the_accuracy_is_the_references(scored):
    assert_close(judge(*scored).accuracy.double(), arrays("lm")["shifted_acc"].double(), atol=1e-6, rtol=0)


@pytest.mark.parametrize(("name", "count", "warmup"), [("lr", 8, 0), ("lr_warm", 40, 10)])
def test_the_learning_rate_is_the_references(name, count, warmup):
    expected = arrays("lm_train")[name]
    found = [rate(2e-4, it, warmup, (it - warmup) / (count - warmup)) for it in range(len(expected))]
    assert_close(torch.tensor(found, dtype=torch.float64), expected, atol=1e-12, rtol=1e-9)
