"""Where the codecs of a checkpoint lie: beside it, in their own public layouts. Imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine import weights_header
from engine.errors import WeightsMismatch
from engine.release import RemoteFile, Terms

ENCODEC = ("encodec/config.json", "encodec/model.safetensors", "encodec/pytorch_model.bin")
VOCOS = ("vocos/config.yaml", "vocos/pytorch_model.bin")

_AUTHORS = "novateur/WavTokenizer"
_SMALL_YAML = "wavtokenizer_smalldata_frame{rate}_3s_nq1_code4096_dim512_kmeans200_attn.yaml"
_MEDIUM_YAML = "wavtokenizer_mediumdata_frame75_3s_nq1_code4096_dim512_kmeans200_attn.yaml"
_MUSIC_YAML = "wavtokenizer_mediumdata_music_audio_frame75_3s_nq1_code4096_dim512_kmeans200_attn.yaml"

WAVTOKENIZER_TERMS = Terms(
    name="not stated",
    summary="The code is under the MIT licence, and others say the same of the weights; their own pages were not seen. "
    "Look there first.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedWavTokenizer:
    """A public WavTokenizer: where it is, how many codes it has a second, and what it was trained on.

    Sizes are published for none, and sums for none; all have one architecture, whose needed tensors take 0.29 GB.
    """

    name: str
    title: str
    repo: str
    path: str
    codes_per_s: int
    data: str
    yaml: str = ""
    about_bytes: int = 0

    @property
    def note(self) -> str:
        """What its card says."""
        return f"Trained on {self.data}."

    def files(self, folder: str = "wavtokenizer") -> tuple[RemoteFile, ...]:
        """The checkpoint and its YAML, as files that go into ``folder`` beside another checkpoint."""
        paths = (self.path, *([self.yaml] if self.yaml else []))
        return tuple(
            RemoteFile(path=path, place=f"{folder}/{path}", repo=self.repo, optional=path == self.yaml)
            for path in paths
        )


def _published(
    name: str, title: str, suffix: str, path: str, codes_per_s: int, data: str, yaml: str = "", about_bytes: int = 0
) -> PublishedWavTokenizer:
    return PublishedWavTokenizer(
        name=name,
        title=title,
        repo=_AUTHORS + suffix,
        path=path,
        codes_per_s=codes_per_s,
        data=data,
        yaml=yaml,
        about_bytes=about_bytes,
    )


_SPEECH, _MUSIC, _LARGE = "-medium-speech-75token", "-medium-music-audio-75token", "-large-speech-75token"
# The first is the best for speech: half the codes of the others, and trained on the most (docs/codecs.md#public).
WAVTOKENIZERS = (
    _published("large-unify-40", "WavTokenizer large, 40 codes a second", "-large-unify-40token",
               "wavtokenizer_large_unify_600_24k.ckpt", 40, "speech, music and other sound, 80 000 hours"),
    _published("large-speech-75-v2", "WavTokenizer large, speech, 75 codes a second", _LARGE,
               "wavtokenizer_large_speech_320_v2.ckpt", 75, "speech"),
    # May be gone from the repository: the one above has taken its place.
    _published("large-speech-75", "WavTokenizer large, speech, 75 codes a second, first version", _LARGE,
               "wavtokenizer_large_speech_320_24k.ckpt", 75, "speech", about_bytes=1_750_000_000),
    _published("small-40", "WavTokenizer small, 40 codes a second", "",
               "WavTokenizer_small_600_24k_4096.ckpt", 40, "LibriTTS, 585 hours", _SMALL_YAML.format(rate=40)),
    _published("small-75", "WavTokenizer small, 75 codes a second", "",
               "WavTokenizer_small_320_24k_4096.ckpt", 75, "LibriTTS, 585 hours", _SMALL_YAML.format(rate=75)),
    _published("medium-speech-75", "WavTokenizer medium, speech, 75 codes a second", _SPEECH,
               "wavtokenizer_medium_speech_320_24k.ckpt", 75, "speech, about 10 000 hours", _MEDIUM_YAML),
    _published("medium-speech-75-v2", "WavTokenizer medium, speech, 75 codes a second, second version", _SPEECH,
               "wavtokenizer_medium_speech_320_24k_v2.ckpt", 75, "speech, about 10 000 hours", _MEDIUM_YAML),
    _published("medium-music-75", "WavTokenizer medium, music and sound, 75 codes a second", _MUSIC,
               "wavtokenizer_medium_music_audio_320_24k.ckpt", 75, "music and other sound", _MUSIC_YAML),
    _published("medium-music-75-v2", "WavTokenizer medium, music and sound, 75 codes a second, second version", _MUSIC,
               "wavtokenizer_medium_music_audio_320_24k_v2.ckpt", 75, "music and other sound", _MUSIC_YAML),
)  # fmt: skip


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


def wavtokenizers_of(folder: Path) -> tuple[Path, ...]:
    """The WavTokenizers in ``folder`` and in wavtokenizer/ there, .ckpt and .safetensors files; only heads are read."""
    return tuple(path for path in _codec_files(folder) if holds_wavtokenizer(path))


def likely_wavtokenizers_of(folder: Path) -> tuple[Path, ...]:
    """The same, and of none the files that cannot be read: whoever loads one is told what is wrong with it."""
    return wavtokenizers_of(folder) or tuple(path for path in _codec_files(folder) if holds_wavtokenizer(path) is None)


def holds_wavtokenizer(path: Path) -> bool | None:
    """Whether a file has the tensors by which a WavTokenizer is known, by its head; None where that cannot be read."""
    try:
        keys = weights_header.shapes(path)
    except WeightsMismatch:
        return None
    return any(key.endswith("backbone.pos_net.2.proj_out.weight") for key in keys)


def _codec_files(folder: Path) -> list[Path]:
    places = [place for place in (folder, folder / "wavtokenizer") if place.is_dir()]
    found = (path for place in places for path in sorted(place.iterdir()) if path.suffix in (".ckpt", ".safetensors"))
    return [path for path in found if path.is_file()]


def picked(paths: Sequence[str]) -> tuple[str, ...]:
    """Which of the ``paths`` of a repository are codecs beside a checkpoint."""
    return tuple(
        path for path in paths if path in (*ENCODEC, *VOCOS) or (path.endswith(".th") and path.count("/") <= 1)
    )
