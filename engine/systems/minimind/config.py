"""The language model's sizes: of the tensors' shapes, and of the JSON file beside them what no shape tells.

docs/systems/minimind.md#the-checkpoint. Imports no torch.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.config_file import check, flag, number, whole
from engine.errors import WeightsMismatch
from engine.nn.llama_config import LlamaConfig

Shapes = Mapping[str, Sequence[int]]

# What the released code assumes where nobody says otherwise.
HEADS, POSITIONS, NORM_EPS, EXPERTS_PER_TOKEN = 16, 2048, 1e-5, 2
ROPE_BASE = 10_000.0
# Rows of the table of marks: what begins and ends a sequence, what stands between text and codes, and one more.
MARKS = 3
# No checkpoint goes beyond these; what a file claims is bounded before it is built.
MOST_LAYERS, MOST_POSITIONS, MOST_EXPERTS = 96, 1 << 15, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertsConfig:
    """The mixture of experts: of ``n_experts`` each column goes to ``per_token``.

    Their weights add up to one where they are ``normalised``; with ``shared`` one more expert reads every column.
    """

    n_experts: int
    per_token: int = EXPERTS_PER_TOKEN
    normalised: bool = True
    shared: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LMConfig:
    """Sizes of the language model: ``n_text`` ids of text, ``n_codes`` codes of speech, and the end after those."""

    width: int
    hidden: int
    n_layers: int
    n_heads: int
    n_kv_heads: int
    n_text: int
    n_codes: int
    norm_eps: float = NORM_EPS
    max_positions: int = POSITIONS
    dropout: float = 0.0
    experts: ExpertsConfig | None = None

    @property
    def end(self) -> int:
        """The class that ends speech."""
        return self.n_codes

    def llama(self) -> LlamaConfig:
        """The same as sizes of its layers."""
        return LlamaConfig(
            hidden=self.width,
            intermediate=self.hidden,
            n_layers=self.n_layers,
            n_heads=self.n_heads,
            kv_heads=self.n_kv_heads,
            norm_eps=self.norm_eps,
            rope_base=ROPE_BASE,
            max_positions=self.max_positions,
        )


def parse(shapes: Shapes, raw: Mapping[str, Any], source: str) -> LMConfig:
    """The sizes of a state dict in its published names; ``raw`` is the JSON file beside it, empty without one.

    Sizes are those of the tensors, and what the file says of them has to agree. Raises WeightsMismatch for what is no
    such language model, and ConfigError for what the file says wrongly.
    """
    try:
        n_text, width = shapes["tok_embeddings.weight"]
        n_codes = shapes["speech_embeddings.weight"][0]
        kv_width = shapes["layers.0.attention.wk.weight"][0]
        first = next(key for key in (f"{_DENSE}w1.weight", f"{_DENSE}experts.0.w1.weight") if key in shapes)
        hidden = shapes[first][0]
    except (KeyError, ValueError, IndexError, StopIteration):
        raise WeightsMismatch("{source} holds no language model of MiniMind-TTS", source=source) from None
    n_layers = _count(shapes, r"layers\.(\d+)\.")
    n_heads = whole(raw, "n_heads", HEADS, least=1)
    check(
        width % n_heads == 0 and width // n_heads % 2 == 0,
        "n_heads={n_heads} does not divide the width of {width} into even parts; say how many heads {source} has in "
        "the JSON file beside it",
        n_heads=n_heads,
        width=width,
        source=source,
    )
    head = width // n_heads
    n_kv_heads = kv_width // head
    check(
        n_kv_heads * head == kv_width and n_kv_heads and n_heads % n_kv_heads == 0,
        "n_heads={n_heads} does not fit keys of a width of {kv_width}; say how many heads {source} has in the JSON "
        "file beside it",
        n_heads=n_heads,
        kv_width=kv_width,
        source=source,
    )
    config = LMConfig(
        width=width,
        hidden=hidden,
        n_layers=n_layers,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        n_text=n_text,
        n_codes=n_codes,
        norm_eps=number(raw, "norm_eps", NORM_EPS, above=0),
        max_positions=whole(raw, "max_seq_len", POSITIONS, least=4),
        dropout=number(raw, "dropout", 0.0),
        experts=_experts(shapes, raw),
    )
    _check_bounds(config, source)
    _check_told(config, raw, source)
    return config


def told(config: LMConfig) -> dict[str, Any]:
    """What stands in the JSON file beside a checkpoint: the fields of the released code's configuration."""
    experts = config.experts
    fields: dict[str, Any] = {
        "dim": config.width,
        "n_layers": config.n_layers,
        "n_heads": config.n_heads,
        "n_kv_heads": config.n_kv_heads,
        "vocab_size": config.n_text,
        "speechcab_size": config.n_codes,
        "hidden_dim": config.hidden,
        "norm_eps": config.norm_eps,
        "max_seq_len": config.max_positions,
        "dropout": config.dropout,
        "use_moe": experts is not None,
    }
    if experts is not None:
        fields |= {
            "n_routed_experts": experts.n_experts,
            "num_experts_per_tok": experts.per_token,
            "n_shared_experts": True if experts.shared else None,
            "norm_topk_prob": experts.normalised,
        }
    return fields


def published_shapes(config: LMConfig) -> dict[str, tuple[int, ...]]:
    """Every tensor of a checkpoint, by its published name."""
    width, kv_width = config.width, config.n_kv_heads * (config.width // config.n_heads)
    found: dict[str, tuple[int, ...]] = {
        "llm_embedding.weight": (MARKS, width),
        "tok_embeddings.weight": (config.n_text, width),
        "speech_embeddings.weight": (config.n_codes, width),
        "norm.weight": (width,),
        "output.weight": (config.n_codes + 1, width),
    }
    networks = [""]
    if config.experts is not None:
        networks = [f"experts.{index}." for index in range(config.experts.n_experts)]
        networks += ["shared_experts."] if config.experts.shared else []
    for layer in (f"layers.{index}." for index in range(config.n_layers)):
        found |= {f"{layer}attention.{part}.weight": (width, width) for part in ("wq", "wo")}
        found |= {f"{layer}attention.{part}.weight": (kv_width, width) for part in ("wk", "wv")}
        found |= {f"{layer}{norm}.weight": (width,) for norm in ("attention_norm", "ffn_norm")}
        for network in networks:
            found |= {f"{layer}feed_forward.{network}{part}.weight": (config.hidden, width) for part in ("w1", "w3")}
            found[f"{layer}feed_forward.{network}w2.weight"] = (width, config.hidden)
        if config.experts is not None:
            found[f"{layer}feed_forward.gate.weight"] = (config.experts.n_experts, width)
    return found


_DENSE = "layers.0.feed_forward."


def _experts(shapes: Shapes, raw: Mapping[str, Any]) -> ExpertsConfig | None:
    count = _count(shapes, r"layers\.0\.feed_forward\.experts\.(\d+)\.")
    if not count:
        return None
    return mixture(raw, count, shared=f"{_DENSE}shared_experts.w1.weight" in shapes)


def mixture(raw: Mapping[str, Any], count: int, *, shared: bool) -> ExpertsConfig:
    """What the reference's fields say of ``count`` experts. Raises ConfigError."""
    per_token = whole(raw, "num_experts_per_tok", min(EXPERTS_PER_TOKEN, count), least=1)
    check(
        per_token <= count,
        "num_experts_per_tok={per_token}, but there are {count} experts",
        per_token=per_token,
        count=count,
    )
    return ExpertsConfig(
        n_experts=count, per_token=per_token, normalised=flag(raw, "norm_topk_prob", True), shared=shared
    )


def _check_bounds(config: LMConfig, source: str) -> None:
    experts = config.experts.n_experts if config.experts else 0
    if not 1 <= config.n_layers <= MOST_LAYERS or experts > MOST_EXPERTS or min(config.n_text, config.n_codes) < 1:
        raise WeightsMismatch(
            "{source} has {layers} layers, {experts} experts, {n_text} ids of text and {n_codes} codes, which is no "
            "model of MiniMind-TTS",
            source=source,
            layers=config.n_layers,
            experts=experts,
            n_text=config.n_text,
            n_codes=config.n_codes,
        )
    check(
        config.max_positions <= MOST_POSITIONS,
        "max_seq_len={count}; at most {most} are known",
        count=config.max_positions,
        most=MOST_POSITIONS,
    )
    check(0 <= config.dropout < 1, "dropout={dropout} is outside 0..1", dropout=config.dropout)


def _check_told(config: LMConfig, raw: Mapping[str, Any], source: str) -> None:
    """Whether what the file says of sizes is what the tensors have. Raises ConfigError."""
    expected = told(config)
    for name in ("dim", "n_layers", "vocab_size", "speechcab_size", "hidden_dim", "n_routed_experts", "use_moe"):
        if raw.get(name) is not None and name in expected:
            _agree(name, raw[name], expected[name], source)
    if "n_kv_heads" in raw:
        # Null is as many as there are heads.
        found = config.n_heads if raw["n_kv_heads"] is None else raw["n_kv_heads"]
        _agree("n_kv_heads", found, config.n_kv_heads, source)
    if raw.get("hidden_dim") is None and raw.get("multiple_of") is not None:
        step = whole(raw, "multiple_of", least=1)
        found = -(-(8 * config.width // 3) // step) * step
        _agree(f"multiple_of={step} and with it hidden_dim", found, config.hidden, source)


def _agree(name: str, found: object, expected: object, source: str) -> None:
    check(
        found == expected,
        "the JSON file says {name}={found!r:.60}, and the tensors of {source} have {expected!r}; they are not of one "
        "training",
        name=name,
        found=found,
        source=source,
        expected=expected,
    )


def _count(shapes: Shapes, pattern: str) -> int:
    return len({match[1] for name in shapes if (match := re.match(pattern, name))})
