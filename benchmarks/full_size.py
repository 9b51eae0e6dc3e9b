"""Checkpoints of the published sizes with random weights, in the public layouts.

The lists of keys and shapes are those that the tests keep. What they speak is noise, at the pace of speech.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchaudio
import yaml
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from tests.goldens import weights

GOLDENS = Path(__file__).parents[1] / "tests" / "goldens"
# What ChatTTS's transformer is, and which list of keys each of its files has.
GPT = {"num_attention_heads": 12, "num_key_value_heads": 12, "hidden_size": 768, "intermediate_size": 3072}
CHATTTS = {
    "asset/gpt/model.safetensors": "gpt", "asset/Embed.safetensors": "embed", "asset/Decoder.safetensors": "decoder",
    "asset/DVAE.safetensors": "dvae", "asset/Vocos.safetensors": "vocos",
}  # fmt: skip
STYLETTS2 = (
    "bert", "bert_encoder", "decoder", "diffusion", "predictor", "predictor_encoder", "style_encoder", "text_encoder",
)  # fmt: skip
# Frames of 25 ms that a phoneme takes: about as long as in speech.
FRAMES = 4
VALLEX = {
    "d_model": 1024, "nhead": 16, "num_layers": 12, "norm_first": True, "add_prenet": False, "prefix_mode": 1,
    "share_embedding": True, "nar_scale_factor": 1.0, "prepend_bos": True, "num_quantizers": 8,
}  # fmt: skip
VOCOS_BACKBONE = {"input_channels": 128, "dim": 384, "intermediate_dim": 1152, "num_layers": 8}
VOCOS_HEAD = {"dim": 384, "n_fft": 1280, "hop_length": 320, "padding": "same"}


def chattts(folder: Path) -> Path:
    """ChatTTS, in ``folder``, which is returned."""
    (folder / "asset" / "gpt").mkdir(parents=True)
    for file, name in CHATTTS.items():
        save_file(_filled(_read(f"chattts/manifest_{name}")), folder / file)
    config = _read("chattts/reduced_checkpoint")["gpt_config_json"] | GPT | {"num_hidden_layers": 20}
    (folder / "asset" / "gpt" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    shutil.copytree(GOLDENS / "chattts" / "tokenizer", folder / "asset" / "tokenizer")
    return folder


def ljspeech(folder: Path) -> Path:
    """StyleTTS 2 with one speaker."""
    return _styletts2(folder, "ljspeech")


def libritts(folder: Path) -> Path:
    """StyleTTS 2 with many speakers, and a recording of one."""
    made = _styletts2(folder, "libritts")
    (made / "reference_audio").mkdir()
    shutil.copy(GOLDENS / "styletts2" / "ref_24k.wav", made / "reference_audio" / "Gavin.wav")
    return made


def vallex(folder: Path) -> Path:
    """VALL-E X with its Vocos, and a preset ``golden`` of the tests."""
    state = _filled(_read("valle/manifest_vallex_checkpoint"))
    for book in range(VALLEX["num_quantizers"] - 2):
        # Tied, as they are published.
        state[f"nar_audio_embeddings.{book + 2}.word_embeddings.weight"] = state[f"nar_predict_layers.{book}.weight"]
    (folder / "presets").mkdir(parents=True)
    torch.save({"model": state, **VALLEX}, folder / "vallex-checkpoint.pt")
    keys = {"audio_tokens": "prompt_audio_tokens", "text_tokens": "prompt_text_tokens", "lang_code": "prompt_lang_code"}
    with np.load(GOLDENS / "valle" / "e2e_vallex.npz") as golden:
        np.savez(folder / "presets" / "golden.npz", **{key: golden[name] for key, name in keys.items()})
    _vocos(folder / "vocos")
    return folder


WRITERS: Mapping[str, Callable[[Path], Path]] = {
    "chattts": chattts,
    "ljspeech": ljspeech,
    "libritts": libritts,
    "vallex": vallex,
}


def _styletts2(folder: Path, name: str) -> Path:
    net = {}
    for module in STYLETTS2:
        kind = f"{module}_{name}" if module in ("decoder", "diffusion") else module
        net[module] = _filled(_read(f"styletts2/manifest_{kind}"), f"{module}.")
    duration = net["predictor"]["duration_proj.linear_layer.bias"]
    duration.fill_(-4.0)[:FRAMES] = 4.0
    bert = folder / "Utils" / "PLBERT"
    for place, source in ((folder, f"config_{name}"), (bert, "config_plbert")):
        place.mkdir(parents=True, exist_ok=True)
        (place / "config.yml").write_text(yaml.safe_dump(_read(f"styletts2/{source}")), encoding="utf-8")
    torch.save({"net": net}, folder / "epoch_2nd_00100.pth")
    return folder


def _vocos(folder: Path) -> None:
    folder.mkdir()
    state = _filled(_read("valle/manifest_vocos_encodec_24khz"))
    torch.save(state, folder / "pytorch_model.bin")
    raw = {
        "feature_extractor": {
            "class_path": "vocos.feature_extractors.EncodecFeatures",
            "init_args": {"encodec_model": "encodec_24khz", "bandwidths": [1.5, 3.0, 6.0, 12.0]},
        },
        "backbone": {
            "class_path": "vocos.models.VocosBackbone",
            "init_args": VOCOS_BACKBONE | {"adanorm_num_embeddings": 4},
        },
        "head": {"class_path": "vocos.heads.ISTFTHead", "init_args": VOCOS_HEAD},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")


def _read(name: str) -> Any:
    return json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))


def _filled(manifest: Mapping[str, Mapping[str, Any]], prefix: str = "") -> dict[str, Tensor]:
    state = {key: _tensor(prefix + key, entry["shape"], entry["dtype"]) for key, entry in manifest.items()}
    for name in [key.removesuffix("_orig") for key in state if key.endswith(".weight_orig")]:
        # Those that spectral norm has found after some training, or what it divides by is nearly nothing.
        weight = state[f"{name}_orig"].flatten(1)
        v = F.normalize(weight.T @ (weight @ state[f"{name}_v"]), dim=0)
        state[f"{name}_u"], state[f"{name}_v"] = F.normalize(weight @ v, dim=0), v
    return state


def _tensor(key: str, shape: list[int], dtype: str) -> Tensor:
    if dtype != "float32":
        return torch.zeros(shape, dtype=getattr(torch, dtype))
    if key.endswith(".window"):
        return torch.hann_window(*shape)
    if key.endswith(".fb"):
        return torchaudio.functional.melscale_fbanks(shape[0], 0.0, 12_000.0, shape[1], 24_000)
    return torch.from_numpy(weights.tensor("coef.running_var" if key == "coef" else key, shape))
