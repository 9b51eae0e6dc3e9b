"""Published layouts of VALL-E's codecs and checkpoints in small, filled with the goldens' weights."""

import json
import shutil
from functools import cache
from pathlib import Path, PosixPath

import numpy as np
import torch
import yaml
from safetensors.torch import save_file
from torch import Tensor

from tests.goldens import weights

GOLDENS = Path(__file__).parent / "goldens" / "valle"


def read(name: str) -> dict:
    """A JSON file of the goldens."""
    return json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))


@cache
def arrays(name: str) -> dict[str, Tensor]:
    """The arrays of one file as tensors, codes as int64; texts are left out."""
    with np.load(GOLDENS / f"{name}.npz") as held:
        found = {key: held[key] for key in held.files if held[key].dtype.kind != "U"}
    return {
        key: torch.from_numpy(value.astype("int64") if value.dtype == "int16" else value)
        for key, value in found.items()
    }


def filled(manifest: dict) -> dict[str, Tensor]:
    """The goldens' weights for a list of keys. Tied tensors have the numbers of the layer that predicts."""
    return {
        key: torch.from_numpy(weights.tensor(key, each["shape"]))
        if each["dtype"] == "float32"
        else torch.zeros(each["shape"], dtype=getattr(torch, each["dtype"]))
        for key, each in manifest.items()
    }


def encodec_state() -> dict[str, Tensor]:
    """The reduced EnCodec in the names of the package."""
    return filled(read("encodec.manifest"))


def encodec_file(folder: Path) -> Path:
    """The reduced EnCodec as the package's file."""
    path = folder / "encodec_24khz-small.th"
    torch.save(encodec_state(), path)
    return path


def encodec_folder(folder: Path, *, older_names: bool = False, binary: bool = False) -> Path:
    """The reduced EnCodec in transformers' layout; ``older_names`` are those of weight norm before torch 2."""
    keymap, config = read("encodec_keymap_pkg_to_transformers"), read("encodec.config")
    state = {keymap[key]: value for key, value in encodec_state().items()}
    if older_names:
        state = {
            key.replace("parametrizations.weight.original0", "weight_g").replace(
                "parametrizations.weight.original1", "weight_v"
            ): value
            for key, value in state.items()
        }
    folder.mkdir(parents=True, exist_ok=True)
    if binary:
        torch.save(state, folder / "pytorch_model.bin")
    else:
        save_file(state, folder / "model.safetensors")
    raw = {key: value for key, value in config.items() if key not in ("salt", "bandwidth")}
    (folder / "config.json").write_text(json.dumps({"model_type": "encodec", **raw}), encoding="utf-8")
    return folder


def vocos_state() -> dict[str, Tensor]:
    """The reduced Vocos in its published names."""
    state = filled(read("vocos.manifest"))
    state["head.istft.window"] = torch.hann_window(len(state["head.istft.window"]))
    return state


def vocos_folder(folder: Path, state: dict[str, Tensor] | None = None) -> Path:
    """The reduced Vocos in its published layout."""
    config = read("vocos.config")
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(state or vocos_state(), folder / "pytorch_model.bin")
    backbone = {name: config[name] for name in ("input_channels", "dim", "intermediate_dim", "num_layers")}
    head = {name: config[name] for name in ("dim", "n_fft", "hop_length", "padding")}
    raw = {
        "feature_extractor": {
            "class_path": "vocos.feature_extractors.EncodecFeatures",
            "init_args": {"encodec_model": "encodec_24khz", "bandwidths": [1.5, 3.0, 6.0, 12.0]},
        },
        "backbone": {"class_path": "vocos.models.VocosBackbone", "init_args": backbone | {"adanorm_num_embeddings": 4}},
        "head": {"class_path": "vocos.heads.ISTFTHead", "init_args": head},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    return folder


def model_state(name: str) -> dict[str, Tensor]:
    """The weights of a reduced model. Where embeddings are tied to heads, both have the numbers of the head."""
    manifest, config = read(f"{name}.manifest"), read(f"{name}.config")
    config = config.get("checkpoint_top_level", config.get("model", config))
    state = filled(manifest)
    if config["share_embedding"]:
        for book in range(config["num_quantizers"] - 2):
            head = state[f"nar_predict_layers.{book}.weight"]
            state[f"nar_audio_embeddings.{book + 2}.word_embeddings.weight"] = head
    return state


# What a training leaves beside the weights: paths, and states that nobody needs.
BOOKKEEPING = {
    "model_avg": None,
    "optimizer": {"state": {}, "param_groups": [{"lr": 0.05}]},
    "scheduler": None,
    "grad_scaler": None,
    "sampler": None,
    "text_tokens": "data/tokenized/unique_text_tokens.k2symbols",
    "exp_dir": PosixPath("exp/valle"),
    "manifest_dir": PosixPath("data/tokenized"),
    "env_info": {"torch-version": "2.0.1"},
    "best_train_loss": 1.25,
    "cur_epoch": 100,
}


def valle_checkpoint(folder: Path, name: str = "e2e_valle", *, encodec: str = "package") -> Path:
    """A folder as a user of VALL-E has it, with a reduced model; ``encodec`` "package", "transformers" or ""."""
    config = read(f"{name}.config")
    told = config.get("checkpoint_top_level", config)
    torch.save({"model": model_state(name), **BOOKKEEPING, **told}, folder / "epoch-100.pt")
    shutil.copy(GOLDENS / "unique_text_tokens.k2symbols", folder)
    if encodec == "package":
        encodec_file(folder)
    elif encodec:
        encodec_folder(folder / "encodec")
    return folder


def vallex_checkpoint(folder: Path, *, nested: bool = False, vocos: bool = True, encodec: bool = False) -> Path:
    """A folder in the public layout of VALL-E X, with the reduced model and a preset ``golden``."""
    config, golden = read("e2e_vallex.config"), arrays("e2e_vallex")
    place = folder / "checkpoints" if nested else folder
    place.mkdir(parents=True, exist_ok=True)
    (folder / "presets").mkdir()
    torch.save({"model": model_state("e2e_vallex"), **BOOKKEEPING, **config["model"]}, place / "vallex-checkpoint.pt")
    keys = {"audio_tokens": "prompt_audio_tokens", "text_tokens": "prompt_text_tokens", "lang_code": "prompt_lang_code"}
    np.savez(folder / "presets" / "golden.npz", **{key: golden[name].numpy() for key, name in keys.items()})
    if vocos:
        vocos_folder(folder / "vocos")
    if encodec:
        encodec_folder(folder / "encodec")
    return folder
