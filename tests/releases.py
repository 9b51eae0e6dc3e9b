"""Published checkpoints in small: the layout and the file names of a release, with few weights. For the tests' hub.

spec, repositories = chattts_release(tmp_path)
with FakeHub(repositories) as hub:
    ...  # the spec's release chattts/chattts is downloaded from hub.url, held to its hashes, and speaks

spec, repositories = styletts2_releases(tmp_path)
with FakeHub(repositories, STYLETTS2_COMMITS) as hub:
    ...  # the published releases themselves, so that the real program can download them, too
"""

import dataclasses
import hashlib
import io
import json
import shutil
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import torch
import torchaudio
import yaml
from safetensors.torch import save_file

from engine.release import RemoteFile
from engine.system import SystemSpec
from engine.systems.chattts import SPEC
from engine.systems.kokoro import SPEC as KOKORO
from engine.systems.styletts2 import SPEC as STYLETTS2
from engine.systems.vallex import SPEC as VALLEX
from engine.systems.vits import SPEC as VITS
from engine.systems.vits.config import parse
from engine.systems.vits.networks.model import Vits
from engine.training.checkpoint import public_state
from tests.goldens import weights
from tests.hub_server import LFS_FROM
from tests.kokoro import tiny_checkpoint
from tests.valle import vallex_checkpoint

CHATTTS = Path(__file__).parent / "goldens" / "chattts"
STYLETTS2_GOLDENS = Path(__file__).parent / "goldens" / "styletts2"
# Reduced models of StyleTTS2, some of which share a list of keys; and those that stand for the published ones.
STYLETTS2_MANIFESTS = {"modules_istftnet": "e2e_tiny_lj", "modules_hifigan": "e2e_tiny_libri"}
STYLETTS2_SMALL = {"ljspeech": "e2e_tiny_lj", "libritts": "e2e_tiny_libri"}
STYLETTS2_COMMITS = {release.repo: release.revision for release in STYLETTS2.releases}
# Of the reference values' model, and of the published one, whose speakers are known.
REDUCED_WIDTH, PUBLISHED_WIDTH = 64, 768
PUBLISHED_HEADS = 12


def chattts_checkpoint(folder: Path, *, width: int = REDUCED_WIDTH) -> Path:
    """A checkpoint of ChatTTS in ``folder``: of the reference values' width, exactly theirs.

    At the published width it has one layer, and seeds and presets have voices; it speaks on to the limit of its text.
    Its tensors are stored in half precision.
    """
    reduced = json.loads((CHATTTS / "reduced_checkpoint.json").read_text(encoding="utf-8"))
    (folder / "asset" / "gpt").mkdir(parents=True)
    for name, manifest in reduced["files"].items():
        if width != REDUCED_WIDTH:
            manifest = {key: entry for key, entry in manifest.items() if not key.startswith(("layers.1.", "layers.2."))}
        state = {key: _tensor(key, _widened(name, entry["shape"], width)) for key, entry in manifest.items()}
        for swap in reduced["swap_rows_after_fill"]:
            if swap["file"] == name and width == REDUCED_WIDTH:
                state[swap["key"]][swap["rows"]] = state[swap["key"]][swap["rows"][::-1]]
        if width != REDUCED_WIDTH:
            state = {key: value.half() for key, value in state.items()}
        save_file(state, folder / name)
    config = reduced["gpt_config_json"]
    if width != REDUCED_WIDTH:
        heads = {"num_attention_heads": PUBLISHED_HEADS, "num_key_value_heads": PUBLISHED_HEADS}
        config |= {"hidden_size": width, "num_hidden_layers": 1, **heads}
    (folder / "asset" / "gpt" / "config.json").write_text(json.dumps(config))
    shutil.copytree(CHATTTS / "tokenizer", folder / "asset" / "tokenizer")
    return folder


def chattts_release(folder: Path) -> tuple[SystemSpec, dict[str, dict[str, bytes | Path]]]:
    """ChatTTS with a small release in place of the published one, and what a hub serves for it.

    The repository, the paths and the terms are the published ones; sizes and hashes are those of the small files.
    """
    folder = chattts_checkpoint(folder / "published", width=PUBLISHED_WIDTH)
    (published,) = SPEC.releases
    paths = {file.path: folder / file.path for file in published.files}
    files = tuple(
        RemoteFile(path=name, size=path.stat().st_size, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        for name, path in paths.items()
    )
    served = {name: path if path.stat().st_size >= LFS_FROM else path.read_bytes() for name, path in paths.items()}
    release = dataclasses.replace(published, files=files)
    return dataclasses.replace(SPEC, releases=(release,)), {published.repo: served}


def vallex_release(folder: Path) -> tuple[SystemSpec, dict[str, dict[str, bytes | Path]]]:
    """VALL-E X with a small model in place of the published one, and what a hub serves: three repositories."""
    folder.mkdir(parents=True)
    vallex_checkpoint(folder, encodec=True)
    (release,) = VALLEX.releases
    served: dict[str, dict[str, bytes | Path]] = {}
    for file in release.files:
        path = folder / file.place
        served.setdefault(file.repo or release.repo, {})[file.path] = (
            path if path.stat().st_size >= LFS_FROM else path.read_bytes()
        )
    return VALLEX, served


def kokoro_release(folder: Path) -> tuple[SystemSpec, dict[str, dict[str, bytes | Path]]]:
    """Kokoro with a small release in place of its first one, of two voices, and what a hub serves for it.

    The hub has no commit but its newest.
    """
    folder = tiny_checkpoint(folder / "published")
    published = KOKORO.releases[0]
    (folder / "voices" / "af_tiny.pt").rename(folder / "voices" / "af_heart.pt")
    shutil.copy(folder / "voices" / "af_heart.pt", folder / "voices" / "bf_emma.pt")
    paths = {file.path: folder / file.path for file in published.files if (folder / file.path).is_file()}
    files = tuple(
        RemoteFile(path=name, size=path.stat().st_size, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        for name, path in paths.items()
    )
    served = {name: path if path.stat().st_size >= LFS_FROM else path.read_bytes() for name, path in paths.items()}
    release = dataclasses.replace(published, files=files, revision="main")
    return dataclasses.replace(KOKORO, releases=(release,)), {published.repo: served}


def vits_release(folder: Path) -> tuple[SystemSpec, dict[str, dict[str, bytes | Path]]]:
    """The VITS family, and what a hub serves for its release vits/ljs-mini-mb.

    The file is of full size and has every published key; its numbers are random.
    """
    release = next(release for release in VITS.releases if release.name == "ljs-mini-mb")
    config = json.loads(release.companions["config.json"].read_text(encoding="utf-8"))
    torch.manual_seed(0)
    model = Vits(parse(config).model, with_posterior=True)
    folder.mkdir(parents=True, exist_ok=True)
    (file,) = release.files
    path = folder / file.path
    torch.save({"model": public_state(model), "iteration": 1, "learning_rate": 2e-4}, path)
    return VITS, {release.repo: {file.path: path}}


def styletts2_arrays(name: str) -> dict[str, torch.Tensor]:
    """The arrays of one file of StyleTTS2's reference values as tensors, by its name without ending."""
    with np.load(STYLETTS2_GOLDENS / f"{name}.npz") as file:
        return {key: torch.from_numpy(file[key]) for key in file.files if file[key].dtype.kind in "fib"}


def styletts2_json(name: str) -> dict:
    """One of their JSON files."""
    return json.loads((STYLETTS2_GOLDENS / f"{name}.json").read_text(encoding="utf-8"))


def styletts2_modules(name: str) -> dict[str, dict[str, torch.Tensor]]:
    """The published modules of a reduced model of StyleTTS2, without ``module.``: name to state dict."""
    overrides = styletts2_arrays(f"{name}_overrides")

    @cache
    def tensor(full: str, shape: tuple[int, ...]) -> torch.Tensor:
        # The denoiser is saved twice, as two names of one tensor.
        full = full.replace("diffusion.unet.", "diffusion.diffusion.net.")
        return overrides[full] if full in overrides else torch.from_numpy(weights.tensor(full, shape))

    return {
        module: {key: tensor(f"{module}.{key}", tuple(entry["shape"])) for key, entry in keys.items()}
        for module, keys in styletts2_json(f"{STYLETTS2_MANIFESTS.get(name, name)}_manifest").items()
    }


def styletts2_checkpoint(repository: Path, name: str, path: str) -> Path:
    """A reduced model of StyleTTS2 at ``path`` in ``repository``, with PL-BERT's numbers; returns its folder."""
    config = styletts2_json(f"{name}_config")
    folder, bert = (repository / path).parent, repository / "Utils" / "PLBERT"
    for place, content in ((folder, {"model_params": config["model_params"]}), (bert, config["plbert"])):
        place.mkdir(parents=True, exist_ok=True)
        (place / "config.yml").write_text(yaml.safe_dump(content, default_flow_style=True), encoding="utf-8")
    net = {
        module: {f"module.{key}": value for key, value in state.items()}
        for module, state in styletts2_modules(name).items()
    }
    torch.save({"net": net}, repository / path)
    return folder


def styletts2_releases(folder: Path) -> tuple[SystemSpec, dict[str, dict[str, bytes | Path]]]:
    """StyleTTS2, and what a hub serves in small for its releases: the published repositories, paths and terms.

    The hub has no other commit than its newest. Besides the published files there are PL-BERT's numbers, which the
    small models need. Of LibriTTS there are two
    recordings, "1221-135767-0014" and "Gavin", of one voice.
    """
    served: dict[str, dict[str, bytes | Path]] = {}
    for release in STYLETTS2.releases:
        repository = folder / release.name
        weights_path = next(file.path for file in release.files if file.path.endswith(".pth"))
        styletts2_checkpoint(repository, STYLETTS2_SMALL[release.name], weights_path)
        if any(file.optional for file in release.files):
            (repository / "reference_audio.zip").write_bytes(_recordings("1221-135767-0014", "Gavin"))
        paths = {file.path: repository / file.path for file in release.files}
        served[release.repo] = {
            name: path if path.stat().st_size >= LFS_FROM else path.read_bytes() for name, path in paths.items()
        }
    return STYLETTS2, served


def _recordings(*names: str) -> bytes:
    """An archive of recordings as it is published."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        for name in names:
            zipped.write(STYLETTS2_GOLDENS / "ref_24k.wav", f"reference_audio/{name}.wav")
            zipped.writestr(f"__MACOSX/reference_audio/._{name}.wav", b"junk")
    return archive.getvalue()


def _widened(name: str, shape: list[int], width: int) -> list[int]:
    """A shape of the reduced model with the width of the transformer, or half of it in the decoder, exchanged."""
    sizes = {
        "asset/gpt/model.safetensors": {REDUCED_WIDTH: width},
        "asset/Embed.safetensors": {REDUCED_WIDTH: width},
        "asset/Decoder.safetensors": {REDUCED_WIDTH // 2: width // 2},
    }
    return [sizes.get(name, {}).get(size, size) for size in shape]


def _tensor(key: str, shape: list[int]) -> torch.Tensor:
    if key.endswith(".window"):
        return torch.hann_window(*shape)
    if key.endswith(".fb"):
        return torchaudio.functional.melscale_fbanks(shape[0], 0.0, 12_000.0, shape[1], 24_000)
    return torch.from_numpy(weights.tensor("coef.running_var" if key == "coef" else key, shape))
