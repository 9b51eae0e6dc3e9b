"""``codec``: sound to codes and back, to hear and to measure what a codec loses.

``encode`` writes the codes as .npz, which ``decode`` turns into sound; ``roundtrip`` does both at once, and draws what
went in above what came out. The codec's weights are those that came with an installed model, unless others are named.
"""

import argparse
import io
import json
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import atomic, registry
from engine.cli.library import add_folder, open_library
from engine.cli.output import answer
from engine.errors import AudioError, OptionError, SaveError, WeightsMissing
from engine.steps import finish
from engine.system import SystemSpec

if TYPE_CHECKING:
    from engine.codecs.codec import Codec

MAX_SECONDS = 600.0
MAX_BYTES = 64 << 20
SUFFIXES = {"encode": ".codes.npz", "decode": ".wav", "roundtrip": ".roundtrip.wav"}


def add(commands: Any) -> None:
    """Declare the command."""
    codec = commands.add_parser("codec", help="turn sound into codes and back", allow_abbrev=False)
    help = "encode: sound to codes; decode: codes to sound; roundtrip: both, with what was lost and a picture of it"  # noqa: A001
    codec.add_argument("action", choices=tuple(SUFFIXES), help=help)
    codec.add_argument("file", metavar="FILE", help="a sound file; for decode, what encode wrote")
    codec.add_argument("--codec", required=True, metavar="NAME", help="encodec or wavtokenizer")
    help = "its weights: a file, or a folder in transformers' layout (default: those beside an installed model)"  # noqa: A001
    codec.add_argument("--checkpoint", metavar="PATH", help=help)
    codec.add_argument("--bandwidth", type=float, metavar="KBPS", help="kbit/s of the codes, for encodec (default: 6)")
    codec.add_argument("--output", metavar="FILE", help="where to write (default: beside FILE)")
    codec.add_argument("--json", action="store_true", help="one JSON object on stdout")
    add_folder(codec)
    codec.set_defaults(run=_codec)


def _codec(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    if chosen.action == "decode" and chosen.bandwidth is not None:
        raise OptionError("--bandwidth is for encode and roundtrip; codes have one already")
    # Loading is what needs torch.
    from engine.codecs.codec import load

    source = Path(chosen.file)
    output = Path(chosen.output) if chosen.output else source.with_name(source.stem + SUFFIXES[chosen.action])
    atomic.check(output)
    codec = load(chosen.codec, Path(chosen.checkpoint) if chosen.checkpoint else _installed(chosen, specs))
    work = {"encode": _encode, "decode": _decode, "roundtrip": _roundtrip}[chosen.action]
    report = {"codec": chosen.codec, "file": str(output), **work(codec, source, output, chosen.bandwidth)}
    if chosen.json:
        answer(json.dumps(report))
    else:
        answer(
            "\n".join(
                f"{name}: {value:g}" if isinstance(value, float) else f"{name}: {value}"
                for name, value in report.items()
            )
        )
    return 0


def _installed(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> Path:
    """The weights of a codec in the folder of models: beside a model that is ready, or by themselves.

    Raises OptionError for an unknown codec, and WeightsMissing.
    """
    from engine.codecs.codec import check_name

    name, library = chosen.codec, open_library(chosen, specs)
    check_name(name)
    for way in library.codecs():
        if way.codec == name:
            return way.path
    for spec in registry.systems() if specs is None else specs:
        for release in spec.releases:
            if release.repo and any(file.place.startswith(f"{name}/") for file in release.files):
                raise WeightsMissing(
                    "there is no {name} here yet; python -m engine models download {id} brings one, or name its "
                    "weights as --checkpoint",
                    name=name,
                    id=f"{spec.id}/{release.name}",
                )
    raise WeightsMissing("there is no {name} here; name its weights as --checkpoint", name=name)


def _encode(codec: "Codec", source: Path, output: Path, bandwidth: float | None) -> dict[str, Any]:
    samples = _read(codec, source)
    started = time.perf_counter()
    codes = _codes_of(codec, samples, bandwidth)
    seconds = time.perf_counter() - started
    _write_codes(output, codes, codec.sample_rate)
    return _described(codec, codes) | {"encode_s": round(seconds, 4)}


def _decode(codec: "Codec", source: Path, output: Path, _bandwidth: float | None) -> dict[str, Any]:
    codes = _read_codes(source, codec)
    started = time.perf_counter()
    samples = _sound_of(codec, codes)
    seconds = time.perf_counter() - started
    _write_sound(output, samples, codec.sample_rate)
    return _described(codec, codes) | {"decode_s": round(seconds, 4)}


def _roundtrip(codec: "Codec", source: Path, output: Path, bandwidth: float | None) -> dict[str, Any]:
    from engine.audio.distance import log_spectral, signal_to_noise
    from engine.audio.picture import pair_png
    from engine.codecs.round_trip import round_trip

    picture = output.with_suffix(".png")
    atomic.check(picture)
    samples = _read(codec, source)
    trip = finish(round_trip(codec, codec, samples, bandwidth))
    _write_sound(output, trip.after, codec.sample_rate)
    atomic.write(picture, pair_png(samples, trip.after, codec.sample_rate))
    return (
        {"picture": str(picture)}
        | _described(codec, trip.codes)
        | {
            "encode_s": round(trip.encode_s, 4),
            "decode_s": round(trip.decode_s, 4),
            "snr_db": round(signal_to_noise(samples, trip.after), 3),
            "log_spectral_distance_db": round(log_spectral(samples, trip.after), 3),
        }
    )


def _described(codec: "Codec", codes: np.ndarray) -> dict[str, Any]:
    frames, rate = codes.shape[1], codec.sample_rate / codec.hop
    bits = codes.shape[0] * np.log2(codec.codebook_size)
    return {
        "codebooks": codes.shape[0],
        "frames": frames,
        "frames_per_s": round(rate, 4),
        "audio_s": round(frames / rate, 4),
        "bandwidth_kbps": round(float(bits * rate / 1000), 3),
    }


def _read(codec: "Codec", source: Path) -> np.ndarray:
    from engine.audio import decode

    return decode.read(source, sample_rate=codec.sample_rate, max_seconds=MAX_SECONDS, min_seconds=0.02)


def _codes_of(codec: "Codec", samples: np.ndarray, bandwidth: float | None) -> np.ndarray:
    import torch

    return codec.encode(torch.from_numpy(samples)[None], bandwidth)[0].numpy()


def _sound_of(codec: "Codec", codes: np.ndarray) -> np.ndarray:
    import torch

    return codec.decode(torch.from_numpy(codes)[None])[0].numpy()


def _write_codes(path: Path, codes: np.ndarray, sample_rate: int) -> None:
    if path.suffix != ".npz":
        raise SaveError("{path}: codes are written as .npz; let the name end in it", path=path.name)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, codes=codes.astype(np.int16), sample_rate=np.int32(sample_rate))
    atomic.write(path, buffer.getvalue())


def _write_sound(path: Path, samples: np.ndarray, sample_rate: int) -> None:
    from engine.audio.encode import write

    write(path, samples, sample_rate, {})


def _read_codes(path: Path, codec: "Codec") -> np.ndarray:
    """The codes (K, F) int64 that `encode` wrote. Raises AudioError for anything else."""
    if not path.is_file():
        raise AudioError("there is no file {path}", path=path)
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MAX_BYTES:
            raise AudioError(
                "{path} holds more than {most} MB; it is no file of codes", path=path.name, most=MAX_BYTES >> 20
            )
        with np.load(path, allow_pickle=False) as held:
            codes = held["codes"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise AudioError(
            "{path} holds no codes; give what `codec encode` wrote ({error})", path=path.name, error=error
        ) from None
    valid = codes.ndim == 2 and np.issubdtype(codes.dtype, np.integer) and codes.size > 0
    if not valid or codes.shape[0] > codec.n_codebooks or codes.min() < 0 or codes.max() >= codec.codebook_size:
        raise AudioError(
            "{path} holds no codes of this codec: up to {books} rows of 0..{largest}",
            path=path.name,
            books=codec.n_codebooks,
            largest=codec.codebook_size - 1,
        )
    return codes.astype(np.int64)
