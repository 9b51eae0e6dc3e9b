"""The codecs that are kept as models are: the public WavTokenizers, and users' own. Imports no torch."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from engine.codecs.companions import (
    WAVTOKENIZER_TERMS,
    WAVTOKENIZERS,
    PublishedWavTokenizer,
    likely_wavtokenizers_of,
)
from engine.errors import WeightsMissing
from engine.publisher import Licences, Publisher
from engine.release import Release, RemoteFile


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """The checkpoint of a WavTokenizer among ``paths``, with the YAML files beside it."""
    near = [path for path in paths if str(PurePosixPath(path).parent) == "."]
    weights = [path for path in near if path.endswith((".ckpt", ".safetensors"))]
    return (*weights, *(path for path in near if path.endswith(".yaml"))) if weights else ()


def check(folder: Path) -> None:
    """Read WavTokenizers as strictly as they are loaded. Raises WeightsMissing, WeightsMismatch and ConfigError."""
    from engine.codecs import wavtokenizer

    found = likely_wavtokenizers_of(folder)
    if not found:
        raise WeightsMissing("there is no WavTokenizer in {folder}; give a .ckpt or .safetensors of one", folder=folder)
    for path in found:
        wavtokenizer.load(path)


def _release(published: PublishedWavTokenizer) -> Release:
    paths = (published.path, *([published.yaml] if published.yaml else []))
    return Release(
        name=published.name,
        title=published.title,
        repo=published.repo,
        revision="main",
        files=tuple(RemoteFile(path=path, optional=path == published.yaml) for path in paths),
        languages=(),
        terms=WAVTOKENIZER_TERMS,
        source=f"https://huggingface.co/{published.repo}",
        about_bytes=published.about_bytes,
        note=published.note,
    )


SPEC = Publisher(
    id="wavtokenizer",
    name="WavTokenizer",
    summary="Turns sound into 40 or 75 codes a second and back. MiniMind-TTS speaks with its codes; put one beside the "
    "language model.",
    licences=Licences(code="MIT", weights=WAVTOKENIZER_TERMS.summary),
    releases=tuple(map(_release, WAVTOKENIZERS)),
    pick=pick,
    check=check,
)
