"""Published checkpoints in small: the layout and the file names of a release, with few weights. For the tests' hub.

spec, repositories = chattts_release(tmp_path)
with FakeHub(repositories) as hub:
    ...  # the spec's release chattts/chattts is downloaded from hub.url, held to its hashes, and speaks
"""

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path

import torch
import torchaudio
from safetensors.torch import save_file

from engine.release import RemoteFile
from engine.system import SystemSpec
from engine.systems.chattts import SPEC
from tests.goldens import weights
from tests.hub_server import LFS_FROM

CHATTTS = Path(__file__).parent / "goldens" / "chattts"
# Of the reference values' model, and of the published one, whose speakers are known.
REDUCED_WIDTH, PUBLISHED_WIDTH = 64, 768
PUBLISHED_HEADS = 12


def chattts_checkpoint(folder: Path, *, width: int = REDUCED_WIDTH) -> Path:
    """A checkpoint of ChatTTS in ``folder``: of the reference values' width, exactly theirs.

    At the published width seeds and presets have voices; it speaks on to the limit of its text. Its tensors are stored
    in half precision.
    """
    reduced = json.loads((CHATTTS / "reduced_checkpoint.json").read_text(encoding="utf-8"))
    (folder / "asset" / "gpt").mkdir(parents=True)
    for name, manifest in reduced["files"].items():
        state = {key: _tensor(key, _widened(name, entry["shape"], width)) for key, entry in manifest.items()}
        for swap in reduced["swap_rows_after_fill"]:
            if swap["file"] == name and width == REDUCED_WIDTH:
                state[swap["key"]][swap["rows"]] = state[swap["key"]][swap["rows"][::-1]]
        if width != REDUCED_WIDTH:
            state = {key: value.half() for key, value in state.items()}
        save_file(state, folder / name)
    config = reduced["gpt_config_json"]
    if width != REDUCED_WIDTH:
        config |= {"hidden_size": width, "num_attention_heads": PUBLISHED_HEADS, "num_key_value_heads": PUBLISHED_HEADS}
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
