"""The codebook that learns: the reference's step, its start, its dead entries, and several processes."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from engine.training.quantizer import DEAD_BELOW, Codebook, kmeans, nearest

GOLDEN = Path(__file__).parents[2] / "goldens" / "minimind" / "vq_ema.npz"


@pytest.fixture
def golden():
    with np.load(GOLDEN) as held:
        return {key: torch.from_numpy(held[key]) for key in held.files}


def test_a_step_is_the_references(golden):
    codebook = Codebook(16, 8)
    codebook.inited.fill_(1)
    codebook.embed.copy_(golden["embed_before"])
    codebook.embed_avg.copy_(golden["embed_avg_before"])
    codebook.cluster_size.copy_(golden["cluster_size_before"])
    x = golden["x"].clone().requires_grad_(True)
    vectors, codes, commitment = codebook(x)
    assert torch.equal(codes, golden["indices"])
    assert_close(vectors.detach(), golden["quantized"], atol=1e-5, rtol=0)
    assert_close(commitment.detach().view(1), golden["commit_loss"], atol=1e-5, rtol=0)
    for name in ("embed", "embed_avg", "cluster_size"):
        assert_close(getattr(codebook, name), golden[f"{name}_after"], atol=1e-5, rtol=0)
    vectors.sum().backward()
    assert torch.equal(x.grad, torch.ones_like(x))  # straight through


def test_it_learns_in_training_alone(golden):
    codebook = Codebook(16, 8).eval()
    codebook.embed.copy_(golden["embed_before"])
    before = codebook.embed.clone()
    assert_close(codebook(golden["x"]).vectors, golden["quantized"], atol=1e-5, rtol=0)
    assert torch.equal(codebook.embed, before)
    assert not codebook.inited


def test_it_begins_with_the_clusters_of_the_first_batch():
    torch.manual_seed(0)
    centres = torch.randn(4, 6) * 10
    vectors = centres.repeat_interleave(25, 0) + 0.01 * torch.randn(100, 6)
    found, counts = kmeans(vectors, 8, 50)
    assert counts.sum() == 100
    assert (torch.cdist(centres, found).min(1).values < 0.1).all()
    codebook = Codebook(8, 6)
    quantized = codebook(vectors.T.unsqueeze(0))
    assert codebook.inited
    assert quantized.commitment < 0.01


def test_what_nobody_chooses_begins_anew_at_vectors_of_the_batch():
    torch.manual_seed(0)
    codebook = Codebook(4, 2)
    codebook.inited.fill_(1)
    codebook.embed.copy_(torch.tensor([[0.0, 0.0], [90.0, 90.0], [91.0, 90.0], [92.0, 90.0]]))
    codebook.embed_avg.copy_(codebook.embed * torch.tensor([[50.0], [0.1], [0.1], [0.1]]))
    codebook.cluster_size.copy_(torch.tensor([50.0, 0.1, 0.1, 0.1]))
    x = torch.randn(1, 2, 60)
    codebook(x)
    assert codebook.embed.abs().max() < 10
    assert (codebook.cluster_size[1:] > 0.9 * DEAD_BELOW).all()
    assert len(nearest(x[0].T, codebook.embed).unique()) > 1
