"""The published reference values of StyleTTS 2: arrays, and checkpoints with the weights that they were made with."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch
import yaml

from engine.audio.decode import read as read_audio
from engine.request import VoicePrompt
from engine.steps import finish
from engine.systems.styletts2.checkpoint import read
from engine.systems.styletts2.networks.model import StyleTTS2
from engine.systems.styletts2.system import load
from tests.engine.style_tts.closeness import LJ
from tests.releases import (
    STYLETTS2_GOLDENS,
    styletts2_arrays,
    styletts2_checkpoint,
    styletts2_json,
    styletts2_modules,
    styletts2_releases,
)


@pytest.fixture(scope="session")
def golden() -> Callable[[str], dict[str, torch.Tensor]]:
    return styletts2_arrays


@pytest.fixture(scope="session")
def golden_json() -> Callable[[str], dict]:
    return styletts2_json


@pytest.fixture(scope="session")
def published_modules() -> Callable[[str], dict[str, dict[str, torch.Tensor]]]:
    return cache(styletts2_modules)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder Models/<name> of a repository in the public layout, with PL-BERT's numbers in its Utils."""

    @cache
    def write(name: str) -> Path:
        return styletts2_checkpoint(tmp_path_factory.mktemp(name), name, f"Models/{name}/epoch_2nd_00100.pth")

    return write


@pytest.fixture(scope="session")
def model(checkpoint: Callable[[str], Path]) -> Callable[[str], StyleTTS2]:
    """A reduced model through the whole loading path."""
    return cache(lambda name: read(checkpoint(name)))


@pytest.fixture(autouse=True)
def _no_grad() -> object:
    with torch.no_grad():
        yield


@pytest.fixture(scope="session")
def text_path(golden):
    return golden("text_path")


@pytest.fixture(scope="session")
def net(model):
    return model("modules_istftnet")


@pytest.fixture
def save(checkpoint, published_modules, tmp_path):
    """A checkpoint whose saved object is what ``change`` makes of the published modules."""

    def write(change):
        root = shutil.copytree(checkpoint("modules_hifigan").parents[1], tmp_path / "copy")
        folder = root / "Models" / "modules_hifigan"
        modules = {module: dict(state) for module, state in published_modules("modules_hifigan").items()}
        torch.save(change(modules), folder / "epoch_2nd_00100.pth")
        return folder

    return write


@pytest.fixture
def configured(checkpoint, tmp_path):
    """A checkpoint with a changed config.yml: ``change`` works on its mapping in place."""

    def write(change):
        root = shutil.copytree(checkpoint("modules_hifigan").parents[1], tmp_path / "copy")
        path = root / "Models" / "modules_hifigan" / "config.yml"
        raw = yaml.safe_load(path.read_text())
        change(raw)
        path.write_text(yaml.safe_dump(raw))
        return path.parent

    return write


@pytest.fixture(scope="session")
def systems(checkpoint):
    return cache(lambda name: finish(load(checkpoint(name), torch.device("cpu"), torch.float32)))


@pytest.fixture(scope="session")
def recording():
    samples = read_audio(STYLETTS2_GOLDENS / "ref_24k.wav", sample_rate=24_000)
    return VoicePrompt(samples=samples, sample_rate=24_000)


@pytest.fixture
def voice(systems, recording):
    return lambda name: systems(name).voice("") if name == LJ else systems(name).encode_voice(recording)


@pytest.fixture
def played(monkeypatch):
    """What the decoder of a system is given, (inputs, style), as it is given."""

    def watch(system):
        found = []

        def watched(play):
            def playing(inputs, style, noise):
                found.append((inputs, style))
                return play(inputs, style, noise)

            return playing

        for name in ("decode_steps", "decode_pieces"):
            monkeypatch.setattr(system.model, name, watched(getattr(system.model, name)))
        return found

    return watch


@pytest.fixture(scope="session")
def releases(tmp_path_factory):
    return styletts2_releases(tmp_path_factory.mktemp("published"))
