"""Modules as trainers and others save them."""

from pathlib import Path

import numpy as np
import torch
from torch.optim.lr_scheduler import OneCycleLR


def prefixed(modules):
    return {name: {f"module.{key}": value for key, value in state.items()} for name, state in modules.items()}


def flat(modules):
    return {f"{name}.{key}": value for name, state in modules.items() for key, value in state.items()}


def without(modules, start):
    return {name: {k: v for k, v in state.items() if not k.startswith(start)} for name, state in modules.items()}


def trained(modules):
    """As the trainers leave it: more modules, buffers of older libraries, optimisers."""
    modules = prefixed(modules)
    modules["bert"]["module.embeddings.position_ids"] = torch.arange(512).unsqueeze(0)
    modules |= {"mpd": {"x": torch.ones(1)}, "text_aligner": {"module.y": torch.ones(2)}}
    state = {"state": {0: {"exp_avg": torch.ones(2)}}, "param_groups": [{"lr": 1e-4, "betas": (0.85, 0.99)}]}
    return {"net": modules, "optimizer": [("bert", state)], "iters": 3, "val_loss": 0.5, "epoch": 100}


def scheduled(modules):
    """With a scheduler's state, whose static method a pickle names by getattr, which torch's own unpickler refuses."""
    schedule = {"total_steps": 10, "_anneal_func": OneCycleLR._annealing_cos, "last_loss": np.float64(0.5)}
    return {**trained(modules), "scheduler": [("bert", schedule)], "path": Path("Configs/config.yml")}
