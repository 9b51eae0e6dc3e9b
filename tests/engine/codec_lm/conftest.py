"""Models of the goldens on the CPU."""

from collections.abc import Callable, Iterator

import pytest
import torch

from engine.codec_lm.model import Loaded, build, place
from tests.valle import model_state, read


@pytest.fixture(scope="session")
def load() -> Callable[[str], Loaded]:
    """The reduced model of a golden, by its name."""
    made: dict[str, Loaded] = {}

    def run(name: str) -> Loaded:
        if name not in made:
            model = build(model_state(name), read(f"{name}.config"), name)
            made[name] = place(model, torch.device("cpu"), torch.float32)
        return made[name]

    return run


@pytest.fixture(autouse=True)
def _no_grad() -> Iterator[None]:
    with torch.no_grad():
        yield
