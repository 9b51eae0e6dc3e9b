"""The sections ``model``, ``data`` and ``train`` of a configuration as frozen dataclasses."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.config_file import check, flag, number, read_json, whole
from engine.options import slider, text, toggle
from engine.systems.minimind.config import NORM_EPS, POSITIONS, ExpertsConfig, LMConfig, mixture
from engine.systems.minimind.vocabulary import BYTES, ENGLISH, PHONEMES, PHONES, Phones, Vocabulary, of, told
from engine.training.run_file import folder_of, section
from engine.training.sitting import SittingConfig

# What a configuration trains: the language model, or the codec whose codes it speaks with.
LANGUAGE_MODEL, CODEC = "lm", "codec"
# The released code's.
WIDTH, LAYERS, HEADS, KV_HEADS, MULTIPLE, EXPERTS = 768, 16, 16, 8, 64, 4
_MODEL = (
    "dim", "n_layers", "n_heads", "n_kv_heads", "vocab_size", "speechcab_size", "hidden_dim", "multiple_of", "norm_eps",
    "max_seq_len", "dropout", "use_moe", "num_experts_per_tok", "n_routed_experts", "n_shared_experts",
    "norm_topk_prob", "vocabulary", "symbols",
    # They stand in the released configuration and change nothing.
    "flash_attn", "scoring_func", "aux_loss_alpha", "seq_aux",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DataConfig:
    """What to train on. Paths begin at the configuration's folder."""

    recordings: str = text("", help="A folder of recordings with transcripts, or a list of them.")
    codec: str = text("", help="The WavTokenizer whose codes are spoken with.")
    prepared: str = text("", help="Where codes are kept. Empty: in the run's folder.")
    processes: int = slider(1, 1, 256, step=1, help="Processes that make the codes, on as many devices as there are.")
    normalize: bool = toggle(True, help="Write out numbers and abbreviations, as is done when the model speaks.")
    held_out: int = slider(50, 2, 100_000, step=1, help="Of so many recordings one is measured on, not trained on.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig(SittingConfig):
    """How to train, in the released trainer's names and defaults where it has them; a step is its micro-step."""

    epochs: int = slider(20, 1, 1_000_000, step=1, help="Stop after so many passes over the data.")
    batch_size: int = slider(1, 1, 4096, step=1, help="Utterances in a batch, on each process.")
    accumulation_steps: int = slider(8, 1, 1024, step=1, help="Batches whose gradients make one step of the optimiser.")
    learning_rate: float = slider(2e-4, 1e-7, 1e-1, step=1e-7, help="Step size after the warm-up.")
    warmup_iters: int = slider(0, 0, 1_000_000, step=1, help="Batches over which the learning rate rises.")
    grad_clip: float = slider(1.0, 1e-3, 1e6, step=1e-3, help="Gradients are made no longer than this.")
    beta2: float = slider(0.999, 0.5, 0.99999, step=1e-5, help="How slowly the optimiser forgets squared gradients.")
    weight_decay: float = slider(0.0, 0.0, 1.0, step=1e-3, help="Pull of the matrices towards zero.")
    label_smoothing: float = slider(0.0, 0.0, 0.9, step=1e-3, help="Share of the target on all other codes.")
    pairs: float = slider(
        0.0, 0.0, 1.0, step=0.01,
        help="Share of items that are two utterances of one speaker, from which a model learns to liken a prompt.",
    )  # fmt: skip
    continue_from: str = text("", help="A checkpoint, or a folder of one, to begin from when the run is new.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A whole configuration, where its files lie, and the file as it was."""

    vocabulary: Vocabulary
    data: DataConfig
    train: TrainConfig
    recordings: Path
    codec: Path
    prepared: Path
    base: Path
    folder: Path
    raw: Mapping[str, Any]

    def model(self, n_codes: int) -> LMConfig:
        """The sizes of the model for a codec of ``n_codes`` codes. Raises ConfigError."""
        return _sizes(self.raw.get("model", {}), self.vocabulary.size, n_codes)

    def told(self) -> dict[str, Any]:
        """What the JSON file beside the model says of its vocabulary."""
        return told(self.vocabulary, self.raw.get("model", {}).get("symbols") or ENGLISH)


def read_run(path: Path) -> Run:
    """The configuration in ``path``. Raises ConfigError, which names the key."""
    raw = read_json(path)
    model = raw.get("model", {})
    check(isinstance(model, dict), "{name} is no section of keys and values", name="model")
    unknown = sorted(str(key) for key in model if key not in _MODEL)
    check(not unknown, "{name} has unknown keys: {unknown}", name="model", unknown=", ".join(unknown))
    data, train = section(raw, "data", DataConfig), section(raw, "train", TrainConfig)
    check(data.recordings, "data.recordings is missing: the path of a folder of recordings, or of a list of them")
    check(data.codec, "data.codec is missing: the path of a WavTokenizer's .ckpt or .safetensors")
    path = path.resolve()
    folder = folder_of(path, train.folder)
    return Run(
        vocabulary=_vocabulary(model, path.name),
        data=data,
        train=train,
        recordings=path.parent / data.recordings,
        codec=path.parent / data.codec,
        prepared=path.parent / data.prepared if data.prepared else folder / "prepared",
        base=path.parent,
        folder=folder,
        raw=raw,
    )


def _vocabulary(model: Mapping[str, Any], source: str) -> Vocabulary:
    """Bytes, unless the configuration says otherwise: a new model has no use for 100 277 ids."""
    kind = model.get("vocabulary", BYTES)
    raw = {"vocabulary": kind, "symbols": model.get("symbols", list(ENGLISH))}
    n_symbols = len(raw["symbols"]) if isinstance(raw["symbols"], list) else 0
    sizes = {BYTES: 256, PHONEMES: n_symbols, PHONES: Phones.size}
    return of(raw, model.get("vocab_size") or sizes.get(str(kind), 100_277), source)


def _sizes(model: Mapping[str, Any], n_text: int, n_codes: int) -> LMConfig:
    width, n_heads = whole(model, "dim", WIDTH, least=2), whole(model, "n_heads", HEADS, least=1)
    n_kv_heads = whole(model, "n_kv_heads", n_heads if "n_kv_heads" in model else KV_HEADS, least=1)
    check(
        width % n_heads == 0 and width // n_heads % 2 == 0 and n_heads % n_kv_heads == 0,
        "dim={width}, n_heads={n_heads} and n_kv_heads={n_kv_heads} do not divide evenly",
        width=width,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
    )
    codes = whole(model, "speechcab_size", n_codes)
    check(
        codes == n_codes,
        "speechcab_size={codes}, and the codec has {n_codes} codes; leave it out",
        codes=codes,
        n_codes=n_codes,
    )
    step = whole(model, "multiple_of", MULTIPLE, least=1)
    dropout = number(model, "dropout", 0.0)
    check(0 <= dropout < 1, "dropout={dropout} is outside 0..1", dropout=dropout)
    return LMConfig(
        width=width,
        hidden=whole(model, "hidden_dim", -(-(8 * width // 3) // step) * step, least=1),
        n_layers=whole(model, "n_layers", LAYERS, least=1),
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        n_text=n_text,
        n_codes=n_codes,
        norm_eps=number(model, "norm_eps", NORM_EPS, above=0),
        max_positions=whole(model, "max_seq_len", POSITIONS, least=4),
        dropout=dropout,
        experts=_experts(model) if flag(model, "use_moe", False) else None,
    )


def _experts(model: Mapping[str, Any]) -> ExpertsConfig:
    # False builds a shared expert all the same there; null builds none.
    shared = model.get("n_shared_experts", True) is not None
    return mixture(model, whole(model, "n_routed_experts", EXPERTS, least=1), shared=shared)
