"""The sections ``model``, ``data`` and ``train`` of a codec's configuration as frozen dataclasses. Imports no torch
beyond what `engine.training.sitting` needs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.codecs.encodec_config import EncodecSizes
from engine.codecs.wavtokenizer_config import GROUPS, WavTokenizerSizes
from engine.config_file import check, read_json, whole, wholes
from engine.options import slider, text, toggle
from engine.training.run_file import folder_of, section
from engine.training.sitting import SittingConfig

# The public model of 40 codes a second.
RATIOS = (6, 5, 5, 4)
_KERNEL, _LAST_KERNEL, _RESIDUAL_KERNEL = 7, 7, 3
_MODEL = (
    "n_filters", "dimension", "ratios", "vq_bins", "lstm_layers", "dim", "intermediate_dim", "num_layers",
    "adanorm_num_embeddings",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DataConfig:
    """What to train on."""

    recordings: str = text("", help="A folder of recordings, or a list of them.")
    segment_s: float = slider(3.0, 0.1, 30.0, step=0.1, help="Seconds of each recording in a batch.")
    held_out: int = slider(50, 2, 100_000, step=1, help="Of so many recordings one is measured on, not trained on.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig(SittingConfig):
    """How to train; weights of losses and rates as published."""

    learning_rate: float = slider(2e-4, 1e-7, 1e-1, step=1e-7, help="Step size of both optimisers at the start.")
    batch_size: int = slider(40, 1, 1024, step=1, help="Segments in a batch, on each process.")
    beta2: float = slider(0.999, 0.5, 0.99999, step=1e-5, help="How slowly the optimisers forget squared gradients.")
    max_steps: int = slider(1_000_000, 1, 1_000_000_000, step=1, help="Stop at this step; the rate falls to 0 there.")
    grad_clip: float = slider(
        0.0, 0.0, 1e6, step=0.1, help="The generator's gradients are made no longer than this; 0: as they are."
    )
    c_mel: float = slider(45.0, 0.0, 1e4, step=0.1, help="Weight of the mel spectrogram loss.")
    c_commit: float = slider(1000.0, 0.0, 1e6, step=0.1, help="Weight of the distance to the codebook.")
    c_feature: float = slider(1.0, 0.0, 1e4, step=0.1, help="Weight of the discriminators' features.")
    several_mels: bool = toggle(False, help="Compare spectrograms of three resolutions instead of one.")
    adversarial_from: float = slider(
        0.0, 0.0, 1.0, step=0.01, help="Share of the run that is trained without discriminators, before the rest."
    )
    discriminator_width: float = slider(1.0, 0.05, 4.0, step=0.05, help="Width of the period discriminators.")
    spectrogram_channels: int = slider(32, 1, 256, step=1, help="Channels of the spectrogram discriminators.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A whole configuration, where it lies, and the file as it was."""

    model: WavTokenizerSizes
    data: DataConfig
    train: TrainConfig
    recordings: Path
    folder: Path
    raw: Mapping[str, Any]


def read_run(path: Path) -> Run:
    """The configuration in ``path``. Raises ConfigError, which names the key."""
    raw = read_json(path)
    data, train = section(raw, "data", DataConfig), section(raw, "train", TrainConfig)
    check(data.recordings, "data.recordings is missing: the path of a folder of recordings, or of a list of them")
    path = path.resolve()
    model = _sizes(raw.get("model", {}))
    # The widest spectrogram that is compared reflects the ends of a segment.
    shortest = model.n_fft / 24_000
    check(
        data.segment_s >= shortest,
        "data.segment_s={segment_s} is too short for this codec; give at least {shortest:g}",
        segment_s=data.segment_s,
        shortest=shortest,
    )
    return Run(
        model=model,
        data=data,
        train=train,
        recordings=path.parent / data.recordings,
        folder=folder_of(path, train.folder),
        raw=raw,
    )


def _sizes(raw: Any) -> WavTokenizerSizes:
    check(isinstance(raw, dict), "{name} is no section of keys and values", name="model")
    unknown = sorted(str(key) for key in raw if key not in _MODEL)
    check(not unknown, "{name} has unknown keys: {unknown}", name="model", unknown=", ".join(unknown))
    ratios = wholes(raw.get("ratios", list(RATIOS)), "ratios", most=64)
    check(min(ratios) > 1, "ratios={ratios} has a number below 2", ratios=list(ratios))
    hidden = whole(raw, "dim", 768, least=GROUPS)
    check(
        hidden % GROUPS == 0,
        "dim={hidden} is no multiple of {groups}, in which the channels are normalised",
        hidden=hidden,
        groups=GROUPS,
    )
    return WavTokenizerSizes(
        encoder=EncodecSizes(
            n_filters=whole(raw, "n_filters", 32, least=2),
            width=whole(raw, "dimension", 512, least=1),
            ratios=ratios,
            n_codebooks=1,
            codebook_size=whole(raw, "vq_bins", 4096, least=2),
            kernel=_KERNEL,
            last_kernel=_LAST_KERNEL,
            residual_kernel=_RESIDUAL_KERNEL,
            n_lstm_layers=whole(raw, "lstm_layers", 2, least=1),
        ),
        hidden=hidden,
        intermediate=whole(raw, "intermediate_dim", 3 * hidden, least=1),
        n_layers=whole(raw, "num_layers", 12, least=1),
        n_bandwidths=whole(raw, "adanorm_num_embeddings", 4, least=1),
        n_fft=4 * math.prod(ratios),
    )
