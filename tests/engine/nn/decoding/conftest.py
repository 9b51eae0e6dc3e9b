"""A network with random weights, and a vocabulary of two codebooks for it. Their sizes are such that no vector fits."""

from collections.abc import Callable, Iterator

import pytest
import torch

from engine.nn.decoding.loop import Vocabulary
from engine.nn.llama import Llama
from engine.nn.llama_config import LlamaConfig

HIDDEN, CODEBOOKS, CLASSES = 48, 2, 30


@pytest.fixture(scope="session")
def build() -> Callable[..., Llama]:
    """Makes the same network anew."""

    def run(**changes: int) -> Llama:
        sizes = {"hidden": HIDDEN, "intermediate": 100, "n_layers": 2, "n_heads": 3, "max_positions": 256} | changes
        network = Llama(LlamaConfig(**sizes))
        rng = torch.Generator().manual_seed(1)
        for parameter in network.parameters():
            parameter.data = torch.randn(parameter.shape, generator=rng) * parameter.shape[-1] ** -0.5
        return network

    return run


@pytest.fixture
def network(build: Callable[..., Llama]) -> Llama:
    return build()


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    rng = torch.Generator().manual_seed(2)
    table = torch.randn(CODEBOOKS, CLASSES, HIDDEN, generator=rng)
    return Vocabulary(
        # The step has its part in what is fed back, as with positions that count frames alone.
        embed=lambda ids, step: table[torch.arange(CODEBOOKS), ids].sum(1) + 0.1 * (step % 7),
        logits=lambda hidden: torch.einsum("nh,kvh->nkv", hidden, table) / 4,
        n_codebooks=CODEBOOKS,
        n_classes=CLASSES,
        end=CLASSES - 1,
    )


@pytest.fixture(autouse=True)
def _no_grad() -> Iterator[None]:
    with torch.no_grad():
        yield
