"""A residual block with snakes against the published reference values."""

import torch

from engine.style_tts.snake import SnakeBlock
from engine.systems.styletts2.weights import own_state
from tests.engine.style_tts.closeness import close
from tests.goldens import weights


def test_a_snake_block_is_the_published_one(golden, golden_json):
    values, manifest = golden("snake_block"), golden_json("snake_block_manifest")
    block = SnakeBlock(6, 7, (1, 3, 5), 16).double()
    published = {key: torch.from_numpy(weights.tensor(f"snake_block.{key}", v["shape"])) for key, v in manifest.items()}
    published |= {key.removeprefix("override."): v for key, v in values.items() if key.startswith("override.")}
    block.load_state_dict(own_state(published), strict=True)
    # In float64: values up to 18 leave float32 ten roundings for this tolerance, and processors round differently.
    close(block(values["x"].double(), values["style"].double()), values["y"].double(), 1e-5)
