"""The published checkpoints: each has a configuration that the loader reads, under names that it finds."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import WeightsMismatch, WeightsMissing
from engine.release import Release
from engine.systems.vits import SPEC
from engine.systems.vits.config import DecoderKind, parse
from engine.systems.vits.files import locate
from engine.systems.vits.releases import RELEASES, pick

KINDS = {
    "ljs-mb": DecoderKind.MULTI_BAND,
    "ljs-ms": DecoderKind.MULTI_STREAM,
    "ljs-istft": DecoderKind.ISTFT,
    "ljs-mini-mb": DecoderKind.MULTI_BAND,
    "ljs-mini-istft": DecoderKind.ISTFT,
    "ljs": DecoderKind.PLAIN,
    "vctk": DecoderKind.PLAIN,
}


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.name)
def test_a_release_has_its_configuration_and_its_files_are_found(release: Release, tmp_path: Path) -> None:
    config = parse(json.loads(release.companions["config.json"].read_text()))
    assert config.model.decoder is KINDS[release.name]
    assert config.model.n_speakers == (109 if release.name == "vctk" else 0)
    assert len(config.text.symbols) == 178
    shutil.copy(release.companions["config.json"], tmp_path / "config.json")
    for file in release.files:
        tmp_path.joinpath(file.place).write_bytes(b"")
    assert locate(tmp_path / release.checkpoint) == (tmp_path / "config.json", tmp_path / "G_0.pth")


def test_of_a_run_the_latest_generator_and_its_configuration_are_taken() -> None:
    run = ["G_900.pth", "G_1000.pth", "D_1000.pth", "config.json", "train.log", "eval/G_9999.pth"]
    assert pick(run) == ("config.json", "G_1000.pth")
    assert pick(["G_900.pth"]) == pick(["config.json", "D_0.pth"]) == pick(["config.json", "x/G_0.pth"]) == ()


def test_a_checkpoint_is_checked_as_strictly_as_it_is_loaded(checkpoint: Callable[[str], Path], tmp_path: Path) -> None:
    SPEC.check(checkpoint("mb_det"))
    folder = shutil.copytree(checkpoint("mb_det"), tmp_path / "copy")
    folder.joinpath("config.json").write_bytes(checkpoint("istft_det").joinpath("config.json").read_bytes())
    with pytest.raises(WeightsMismatch, match="does not fit its configuration"):
        SPEC.check(folder)
    folder.joinpath("G_1000.pth").unlink()
    with pytest.raises(WeightsMissing):
        SPEC.check(folder)
