"""Where the codecs of a checkpoint lie: beside it, in their own public layouts. Imports no torch."""

from collections.abc import Sequence
from pathlib import Path

from engine import weights_header
from engine.errors import WeightsMismatch

ENCODEC = ("encodec/config.json", "encodec/model.safetensors", "encodec/pytorch_model.bin")
VOCOS = ("vocos/config.yaml", "vocos/pytorch_model.bin")


def encodec_of(folder: Path) -> Path | None:
    """EnCodec of a checkpoint in ``folder``: a folder encodec/ with weights in it, or a .th file; None without one."""
    inside = folder / "encodec"
    if inside.is_dir() and any((inside / Path(name).name).is_file() for name in ENCODEC[1:]):
        return inside
    found = [path for place in (folder, inside) if place.is_dir() for path in sorted(place.glob("*.th"))]
    return found[0] if found else None


def vocos_of(folder: Path) -> Path | None:
    """The folder vocos/ of a checkpoint in ``folder``; None where there are no weights in it."""
    inside = folder / "vocos"
    weights = (inside / "pytorch_model.bin", inside / "model.safetensors")
    return inside if any(map(Path.is_file, weights)) else None


def wavtokenizer_of(folder: Path) -> Path | None:
    """The WavTokenizer in ``folder`` or in wavtokenizer/ there: a .ckpt or .safetensors file; None without one."""
    places = [place for place in (folder, folder / "wavtokenizer") if place.is_dir()]
    files = (path for place in places for path in sorted(place.iterdir()) if path.suffix in (".ckpt", ".safetensors"))
    return next(filter(holds_wavtokenizer, files), None)


def holds_wavtokenizer(path: Path) -> bool:
    """Whether a file has the tensors by which a WavTokenizer is known; only its head is read."""
    try:
        keys = weights_header.shapes(path)
    except WeightsMismatch:
        return False
    return any(key.endswith("backbone.pos_net.2.proj_out.weight") for key in keys)


def picked(paths: Sequence[str]) -> tuple[str, ...]:
    """Which of the ``paths`` of a repository are codecs beside a checkpoint."""
    return tuple(
        path for path in paths if path in (*ENCODEC, *VOCOS) or (path.endswith(".th") and path.count("/") <= 1)
    )
