"""Sections of a configuration, and the progress of a run."""

from dataclasses import dataclass

import pytest
import torch

from engine.errors import ConfigError, WeightsMismatch
from engine.options import slider
from engine.training.run_file import PROGRESS, folder_of, moved, read_progress, section, without_folder, write_progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Small:
    size: int = slider(3, 1, 9, step=1, help="How large.")


def test_a_section_is_what_it_declares():
    assert section({}, "train", Small) == Small()
    assert section({"train": {"size": 5}}, "train", Small).size == 5
    for raw, message in (
        ({"train": {"size": 10}}, "train: "),
        ({"train": {"other": 1}}, "train has unknown keys: other"),
        ({"train": 3}, "train is no section"),
    ):
        with pytest.raises(ConfigError, match=message):
            section(raw, "train", Small)


def test_a_run_continues_from_its_own_folder(tmp_path):
    assert folder_of(tmp_path / "lm.json", "") == tmp_path / "lm"
    assert folder_of(tmp_path / "config.json", "") == tmp_path
    assert folder_of(tmp_path / "lm.json", "x") == tmp_path / "x"
    assert without_folder({"train": {"folder": "x", "continue_from": "y", "seed": 1}}) == {"train": {"seed": 1}}


def test_progress_is_kept_whole(tmp_path):
    assert read_progress(tmp_path) is None
    parameter = torch.nn.Parameter(torch.ones(3))
    optimizer = torch.optim.AdamW([parameter])
    parameter.grad = torch.ones(3)
    optimizer.step()
    write_progress(tmp_path, {"step": 4, "optimizer": optimizer.state_dict()})
    held = read_progress(tmp_path)
    assert held["step"] == 4
    state = moved(held["optimizer"])
    assert torch.equal(state["state"][0]["exp_avg"], optimizer.state[parameter]["exp_avg"])
    torch.save({"weights": torch.ones(2)}, tmp_path / PROGRESS)
    with pytest.raises(WeightsMismatch, match="no progress of a run"):
        read_progress(tmp_path)
