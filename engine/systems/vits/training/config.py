"""The ``train`` and ``data`` sections of a config.json as frozen dataclasses. Imports no torch."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.config_file import check, flag, number, read_json, whole, wholes
from engine.errors import ConfigError, OptionError
from engine.options import choice, declared, parse, slider, text, toggle
from engine.systems.vits.config import Config, DecoderKind
from engine.systems.vits.config import parse as parse_model_config

# They stand in public configurations and change nothing.
IGNORED = frozenset({"init_lr_ratio", "warmup_epochs", "window"})

FOREVER = 1_000_000_000
# Frames at which the buckets of batches begin and end, as published.
BOUNDARIES = (32, 300, 400, 500, 600, 700, 800, 900, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """How to train. The public keys have their public names and defaults; the rest is ours."""

    learning_rate: float = slider(2e-4, 1e-6, 1e-2, step=1e-6, help="Step size of the optimiser at the start.")
    lr_decay: float = slider(0.999875, 0.5, 1.0, step=1e-6, help="Factor on the learning rate after each epoch.")
    batch_size: int = slider(
        64, 1, 1024, step=1, help="Utterances in a batch, on each process. Smaller needs less memory."
    )
    segment_size: int = slider(
        8192, 256, 131_072, step=256, help="Samples decoded of each utterance; a multiple of the hop."
    )
    epochs: int = slider(20_000, 1, FOREVER, step=1, help="Stop after so many passes over the data.")
    seed: int = slider(1234, 0, 2**31 - 1, step=1, help="Equal seeds give equal runs.")
    c_mel: float = slider(45.0, 0.0, 1000.0, step=0.1, help="Weight of the mel spectrogram loss.")
    c_kl: float = slider(1.0, 0.0, 1000.0, step=0.1, help="Weight of the prior's loss.")
    log_interval: int = slider(200, 1, FOREVER, step=1, help="Steps between two lines of metrics.")
    eval_interval: int = slider(
        1000, 1, FOREVER, step=1, help="Steps between two evaluations with samples, each saved."
    )
    betas: tuple[float, float] = (0.8, 0.99)
    eps: float = 1e-9
    fft_sizes: tuple[int, ...] = (384, 683, 171)
    hop_sizes: tuple[int, ...] = (30, 60, 10)
    win_lengths: tuple[int, ...] = (150, 300, 60)

    folder: str = text("", help="Where the run is kept. Empty: beside the configuration, under its name.")
    continue_from: str = text("", help="A checkpoint, or a folder of them, to begin from when the run is new.")
    max_steps: int = slider(
        FOREVER, 0, FOREVER, step=1, help="Stop at this step, counted over the whole life of the run."
    )
    max_minutes: float = slider(1e6, 0.0, 1e6, step=0.1, help="Save and stop after so many minutes of this sitting.")
    save_minutes: float = slider(10.0, 0.05, 1e6, step=0.05, help="Save at least so often: what a kill can cost.")
    keep: int = slider(3, 1, 1000, step=1, help="Checkpoints kept; older ones are deleted.")
    device: str = choice("auto", ("auto", "cpu", "cuda", "mps"), help="Where to train.")
    precision: str = choice(
        "float32", ("float32", "bfloat16", "float16"), help="Arithmetic of the networks; losses are float32."
    )
    processes: int = slider(1, 1, 64, step=1, help="Processes on this machine, each with a share of every epoch.")
    workers: int = slider(0, 0, 16, step=1, help="Processes that read data; 0 reads in the training process.")
    threads: int = slider(0, 0, 256, step=1, help="CPU threads of each process; 0 leaves the choice to torch.")
    in_memory: bool = toggle(False, help="Keep recordings and spectrograms in memory once read; needs workers=0.")
    adversarial_after: int = slider(0, 0, FOREVER, step=1, help="Train without discriminators up to this step.")
    discriminator_interval: int = slider(
        1, 1, 100, step=1, help="Steps of the generator for one of the discriminators."
    )
    discriminator_width: float = slider(
        1.0, 0.05, 4.0, step=0.05, help="Width of scale and period networks; 1 is published."
    )
    discriminator_scale: bool = toggle(True, help="Use the scale discriminator.")
    discriminator_norm: str = choice(
        "weight", ("weight", "spectral"), help="Normalisation of the discriminators' weights."
    )
    spectrogram_channels: int = slider(8, 1, 256, step=1, help="Channels of the spectrogram discriminators.")
    discriminator_periods: tuple[int, ...] = (2, 3, 5, 7, 11)
    spectrogram_ffts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataConfig:
    """What to train on. Relative paths begin at the configuration's folder; recordings' at ``root``.

    ``text_lengths`` bounds the characters of a text, ``boundaries`` are those of the buckets, in frames.
    """

    training_files: Path
    validation_files: Path | None
    root: Path
    cache: Path | None
    cleaned_text: bool
    text_lengths: tuple[int, int]
    boundaries: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A whole configuration: the network with its sound and text, the data, how to train, and the file as it was."""

    model: Config
    data: DataConfig
    train: TrainConfig
    base: Path
    folder: Path
    raw: Mapping[str, Any]

    def published(self) -> dict[str, Any]:
        """What goes beside the checkpoints as config.json: the file with the list of symbols, so that ids keep sense.

        Inside the run's folder every path is absolute, so the run can be continued with that file too.
        """
        data = {
            "training_files": str(self.data.training_files),
            "validation_files": str(self.data.validation_files or ""),
            "root": str(self.data.root),
            "spectrogram_cache": str(self.data.cache or ""),
        }
        train = {
            key: value for key, value in self.raw.get("train", {}).items() if key not in ("folder", "continue_from")
        }
        return {
            **self.raw,
            "train": train,
            "data": {**self.raw["data"], **data},
            "symbols": list(self.model.text.symbols),
        }


def read_run(path: Path) -> Run:
    """The configuration in ``path``. Raises ConfigError, which names the key."""
    raw = read_json(path)
    model = parse_model_config(raw, path.name)
    train_raw = raw.get("train", {})
    if not isinstance(train_raw, dict):
        raise ConfigError("train is no section of keys and values")
    train = _train_config(train_raw, spectral=bool(raw["model"].get("use_spectral_norm")))
    hop = model.audio.hop_length
    if train.segment_size % hop:
        raise ConfigError(
            "train.segment_size={segment_size} is not a multiple of data.hop_length={hop}",
            segment_size=train.segment_size,
            hop=hop,
        )
    _check_segment(train, model)
    path = path.resolve()
    # A configuration inside a run's folder continues that run.
    own = path.parent if path.name == "config.json" else path.parent / path.stem
    folder = path.parent / train.folder if train.folder else own
    data = _data_config(raw["data"], path.parent, folder)
    return Run(model=model, data=data, train=train, base=path.parent, folder=folder, raw=raw)


def _check_segment(train: TrainConfig, config: Config) -> None:
    """The analyses of a segment reflect its ends, so it must be longer than half of each."""
    shortest = (config.audio.filter_length - config.audio.hop_length) // 2 + 1
    if config.model.decoder is DecoderKind.MULTI_BAND:
        shortest = max(shortest, config.model.subbands * (max(train.fft_sizes) // 2 + 1))
    if train.segment_size < shortest:
        raise ConfigError(
            "train.segment_size={segment_size} is too short: {shortest} samples are needed",
            segment_size=train.segment_size,
            shortest=shortest,
        )


def _train_config(raw: Mapping[str, Any], *, spectral: bool) -> TrainConfig:
    values = {key: value for key, value in raw.items() if key not in IGNORED}
    if values.pop("fp16_run", False):
        values.setdefault("precision", "float16")
    if spectral:
        values.setdefault("discriminator_norm", "spectral")
    controlled = {option.name for option in declared(TrainConfig)}
    plain = {field.name: field for field in dataclasses.fields(TrainConfig) if field.name not in controlled}
    unknown = sorted(values.keys() - controlled - plain.keys())
    if unknown:
        raise ConfigError("train has unknown keys: {unknown}", unknown=", ".join(unknown))
    try:
        config = parse(TrainConfig, {key: value for key, value in values.items() if key in controlled})
    except OptionError as error:
        raise ConfigError("train: {error}", error=error) from error
    return dataclasses.replace(config, **{k: _like(k, values[k], f.default) for k, f in plain.items() if k in values})


def _like(key: str, value: Any, default: Any) -> Any:
    """``value`` as a number, or a tuple of numbers, like ``default``."""
    name = f"train.{key}"
    if isinstance(default, float):
        return number({name: value}, name, above=0)
    kind = float if key == "betas" else int
    valid = isinstance(value, list) and all(isinstance(n, int | kind) and n > 0 for n in value)
    check(valid, "{name}={value!r} is no list of positive numbers", name=name, value=value)
    if key in ("betas", "fft_sizes", "hop_sizes", "win_lengths"):
        check(
            len(value) == len(default),
            "{name} has {count} numbers; {wanted} are needed",
            name=name,
            count=len(value),
            wanted=len(default),
        )
    return tuple(kind(n) for n in value)


def _data_config(raw: Mapping[str, Any], base: Path, folder: Path) -> DataConfig:
    named = isinstance(raw.get("training_files"), str)
    check(named, "data.training_files is missing: the path of a list of recordings and texts")
    validation = raw.get("validation_files")
    cache = raw.get("spectrogram_cache", str(folder / "spectrograms"))
    try:
        boundaries = wholes(raw.get("boundaries", list(BOUNDARIES)), "boundaries")
        rising = len(boundaries) > 1 and list(boundaries) == sorted(set(boundaries))
        check(rising, "boundaries={boundaries} is no list of rising frame counts", boundaries=list(boundaries))
        return DataConfig(
            training_files=base / raw["training_files"],
            validation_files=base / validation if validation else None,
            root=base / raw.get("root", "."),
            cache=base / cache if cache else None,
            cleaned_text=flag(raw, "cleaned_text", False),
            text_lengths=(whole(raw, "min_text_len", 1), whole(raw, "max_text_len", 190)),
            boundaries=boundaries,
        )
    except (TypeError, ConfigError) as error:
        raise ConfigError("data: {error}", error=error) from None
