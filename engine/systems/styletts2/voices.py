"""Styles as voices: checked, mixed, and as strings to hand on. Imports no torch.

A style is what makes a voice here: float32 (2S,), its acoustic, then its prosodic half
(docs/systems/styletts2.md#voices).
"""

import base64
import binascii
import re
from collections.abc import Sequence

import numpy as np

from engine.errors import VoiceError
from engine.message import Message
from engine.request import Voice

SYSTEM = "styletts2"
TENSOR = "style"
PREFIX = "style:"
# Which models a style belongs to: those of one speaker and those of many share no space of styles.
KINDS = {False: Message("one speaker"), True: Message("many speakers")}
MAX_STRING = 100_000
SEED = re.compile(r"seed:\s*(\d{1,18})", re.IGNORECASE)


def voice_of(style: np.ndarray, name: str, *, multispeaker: bool) -> Voice:
    """The voice that a style (2S,) is."""
    style = np.ascontiguousarray(style.reshape(-1), np.float32)
    return Voice(system=SYSTEM, name=name, tensors={TENSOR: style}, meta={"model": str(KINDS[multispeaker])})


def style_of(voice: Voice) -> np.ndarray | None:
    """The style (2S,) of a voice; None for the voice that has none. Raises VoiceError for what is no style."""
    if TENSOR not in voice.tensors:
        return None
    style = np.asarray(voice.tensors[TENSOR])
    if style.ndim != 1 or not len(style) or len(style) % 2 or not np.issubdtype(style.dtype, np.floating):
        raise VoiceError(
            "the voice {voice!r} holds no style but {dtype} of shape {shape}",
            voice=voice.name,
            dtype=style.dtype,
            shape=list(style.shape),
        )
    if not np.isfinite(style).all():
        raise VoiceError(
            "the style of the voice {voice!r} is damaged: it holds values that are not finite", voice=voice.name
        )
    return style.astype(np.float32)


def check(voice: Voice) -> None:
    """Raises VoiceError for a voice that holds something other than a style."""
    if style_of(voice) is None and voice.tensors:
        raise VoiceError(
            "the voice {voice!r} holds {tensors} and no style", voice=voice.name, tensors=", ".join(voice.tensors)
        )


def fitting(voice: Voice, size: int, *, multispeaker: bool) -> np.ndarray | None:
    """`style_of`, for a model whose styles have ``size`` values. Raises VoiceError for one of another model."""
    style = style_of(voice)
    if style is None:
        return None
    if len(style) != size:
        raise VoiceError(
            "the voice {voice!r} has a style of {count} values; this model needs {size}",
            voice=voice.name,
            count=len(style),
            size=size,
        )
    made_with = voice.meta.get("model", KINDS[multispeaker])
    if made_with != KINDS[multispeaker]:
        raise VoiceError(
            "the voice {voice!r} is of a model of {made_with}; this one is of {kinds}",
            voice=voice.name,
            made_with=Message(made_with),
            kinds=KINDS[multispeaker],
        )
    return style


def blend(parts: Sequence[tuple[Voice, float]]) -> Voice:
    """Voices mixed by their weights, which need not add up to 1. Raises VoiceError."""
    if not parts:
        raise VoiceError("there are no voices to blend")
    weights = np.array([weight for _, weight in parts], np.float64)
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum() > 0:
        raise VoiceError("the weights of a blend must be numbers of 0 or more, and not all of them 0")
    voices = [voice for voice, _ in parts]
    styles: list[np.ndarray] = []
    for voice in voices:
        if voice.system != SYSTEM:
            raise VoiceError(
                "the voice {voice!r} belongs to {system}, not to {own}",
                voice=voice.name,
                system=voice.system,
                own=SYSTEM,
            )
        style = style_of(voice)
        if style is None:
            raise VoiceError(
                "the voice {voice!r} has no style of its own to blend; draw one with seed:1",
                voice=voice.name,
            )
        styles.append(style)
    kinds = {(len(style), voice.meta.get("model")) for voice, style in zip(voices, styles, strict=True)}
    if len(kinds) > 1:
        raise VoiceError("these voices are of different models; only styles of the same model can be blended")
    shares = weights / weights.sum()
    mixed = np.sum([share * style.astype(np.float64) for share, style in zip(shares, styles, strict=True)], axis=0)
    names = [f"{voice.name} {share:.0%}" for voice, share in zip(voices, shares, strict=True) if share]
    return Voice(
        system=SYSTEM,
        name=" + ".join(names)[:200],
        tensors={TENSOR: mixed.astype(np.float32)},
        meta=dict(voices[0].meta),
    )


def to_string(voice: Voice) -> str:
    """The voice as a string to hand on; "" for the voice that has no style of its own. Raises VoiceError."""
    style = style_of(voice)
    return "" if style is None else PREFIX + base64.urlsafe_b64encode(style.astype("<f4").tobytes()).decode()


def from_string(text: str, *, multispeaker: bool) -> Voice:
    """The voice that `to_string` wrote. Raises VoiceError."""
    packed = "".join(text.split()).removeprefix(PREFIX)
    if len(packed) > MAX_STRING:
        raise VoiceError(
            "the voice's string has {count:,} characters; none has more than {max_string:,}",
            count=len(packed),
            max_string=MAX_STRING,
        )
    try:
        data = base64.b64decode(packed, altchars=b"-_", validate=True)
        style = np.frombuffer(data, "<f4")
    except (binascii.Error, ValueError):
        raise VoiceError("the voice's string is damaged; copy all of it, from style: on") from None
    voice = voice_of(style, "a shared style", multispeaker=multispeaker)
    style_of(voice)
    return voice


def check_name(name: str, recordings: Sequence[str], *, multispeaker: bool) -> None:
    """Raises VoiceError for what stands for no voice of a model with the ``recordings`` of these names beside it.

    What does is one of the names, ``seed:N``, a string, or "" where the model has a voice by itself.
    """
    if name.startswith(PREFIX):
        from_string(name, multispeaker=multispeaker)
    elif SEED.fullmatch(name):
        if multispeaker and len(recordings) < 2:
            raise VoiceError(
                "this model draws voices by mixing recordings, and there are none beside it; give your own"
            )
    elif not name and multispeaker and not recordings:
        raise VoiceError(
            "this model speaks in the voice of a recording: give one of 3 to 15 s, or choose a saved voice"
        )
    elif name and name not in recordings:
        if not recordings:
            raise VoiceError(
                "there is no voice {name!r}; the voices are those you save, and seed:NUMBER draws one", name=name[:40]
            )
        raise VoiceError(
            "there is no voice {name!r}; the voices are {known}, and seed:NUMBER draws one",
            name=name[:40],
            known=", ".join(recordings[:20]),
        )
