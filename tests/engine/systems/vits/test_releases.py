"""The published checkpoints: each has a configuration that the loader reads, under names that it finds."""

import json
import shutil
from pathlib import Path

import pytest

from engine.release import Release
from engine.systems.vits.config import DecoderKind, parse
from engine.systems.vits.files import locate
from engine.systems.vits.releases import RELEASES

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
