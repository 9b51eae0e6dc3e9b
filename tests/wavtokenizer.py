"""Small WavTokenizers in both public layouts, filled with the weights of the goldens."""

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tests.goldens import weights

FOLDER = Path(__file__).parent / "goldens" / "minimind"
FAMILIES = ("codec40", "codec75")


def read(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def arrays(name):
    with np.load(FOLDER / f"{name}.npz") as held:
        return {key: torch.from_numpy(held[key]) for key in held.files}


def filled(manifest, prefix=""):
    """The tensors of a manifest by their published names."""
    return {prefix + key: _filled(key, each["shape"]) for key, each in manifest.items()}


def _filled(key, shape):
    if key.endswith("istft.window"):
        return torch.hann_window(shape[0])
    if key.endswith("_codebook.inited"):
        return torch.ones(shape)
    return torch.from_numpy(weights.tensor(key, shape))


def wavtokenizer_state(family="codec75") -> dict[str, Tensor]:
    return filled(read(f"{family}_manifest"))


def lightning_file(folder, family="codec75", state=None, name="WavTokenizer.ckpt"):
    """A file as Lightning 1.8 writes it, with all that training needs and nobody reads."""
    state = wavtokenizer_state(family) if state is None else state
    unread = torch.full((3,), float("nan"))
    names = ("multiperioddisc.discriminators.0.convs.0.bias", "multiresddisc.a", "dac.b", "dacdiscriminator.c")
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(
        {
            "epoch": 3,
            "global_step": 24_000,
            "pytorch-lightning_version": "1.8.6",
            "state_dict": state | dict.fromkeys((*names, "melspec_loss.mel_spec.spectrogram.window"), unread),
            "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 4}}}},
            "callbacks": {"ModelCheckpoint{'monitor': 'val_loss'}": {"best_model_score": torch.tensor(3.2)}},
            "optimizer_states": [{"state": {0: {"exp_avg": unread}}, "param_groups": [{"lr": 2e-4, "params": [0]}]}],
            "lr_schedulers": [{"last_epoch": 24_000, "_last_lr": [1e-4]}],
            "hparams_name": "kwargs",
            "hyper_parameters": {"sample_rate": 24_000, "initial_learning_rate": 2e-4},
        },
        folder / name,
    )
    return folder / name


def yaml_of(family="codec75"):
    """The public YAML of a family with the small one's sizes."""
    raw, small = read("config_wavtokenizer_public")["frame" + family[-2:]], read(f"{family}_config")
    model = raw["model"]["init_args"]
    model["feature_extractor"]["init_args"] |= {"vq_bins": small["vq_bins"]}
    model["backbone"]["init_args"] |= {
        "input_channels": small["dimension"],
        "dim": small["dim"],
        "intermediate_dim": small["intermediate_dim"],
        "num_layers": small["num_layers"],
    }
    return raw


def ported(state):
    """The same tensors under the names of the port to safetensors, which leaves out what can be reckoned."""
    renamed = {}
    for key, value in state.items():
        if "encodec.decoder." in key or key == "head.istft.window":
            continue
        for theirs, its in (
            ("feature_extractor.encodec.encoder.model.", "encoder_model.encoder.layers."),
            ("feature_extractor.encodec.quantizer.vq.layers.0._codebook.", "encoder_model.quantizer.codebook."),
            (".conv.conv.weight_g", ".conv.parametrizations.weight.original0"),
            (".conv.conv.weight_v", ".conv.parametrizations.weight.original1"),
            (".conv.conv.bias", ".conv.bias"),
            ("head.out.", "head.linear."),
        ):
            key = key.replace(theirs, its)
        renamed[key] = value.contiguous()
    return renamed
