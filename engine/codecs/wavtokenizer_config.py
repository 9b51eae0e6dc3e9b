"""WavTokenizer's sizes, read off the shapes of its tensors, and what its YAML may say. Imports no torch.

docs/codecs.md#files says which files there are. The shapes decide; the YAML, which lacks half of the sizes and is often
that of another checkpoint, is only held against them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.codecs.encodec_config import SAMPLE_RATE, EncodecSizes
from engine.codecs.encodec_config import sizes as encoder_sizes
from engine.config_file import check, read_yaml
from engine.errors import ConfigError, WeightsMismatch

# The channels of its backbone are normalised in so many groups.
GROUPS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class WavTokenizerSizes:
    """``encoder`` has the ratios and the codebook too; of no ``n_bandwidths`` the norms are plain ones.

    ``padding`` is "same", which makes ``hop`` samples of each code, or "center", which makes one frame less.
    """

    encoder: EncodecSizes
    hidden: int
    intermediate: int
    n_layers: int
    n_bandwidths: int | None
    n_fft: int
    padding: str = "same"

    @property
    def hop(self) -> int:
        """Samples per code."""
        return self.encoder.hop


def sizes(shapes: Mapping[str, Sequence[int]], source: str) -> WavTokenizerSizes:
    """The sizes of tensors in our names, with folded weight norm. Raises WeightsMismatch."""
    try:
        embed = shapes["backbone.embed.weight"]
        found = WavTokenizerSizes(
            encoder=encoder_sizes(shapes, source),
            hidden=embed[0],
            intermediate=shapes["backbone.convnext.0.pwconv1.weight"][0],
            n_layers=1 + max(int(key.split(".")[2]) for key in shapes if key.startswith("backbone.convnext.")),
            n_bandwidths=shapes.get("backbone.norm.scale.weight", (None,))[0],
            n_fft=shapes["head.out.weight"][0] - 2,
        )
    except (KeyError, IndexError, ValueError, WeightsMismatch):
        raise WeightsMismatch("{source} holds no WavTokenizer", source=source) from None
    if found.n_fft != 4 * found.hop:
        raise WeightsMismatch(
            "{source} has a transform of {n_fft} samples and codes of {hop}; a WavTokenizer's has four times as many",
            source=source,
            n_fft=found.n_fft,
            hop=found.hop,
        )
    if found.hidden % GROUPS:
        raise WeightsMismatch(
            "{source} is {hidden} channels wide; a WavTokenizer's width is a multiple of {groups}",
            source=source,
            hidden=found.hidden,
            groups=GROUPS,
        )
    return found


def padding(weights: Path, found: WavTokenizerSizes) -> str:
    """How the transform is padded, from the YAML beside ``weights``; of none, or where it is silent, "same".

    A YAML of the same name must describe ``found``; of others that are of a WavTokenizer one must. Raises ConfigError.
    """
    own = [weights.with_suffix(suffix) for suffix in (".yaml", ".yml")]
    paths = [path for path in own if path.is_file()]
    paths = paths[:1] or sorted(path for path in weights.parent.iterdir() if path.suffix in (".yaml", ".yml"))
    told: list[ConfigError] = []
    for path in paths:
        arguments = _arguments(read_yaml(path))
        if arguments is None:
            continue
        try:
            return _checked(arguments, found, path.name, weights.name)
        except ConfigError as error:
            told.append(error)
    if told:
        raise told[0]
    return "same"


def _arguments(raw: Mapping[str, Any]) -> dict[str, Mapping[str, Any]] | None:
    """The arguments of the model and of its three parts; None for a file that is about something else."""
    model = _inner(raw.get("model"))
    parts = {name: _inner(model.get(name)) for name in ("feature_extractor", "backbone", "head")}
    if not all(parts.values()):
        return None
    return {"model": model, **parts}


def _inner(section: Any) -> Mapping[str, Any]:
    arguments = section.get("init_args") if isinstance(section, dict) else None
    return arguments if isinstance(arguments, dict) else {}


def _checked(arguments: Mapping[str, Mapping[str, Any]], found: WavTokenizerSizes, name: str, weights: str) -> str:
    expected: tuple[tuple[str, str, Any], ...] = (
        ("model", "sample_rate", SAMPLE_RATE),
        # So it is spelt there.
        ("feature_extractor", "dowmsamples", list(found.encoder.ratios)),
        ("feature_extractor", "vq_bins", found.encoder.codebook_size),
        ("feature_extractor", "num_quantizers", 1),
        ("backbone", "input_channels", found.encoder.width),
        ("backbone", "dim", found.hidden),
        ("backbone", "intermediate_dim", found.intermediate),
        ("backbone", "num_layers", found.n_layers),
        ("backbone", "adanorm_num_embeddings", found.n_bandwidths),
        ("head", "n_fft", found.n_fft),
        ("head", "hop_length", found.hop),
    )
    for part, key, value in expected:
        said = arguments[part].get(key, value)
        check(
            said == value,
            "{name} says {key}={said!r}, but {weights} has {value!r}; put the YAML beside it that belongs to it, "
            "or none",
            name=name,
            key=key,
            said=said,
            weights=weights,
            value=value,
        )
    way = arguments["head"].get("padding", "same")
    check(
        way in ("same", "center"),
        "{name} says padding={padding!r}; a WavTokenizer has 'same' or 'center'",
        name=name,
        padding=way,
    )
    return str(way)
