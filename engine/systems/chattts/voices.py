"""Voices: a speaker's vector or a sample's codes, as strings that the reference reads too, from seeds, from old files.

What strings and files hold comes from strangers: sizes are bounded before anything is unpacked, and every value is
checked (docs/systems/chattts.md#voices).
"""

import json
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from engine.errors import VoiceError
from engine.message import Message
from engine.request import Voice
from engine.systems.chattts import base16384, voice_files

SYSTEM = "chattts"
STATISTICS = Path(__file__).parents[3] / "assets" / "chattts" / "speaker_statistics.json"
# The voices of the reference's page, by the seeds that make them.
PRESETS: Mapping[str, int] = {"Default": 2, **{f"Timbre{number}": 1111 * number for number in range(1, 10)}}
NO_SPEAKER = "none"

CODEBOOKS = 4
LARGEST_CODE = 624
MAX_FRAMES = 4096
MAX_SEED = 2**63 - 1
MAX_VECTOR_CHARS = 4096
MAX_SAMPLE_CHARS = 20_000
MAX_NAME = 200
# A vector is divided by its norm in float16, which reaches 65504 and loses what is very small.
NORMS = (1e-2, 6e4)

_FILTERS = ({"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME},)
_FRAMES_HEADER = 4  # bytes


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """Standard deviation and mean of the speakers that the model was trained with, float16 (H,) each."""

    std: np.ndarray
    mean: np.ndarray


@lru_cache(maxsize=1)
def published_statistics() -> Statistics:
    """Those of the published model, which are data under its weights' licence."""
    data = base16384.decode(json.loads(STATISTICS.read_text(encoding="utf-8"))["statistics"])
    std, mean = np.frombuffer(data, "<f2").reshape(2, -1)
    return Statistics(std, mean)


def sample(seed: int, statistics: Statistics) -> np.ndarray:
    """The speaker (H,) float16 that the reference draws on the CPU for ``seed``. Raises VoiceError."""
    import torch

    _checked_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    drawn = torch.randn(len(statistics.mean), dtype=torch.float16, generator=rng)
    # Two roundings, as published.
    std, mean = (torch.from_numpy(values.copy()) for values in (statistics.std, statistics.mean))
    return drawn.mul(std).add(mean).numpy()


def encode_vector(vector: np.ndarray) -> str:
    """The string of a speaker's float16 vector (H,)."""
    return base16384.encode(_compress(vector.astype("<f2").tobytes()))


def encode_codes(codes: np.ndarray) -> str:
    """The string of a sample's codes (4, T)."""
    shape = np.array(codes.shape, "<u2").tobytes()
    return base16384.encode(shape + _compress(codes.astype("<u2").tobytes()))


def decode_vector(text: str, hidden: int) -> np.ndarray:
    """The speaker's float16 vector (H,) in a string. Raises VoiceError for anything but one of ``hidden`` values."""
    text = _stripped(text, MAX_VECTOR_CHARS)
    return checked_vector(np.frombuffer(_decompress(base16384.decode(text), 2 * hidden), "<f2"), hidden)


def decode_codes(text: str) -> np.ndarray:
    """The codes (4, T) int32 of a sample's string. Raises VoiceError for anything but whole frames of codes."""
    data = base16384.decode(_stripped(text, MAX_SAMPLE_CHARS))
    if len(data) < _FRAMES_HEADER:
        raise VoiceError("the voice's string is too short for a sample; copy all of it")
    books, frames = np.frombuffer(data[:_FRAMES_HEADER], "<u2").tolist()
    if books != CODEBOOKS or not 1 <= frames <= MAX_FRAMES:
        raise VoiceError(
            "the voice's string is of a sample of {frames} frames with {books} codes each, and there is none such; "
            "copy it anew",
            frames=frames,
            books=books,
        )
    codes = np.frombuffer(_decompress(data[_FRAMES_HEADER:], 2 * books * frames), "<u2")
    return checked_codes(codes.reshape(books, frames).astype(np.int32))


def checked_vector(vector: np.ndarray, hidden: int) -> np.ndarray:
    """``vector`` as it is. Raises VoiceError when it is no speaker of a model with ``hidden`` values."""
    if vector.shape != (hidden,):
        raise VoiceError(
            "the voice has {count} values and this model needs {hidden}; it is of another model",
            count=" x ".join(map(str, vector.shape)),
            hidden=hidden,
        )
    if not np.issubdtype(vector.dtype, np.floating):
        raise VoiceError(
            "the voice holds {dtype} instead of floating-point values; it is no speaker's", dtype=vector.dtype
        )
    if not np.isfinite(vector).all():
        raise VoiceError("the voice holds values that are not finite; it is damaged")
    norm = float(np.linalg.norm(vector.astype(np.float64)))
    if not NORMS[0] <= norm <= NORMS[1]:
        raise VoiceError(
            "the values of the voice amount to {norm:g}, which is too little or too much for a speaker; it is damaged",
            norm=norm,
        )
    return vector


def checked_codes(codes: np.ndarray) -> np.ndarray:
    """``codes`` as they are. Raises VoiceError when they are no sample: (4, T) of 0..624."""
    if not np.issubdtype(codes.dtype, np.integer):
        raise VoiceError("the sample holds {dtype} instead of whole numbers; it holds no codes", dtype=codes.dtype)
    if codes.ndim != 2 or codes.shape[0] != CODEBOOKS or not 1 <= codes.shape[1] <= MAX_FRAMES:
        raise VoiceError(
            "the sample has shape {shape}; it must be {codebooks} x 1..{max_frames}",
            shape=list(codes.shape),
            codebooks=CODEBOOKS,
            max_frames=MAX_FRAMES,
        )
    if codes.min() < 0 or codes.max() > LARGEST_CODE:
        raise VoiceError(
            "the sample holds the code {code}, and codes go from 0 to {largest_code}; it is damaged",
            code=codes.min() if codes.min() < 0 else codes.max(),
            largest_code=LARGEST_CODE,
        )
    return codes


def labels(names: Sequence[str]) -> dict[str, Message]:
    """What to call the presets; nothing but their seeds is known of them."""
    numbers = {f"Timbre{number}": number for number in range(1, 10)}
    numbered = {name: Message("Voice {number}", number=numbers[name]) for name in names if name in numbers}
    return {**({"Default": Message("Default voice")} if "Default" in names else {}), **numbered}


def check(voice: Voice) -> None:
    """Raises VoiceError for a voice that holds something, and neither a speaker nor a sample."""
    if "speaker" in voice.tensors:
        checked_vector(voice.tensors["speaker"], voice.tensors["speaker"].size)
    if "codes" in voice.tensors:
        checked_codes(voice.tensors["codes"])
    if voice.tensors and not {"speaker", "codes"} & voice.tensors.keys():
        raise VoiceError(
            "the voice {voice} holds {tensors}, and no speaker and no sample",
            voice=voice.name,
            tensors=", ".join(voice.tensors),
        )


def parse(name: str, hidden: int, statistics: Statistics | None) -> Voice:
    """The voice that a string stands for: a preset, ``seed:N``, a speaker's or a sample's string, or ``none``.

    '' is the first preset; where the ``statistics`` of the model's speakers are not known, no speaker. Raises
    VoiceError.
    """
    found = _found(name, hidden, statistics)
    return found if isinstance(found, Voice) else seeded(found.seed, hidden, statistics, name=found.name)


def check_string(name: str, hidden: int) -> None:
    """Raises what `parse` does for a model with ``hidden`` values, and draws nothing: imports no torch."""
    published = published_statistics()
    statistics = published if len(published.mean) == hidden else None
    if isinstance(_found(name, hidden, statistics), _Seeded):
        _known(statistics, hidden)


@dataclass(frozen=True, slots=True)
class _Seeded:
    """What is to be drawn, and what to call it."""

    seed: int
    name: str


def _found(name: str, hidden: int, statistics: Statistics | None) -> Voice | _Seeded:
    name = voice_files.unquoted(name)
    if not name:
        name = next(iter(PRESETS)) if statistics else NO_SPEAKER
    if name.lower() == NO_SPEAKER:
        return Voice(system=SYSTEM, name=NO_SPEAKER)
    presets = {preset.lower(): seed for preset, seed in PRESETS.items()}
    if name.lower() in presets:
        return _Seeded(presets[name.lower()], name)
    # A keyboard for Chinese writes a colon of its own.
    if name.lower().startswith(("seed:", "seed：")):
        seed = _seed(name[len("seed:") :])
        return _Seeded(seed, f"seed:{seed}")
    if not all(ord(character) >= 0x3D00 or character.isspace() for character in name):
        raise VoiceError(
            "there is no voice {name!r}; name one of {presets}, seed:NUMBER, none, or paste a string",
            name=name[:40],
            presets=", ".join(PRESETS),
        )
    if is_sample(name):
        return Voice(system=SYSTEM, name="a sample", tensors={"codes": decode_codes(name)})
    return Voice(system=SYSTEM, name="a speaker", tensors={"speaker": decode_vector(name, hidden)})


def seeded(seed: int, hidden: int, statistics: Statistics | None, *, name: str) -> Voice:
    """The voice of a seed. Raises VoiceError when ``statistics`` are not of this model's speakers."""
    speaker = sample(seed, _known(statistics, hidden))
    return Voice(system=SYSTEM, name=name, tensors={"speaker": speaker}, meta={"seed": str(seed)})


def _known(statistics: Statistics | None, hidden: int) -> Statistics:
    if statistics is None or len(statistics.mean) != hidden:
        raise VoiceError("how the speakers of this model are spread is not known; give a string instead of a seed")
    return statistics


def is_sample(text: str) -> bool:
    """Whether a string is of a sample: it begins with a shape, where a speaker's begins as LZMA2 does."""
    head = base16384.decode("".join(text[:16].split())[:4]) if len(text) >= 4 else b""  # four characters are 7 bytes
    return head[:2] == CODEBOOKS.to_bytes(2, "little")


def to_string(voice: Voice) -> str:
    """The voice as a string to share, which the reference reads: of its speaker, or else of its sample.

    What is said in a sample is no part of it. Raises VoiceError for a voice that has neither.
    """
    if "speaker" in voice.tensors:
        vector = voice.tensors["speaker"]
        return encode_vector(checked_vector(vector, vector.size))
    if "codes" in voice.tensors:
        return encode_codes(checked_codes(voice.tensors["codes"]))
    raise VoiceError(
        "the voice {voice} is nobody's: it has no speaker and no sample, so it has no string", voice=voice.name
    )


def blend(parts: Sequence[tuple[Voice, float]]) -> Voice:
    """The mean of speakers by their weights, of which the sum must not be 0. Raises VoiceError for other voices."""
    for voice, _ in parts:
        if "speaker" not in voice.tensors:
            if "codes" not in voice.tensors:
                raise VoiceError(
                    "{voice} is nobody's voice and cannot be mixed; speakers can: seeds, presets, strings",
                    voice=voice.name,
                )
            raise VoiceError(
                "{voice} is a sample of a recording and cannot be mixed; speakers can: seeds, presets, strings",
                voice=voice.name,
            )
    vectors = [checked_vector(voice.tensors["speaker"], voice.tensors["speaker"].size) for voice, _ in parts]
    if len({len(vector) for vector in vectors}) != 1:
        raise VoiceError("these speakers are of models of different sizes and cannot be mixed")
    weights = [weight for _, weight in parts]
    mixed = np.average(np.stack(vectors).astype(np.float64), axis=0, weights=weights).astype(np.float16)
    recipe = " + ".join(f"{weight / sum(weights):.0%} {voice.name}" for voice, weight in parts)
    tensors = {"speaker": checked_vector(mixed, mixed.size)}
    return Voice(system=SYSTEM, name=recipe[:MAX_NAME], tensors=tensors, meta={"blend": recipe})


def read_file(path: Path) -> Voice:
    """The voice in a file as people share them: see `engine.systems.chattts.voice_files`. Runs nothing in it.

    Raises VoiceError.
    """
    held = voice_files.read(path)
    name = path.stem[:MAX_NAME]
    if isinstance(held, str):
        statistics = published_statistics()
        voice = parse(held, len(statistics.mean), statistics)
        return Voice(system=SYSTEM, name=name, tensors=voice.tensors, meta=voice.meta)
    with np.errstate(over="ignore"):
        vector = held.astype(np.float16)
    return Voice(system=SYSTEM, name=name, tensors={"speaker": checked_vector(vector, len(vector))})


def _seed(text: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > len(str(MAX_SEED)):
        raise VoiceError("the voice seed:{text} is no whole number from 0; write seed:2222", text=text[:40])
    return _checked_seed(int(digits))


def _checked_seed(seed: int) -> int:
    if not 0 <= seed <= MAX_SEED:
        raise VoiceError(
            "the voice's seed must be between 0 and {max_seed}; it was {seed}", seed=seed, max_seed=MAX_SEED
        )
    return seed


def _stripped(text: str, longest: int) -> str:
    text = "".join(text.split())
    if len(text) > longest:
        raise VoiceError(
            "the voice's string has {count:,} characters; none has more than {longest:,}",
            count=len(text),
            longest=longest,
        )
    return text


def _compress(data: bytes) -> bytes:
    return lzma.compress(data, format=lzma.FORMAT_RAW, filters=_FILTERS)


def _decompress(data: bytes, size: int) -> bytes:
    """Exactly ``size`` bytes; never more than one beyond them are unpacked."""
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_FILTERS)
    try:
        unpacked = unpacker.decompress(data, size + 1)
    except lzma.LZMAError:
        raise VoiceError("the voice's string is damaged; copy all of it") from None
    if len(unpacked) > size or not unpacker.eof or len(unpacked) < size or unpacker.unused_data:
        raise VoiceError("the voice's string is damaged, or of another model; copy all of it")
    return unpacked
