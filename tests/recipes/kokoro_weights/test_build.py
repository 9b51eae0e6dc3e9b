"""The checkpoint made of the packages is the published one, tensor by tensor, in all but eight bits."""

from pathlib import Path

import torch

from engine.weights import read_checkpoint
from recipes.kokoro_weights.build import POOLER
from tests.kokoro import GOLDENS, read


def test_every_published_tensor_is_there_in_its_shape(real: Path) -> None:
    state = _state(real)
    assert {key: list(value.shape) for key, value in state.items()} == read("manifest_v1_0")
    assert sum(value.numel() for value in state.values()) == 81_763_410
    assert all(value.dtype == torch.float32 for value in state.values())


def test_the_entries_and_their_counts_are_the_published_ones(real: Path) -> None:
    entries = read_checkpoint(real / "kokoro-v1_0.pth")
    counts = {"bert": 25, "bert_encoder": 2, "predictor": 122, "decoder": 375, "text_encoder": 24}
    assert {name: len(state) for name, state in entries.items()} == counts
    assert all(key.startswith("module.") for state in entries.values() for key in state)


def test_channels_that_were_rounded_to_nothing_have_a_direction_and_no_length(real: Path) -> None:
    state = _state(real)
    silent = {key: int((state[key] == 0).sum()) for key in state if key.endswith(".weight_g")}
    assert sum(silent.values()) == 94
    assert silent["predictor.F0.2.conv1.weight_g"] == 52
    assert all(value.flatten(1).norm(dim=1).min() > 0 for key, value in state.items() if key.endswith(".weight_v"))


def test_only_what_nothing_uses_is_empty(real: Path) -> None:
    empty = {key for key, value in _state(real).items() if not value.any()}
    assert empty == POOLER.keys()


def test_the_configuration_and_the_voices_are_the_published_ones(real: Path) -> None:
    assert (real / "config.json").read_bytes() == (GOLDENS / "config_v1_0.json").read_bytes()
    names = sorted(path.stem for path in (real / "voices").iterdir())
    assert names == ["jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo"]
    pack = read_checkpoint(real / "voices" / "jf_alpha.pt")
    assert (pack.shape, pack.dtype) == ((510, 1, 256), torch.float32)


def _state(folder: Path) -> dict[str, torch.Tensor]:
    entries = read_checkpoint(folder / "kokoro-v1_0.pth")
    return {
        f"{entry}.{key.removeprefix('module.')}": value
        for entry, keys in entries.items()
        for key, value in keys.items()
    }
