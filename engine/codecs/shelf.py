"""Which codecs are here: beside the models of a library, or by themselves in its folder. Imports no torch."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.codecs.companions import encodec_of, vocos_of, wavtokenizers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """A way from sound to codes and back: its ``codec``, where its weights lie, and what else makes sound of its codes.

    ``kbps`` are the bandwidths to choose from, the usual one first; none where there is but one. ``file`` tells several
    of a kind apart.
    """

    id: str
    codec: str
    title: str
    path: Path
    vocos: Path | None = None
    kbps: tuple[float, ...] = ()
    file: str = ""


def shelved(folders: Iterable[Path]) -> tuple[Shelved, ...]:
    """The codecs in ``folders`` of models, or of one model each.

    EnCodec and Vocos are the public ones wherever they lie, so one of each is enough; a WavTokenizer is told apart by
    its file.
    """
    encodec: Path | None = None
    vocos: Path | None = None
    own: dict[Path, Path] = {}
    for folder in folders:
        encodec = encodec or encodec_of(folder)
        vocos = vocos or vocos_of(folder)
        for found in wavtokenizers_of(folder):
            own.setdefault(found.resolve(), found)
    ways = []
    if encodec:
        ways.append(
            Shelved(id="encodec", codec="encodec", title="EnCodec", path=encodec, kbps=(6.0, 1.5, 3.0, 12.0, 24.0))
        )
    if encodec and vocos:
        ways.append(Shelved(id="vocos", codec="encodec", title="EnCodec, with Vocos", path=encodec, vocos=vocos))
    for number, path in enumerate(own.values(), 1):
        ways.append(
            Shelved(id=f"wavtokenizer-{number}", codec="wavtokenizer", title="WavTokenizer", path=path, file=path.stem)
        )
    return tuple(ways)
