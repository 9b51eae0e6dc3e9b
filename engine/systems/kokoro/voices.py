"""Voices as tables of styles: named, mixed, checked, and as strings to hand on. Imports no torch.

A voice is a pack, float32 (rows, 2S): a style for each number of phonemes, its acoustic, then its prosodic half
(docs/systems/kokoro.md#voices).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.errors import VoiceError
from engine.request import Voice
from engine.systems.kokoro.languages import Language, of_tag, of_voice

SYSTEM = "kokoro"
TENSOR = "pack"
MAX_ROWS = 4096
MAX_STRING, MAX_PARTS, SHOWN = 1000, 20, 20
# What a mix is of, as a string that names it; and the language that a voice speaks.
MIX, LANGUAGE = "mix", "language"

_NUMBER = r"(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})"
# af_heart, af_heart=2 and af_heart(2).
_PART = re.compile(rf"(?P<name>[\w-]+)\s*(?:=\s*(?P<equal>{_NUMBER})|\(\s*(?P<bracket>{_NUMBER})\s*\))?", re.ASCII)


class Part(NamedTuple):
    """A voice in a mix."""

    name: str
    weight: float


def parse(text: str) -> tuple[Part, ...]:
    """The voices that a string names, ``a``, ``a,b``, ``a=2,b=1`` or ``a(2)+b(1)``; the weights need not add up to 1.

    Raises VoiceError.
    """
    if len(text) > MAX_STRING:
        raise VoiceError(
            "the voice's string has {count:,} characters; none has more than {max_string:,}",
            count=len(text),
            max_string=MAX_STRING,
        )
    written = re.split(r"[,+]", text)
    if len(written) > MAX_PARTS:
        raise VoiceError("{count} voices are named; at most {most} can be mixed", count=len(written), most=MAX_PARTS)
    parts = []
    for each in written:
        match = _PART.fullmatch(each.strip())
        if match is None:
            raise VoiceError(
                "{part!r} names no voice; a mix is written af_heart=2,bf_emma=1 or af_heart(2)+bf_emma(1)",
                part=each.strip()[:40],
            )
        parts.append(Part(match["name"], float(match["equal"] or match["bracket"] or 1)))
    if not sum(part.weight for part in parts) > 0:
        raise VoiceError("the weights of a blend must be numbers of 0 or more, and not all of them 0")
    return tuple(parts)


def check_name(name: str, known: Collection[str]) -> None:
    """Raises VoiceError for what names no voice, and no mix of voices, among those that are ``known``."""
    for part in parse(name) if name else ():
        if part.name not in known:
            raise unknown(part.name, known)
    if not name and not known:
        raise unknown(name, known)


def unknown(name: str, known: Collection[str]) -> VoiceError:
    """What is raised for a name that none of the ``known`` voices has; "" is the first of them."""
    if not known:
        return VoiceError(
            "there is no voice beside this model; put one into a folder voices there, or name a file (.pt, .bin, .npz)"
        )
    names = list(known)
    some = ", ".join(names[:SHOWN])
    if len(names) > SHOWN:
        return VoiceError(
            "there is no voice {name!r}; the voices are {some}, … ({count} in all)",
            name=name[:60],
            some=some,
            count=len(names),
        )
    return VoiceError("there is no voice {name!r}; the voices are {some}", name=name[:60], some=some)


def voice_of(pack: np.ndarray, name: str) -> Voice:
    """The voice that a pack (rows, 2S) is; by its name it has a language."""
    language = of_voice(name)
    meta = {MIX: name} | ({LANGUAGE: language.tag} if language else {})
    return Voice(system=SYSTEM, name=name, tensors={TENSOR: pack}, meta=meta)


def pack_of(voice: Voice) -> np.ndarray:
    """The pack (rows, 2S) of a voice, float32. Raises VoiceError for what is none."""
    held = np.asarray(voice.tensors.get(TENSOR, np.zeros(0)))
    fits = held.ndim == 2 and 0 < len(held) <= MAX_ROWS and held.shape[1] > 0 and held.shape[1] % 2 == 0
    if not fits or not np.issubdtype(held.dtype, np.floating):
        raise VoiceError(
            "the voice {voice!r} holds no table of styles but {dtype} of shape {shape}",
            voice=voice.name,
            dtype=held.dtype,
            shape=list(held.shape),
        )
    if not np.isfinite(held).all():
        raise VoiceError(
            "the style of the voice {voice!r} is damaged: it holds values that are not finite", voice=voice.name
        )
    return held.astype(np.float32, copy=False)


def check(voice: Voice) -> None:
    """Raises VoiceError for a voice that holds something other than a pack."""
    pack_of(voice)


def fitting(voice: Voice, size: int) -> np.ndarray:
    """`pack_of`, for a model whose styles have ``size`` values. Raises VoiceError for one of another model."""
    pack = pack_of(voice)
    if pack.shape[1] != size:
        raise VoiceError(
            "the voice {voice!r} has a style of {count} values; this model needs {size}",
            voice=voice.name,
            count=pack.shape[1],
            size=size,
        )
    return pack


def language_of(voice: Voice) -> Language | None:
    """The language that a voice speaks; None where nobody knows."""
    return of_tag(voice.meta[LANGUAGE]) if LANGUAGE in voice.meta else None


def blend(parts: Sequence[tuple[Voice, float]]) -> Voice:
    """Voices mixed row by row by their weights, which need not add up to 1. Raises VoiceError.

    The language is that of the voice that weighs most.
    """
    if not parts:
        raise VoiceError("there are no voices to blend")
    weights = np.array([weight for _, weight in parts], np.float64)
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum() > 0:
        raise VoiceError("the weights of a blend must be numbers of 0 or more, and not all of them 0")
    for voice, _ in parts:
        if voice.system != SYSTEM:
            raise VoiceError(
                "the voice {voice!r} belongs to {system}, not to {own}",
                voice=voice.name,
                system=voice.system,
                own=SYSTEM,
            )
    packs = [pack_of(voice) for voice, _ in parts]
    if len({pack.shape for pack in packs}) > 1:
        raise VoiceError("these voices are of different models; only styles of the same model can be blended")
    shares = weights / weights.sum()
    mixed = np.zeros(packs[0].shape, np.float64)
    for pack, share in zip(packs, shares, strict=True):
        mixed += share * pack
    voices = [voice for voice, _ in parts]
    names = [f"{voice.name} {share:.0%}" for voice, share in zip(voices, shares, strict=True) if share]
    heaviest = voices[int(shares.argmax())]
    meta = {LANGUAGE: heaviest.meta[LANGUAGE]} if LANGUAGE in heaviest.meta else {}
    if mix := _mix(voices, shares.tolist()):
        meta[MIX] = mix
    return Voice(system=SYSTEM, name=" + ".join(names)[:200], tensors={TENSOR: mixed.astype(np.float32)}, meta=meta)


def to_string(voice: Voice) -> str:
    """A mix of named voices as a string to hand on; "" for one of them alone. Raises VoiceError for any other voice."""
    pack_of(voice)
    if MIX not in voice.meta:
        raise VoiceError("the voice {voice!r} is no mix of named voices; hand on its file", voice=voice.name)
    return voice.meta[MIX] if len(parse(voice.meta[MIX])) > 1 else ""


def _mix(voices: Sequence[Voice], shares: Sequence[float]) -> str:
    """Mixes of mixes as one; "" where one of them has no name."""
    total: dict[str, float] = {}
    for voice, share in zip(voices, shares, strict=True):
        if MIX not in voice.meta:
            return ""
        parts = parse(voice.meta[MIX])
        whole = sum(part.weight for part in parts)
        for part in parts:
            total[part.name] = total.get(part.name, 0.0) + share * part.weight / whole
    return _written(total) if len(total) <= MAX_PARTS else ""


def _written(weights: Mapping[str, float]) -> str:
    return ",".join(f"{name}={weight:.6g}" for name, weight in weights.items() if weight >= 1e-6)
