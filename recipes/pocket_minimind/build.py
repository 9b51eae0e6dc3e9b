"""From nothing to the folder that ships: the stages in their order, each resumed where it was left.

The bundled voice says sentences; a small codec learns to code them; a small language model learns the codes of their
phonemes. docs/minimind-training.md#the-pocket-weights says how long that takes where.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.codecs.training.train import DESCRIPTION, WEIGHTS
from engine.events import Progress
from engine.systems.minimind.files import OUT, locate
from engine.systems.minimind.training.config import read_run
from engine.systems.minimind.training.train import train
from engine.training.checkpoint import save
from engine.weights import read_checkpoint
from recipes.bundled_voice.corpus import texts
from recipes.pocket_minimind.corpus import speak

TARGET = Path(__file__).parents[2] / "assets" / "voices" / "minimind"
# Together they take so many bytes at most.
MOST_BYTES = 24_000_000
# 40 codes a second, 5.7 million numbers.
CODEC = {
    "n_filters": 16, "dimension": 64, "ratios": [6, 5, 5, 4], "vq_bins": 2048, "lstm_layers": 2, "dim": 224,
    "intermediate_dim": 672, "num_layers": 6, "adanorm_num_embeddings": 1,
}  # fmt: skip
# 5.5 million numbers. A sentence of 160 characters takes 12 s, which are 480 codes and as many ids at most.
LANGUAGE_MODEL = {
    "dim": 256, "n_layers": 6, "n_heads": 4, "n_kv_heads": 2, "hidden_dim": 704, "max_seq_len": 1024, "dropout": 0.1,
    "vocabulary": "phonemes",
}  # fmt: skip
# How the model is best drawn from, beside it for the options to begin with.
SAMPLING = {"temperature": 0.7, "top_k": 25, "repetition_penalty": 1.1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much of everything. The defaults are of a machine with two cores and take seven hours there."""

    sentences: int = 8_000
    seed: int = 1
    processes: int = 2
    device: str = "auto"
    precision: str = "float32"
    codec_minutes: float = 180.0
    codec_batch: int = 12
    lm_minutes: float = 180.0
    lm_batch: int = 24


def make(work: Path, target: Path, plan: Plan = Plan()) -> Iterator[Progress]:
    """Make the weights: intermediate files under ``work``, the result under ``target``."""
    work.mkdir(parents=True, exist_ok=True)
    yield from speak(texts(plan.sentences, plan.seed), work / "corpus", plan.processes)
    yield from train(codec_config(work, plan))
    codec = halved(work / "codec" / WEIGHTS, work / "half")
    config = language_model_config(work, plan, codec)
    yield from train(config)
    write(config, target)
    yield Progress(done=1, total=1, label=f"written to {target}")


def codec_config(work: Path, plan: Plan) -> Path:
    """Write the configuration of the codec's run; for a third of the time it learns without discriminators."""
    train = {
        "learning_rate": 5e-4, "beta2": 0.99, "grad_clip": 1000.0, "several_mels": True, "c_commit": 10.0,
        "adversarial_from": 0.33, "discriminator_width": 0.15, "spectrogram_channels": 4,
        "batch_size": plan.codec_batch, "total_minutes": plan.codec_minutes, "log_interval": 20, "eval_interval": 1000,
    }  # fmt: skip
    data = {"recordings": "corpus", "segment_s": 1.0}
    return _written(work / "codec.json", {"kind": "codec", "model": CODEC, "data": data, "train": train}, plan)


def language_model_config(work: Path, plan: Plan, codec: Path) -> Path:
    """Write the configuration of the language model's run. Some items are pairs, so that long texts are heard, too."""
    train = {
        "learning_rate": 1e-3, "warmup_iters": 200, "beta2": 0.98, "weight_decay": 0.05, "pairs": 0.3,
        "batch_size": plan.lm_batch, "accumulation_steps": 1, "epochs": 100_000, "total_minutes": plan.lm_minutes,
        "log_interval": 20, "eval_interval": 1000,
    }  # fmt: skip
    data = {"recordings": "corpus", "codec": str(codec.resolve()), "processes": plan.processes, "held_out": 100}
    return _written(work / "lm.json", {"kind": "lm", "model": LANGUAGE_MODEL, "data": data, "train": train}, plan)


def _written(path: Path, raw: dict, plan: Plan) -> Path:
    where = {"device": plan.device, "precision": plan.precision, "seed": plan.seed}
    path.write_text(
        json.dumps({"system": "minimind", **raw, "train": raw["train"] | where}, indent=1) + "\n", encoding="utf-8"
    )
    return path


def halved(trained: Path, folder: Path) -> Path:
    """The codec in float16, without what only training needs: what is shipped, and what codes are made with.

    It is made anew only when ``trained`` is newer: codes that were made with it stay good.
    """
    half = folder / WEIGHTS
    if half.exists() and half.stat().st_mtime_ns >= trained.stat().st_mtime_ns:
        return half
    state = read_checkpoint(trained)["state_dict"]
    save(half, {"state_dict": {key: value.half() for key, value in state.items() if not key.endswith(_TRAINING)}})
    (folder / DESCRIPTION).write_bytes(trained.with_name(DESCRIPTION).read_bytes())
    return half


_TRAINING = ("._codebook.embed_avg", "._codebook.cluster_size", "._codebook.inited")


def write(config: Path, target: Path) -> None:
    """Write what was trained to ``target``, in float16: the language model with its JSON, and the codec."""
    run = read_run(config)
    trained = locate(run.folder)
    state = read_checkpoint(trained.weights)
    path = target / OUT / trained.weights.name
    save(path, {key: value.half() for key, value in state.items()})
    told = trained.told() | {"sampling": SAMPLING}
    path.with_suffix(".json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for name in (WEIGHTS, DESCRIPTION):
        (target / name).write_bytes(run.codec.with_name(name).read_bytes())
