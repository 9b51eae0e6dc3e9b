"""Deterministic weights by name: the same numbers for the same (key, shape), on any machine.

A golden stores no weights. It stores a list of keys and shapes, inputs, and the
outputs that the reference system gave with the weights that `tensor(key, shape)`
returns. Fill your own model with the same function and compare the outputs.

    state = {key: weights.tensor(key, shape) for key, shape in manifest.items()}

Rules, in order, by the last component of the key (after the final dot):
  - integer or bool tensors (`num_batches_tracked`, position buffers) are not filled: keep the model's own.
  - `running_var`, `weight_g`, and every key that ends in `original0`: 0.5 + |n|
  - 1-D `weight`, `gamma`:                                              1 + 0.1 n
  - any other tensor with fewer than 2 dimensions:                       0.1 n
  - the rest: n / sqrt(fan_in), fan_in = the product of all dimensions but the first
where n is standard normal, drawn in C order by Philox seeded with crc32(key).
"""

import zlib

import numpy as np


def tensor(key: str, shape, salt: int = 0) -> np.ndarray:
    """float32 array of `shape` for the parameter called `key`; another `salt` gives another, independent set."""
    shape = tuple(int(s) for s in shape)
    rng = np.random.Generator(np.random.Philox(zlib.crc32(key.encode("utf-8")) + (salt << 32)))
    n = rng.standard_normal(shape, dtype=np.float32)
    last = key.rsplit(".", 1)[-1]
    if last in ("running_var", "weight_g", "original0"):
        return (0.5 + np.abs(n)).astype(np.float32)
    if len(shape) < 2:
        if last in ("weight", "gamma"):
            return (1.0 + 0.1 * n).astype(np.float32)
        return (0.1 * n).astype(np.float32)
    fan_in = int(np.prod(shape[1:]))
    return (n / np.float32(np.sqrt(fan_in))).astype(np.float32)


def fill(module, prefix: str = "", salt: int = 0):
    """Overwrite every floating-point parameter and buffer of a torch module in place, by its state_dict key."""
    import torch

    state = module.state_dict()
    with torch.no_grad():
        for key, value in state.items():
            if value.is_floating_point():
                value.copy_(torch.from_numpy(tensor(prefix + key, value.shape, salt)))
    return module
