"""Voices: the codes of a few seconds of speech and its text, as ids or as words; presets are files of VALL-E X.

Such a file is an .npz of audio_tokens (1, T, 8), text_tokens (1, n) and lang_code, in which languages have other
numbers than in the model (docs/systems/vallex.md#voices). Imports no torch.
"""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.codec_lm import prompts
from engine.codec_lm.prompts import checked_codes
from engine.errors import VoiceError
from engine.message import Message
from engine.request import Voice
from engine.systems.vallex.symbols import IDS, LANGUAGES, SYMBOLS

SYSTEM = "vallex"
NOBODY = "none"
# In prompt files; in the model they are numbered as LANGUAGES is.
LANG_CODES = ("zh", "ja", "en")
MAX_IDS = 2000
_MAX_BYTES = 8 << 20


def read_file(path: Path) -> Voice:
    """The voice in a prompt file of VALL-E X. Raises VoiceError for anything else; nothing in it is run."""
    if not path.is_file():
        raise VoiceError("there is no voice file {path}", path=path)
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MAX_BYTES:
                raise VoiceError("{path} is far larger than a prompt of VALL-E X", path=path.name)
        with np.load(path, allow_pickle=False) as held:
            codes, ids, code = held["audio_tokens"], held["text_tokens"], held["lang_code"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise VoiceError(
            "{path} is no prompt of VALL-E X (audio_tokens, text_tokens, lang_code): {error}",
            path=path.name,
            error=" ".join(str(error).split())[:100],
        ) from None
    if codes.ndim != 3 or len(codes) != 1 or ids.ndim != 2 or len(ids) != 1 or code.size != 1:
        raise VoiceError("{path} holds arrays of other shapes than a prompt of VALL-E X", path=path.name)
    number = code.reshape(())
    if not np.issubdtype(number.dtype, np.integer) or not 0 <= number < len(LANG_CODES):
        raise VoiceError("{path} has the lang_code {number}; there are 0, 1 and 2", path=path.name, number=number)
    return Voice(
        system=SYSTEM,
        name=path.stem[:200],
        tensors={"codes": checked_codes(codes[0]), "text_ids": checked_ids(ids[0])},
        meta={"language": LANG_CODES[int(number)]},
    )


def checked_ids(ids: np.ndarray) -> np.ndarray:
    """The ``ids`` (n,) of a prompt's text as int16. Raises VoiceError."""
    if ids.ndim != 1 or not np.issubdtype(ids.dtype, np.integer) or len(ids) > MAX_IDS:
        raise VoiceError("the voice's text is no list of at most {most} symbols", most=MAX_IDS)
    if len(ids) and (ids.min() < 0 or ids.max() >= len(SYMBOLS)):
        raise VoiceError("the voice's text has a symbol that the model does not know; it is of another model")
    return ids.astype(np.int16)


def check(voice: Voice) -> None:
    """Raises VoiceError for a voice that holds something, and not codes with a text in a language of the model."""
    if "codes" not in voice.tensors:
        if voice.tensors:
            raise VoiceError(
                "the voice {voice} holds {tensors}, and no codes", voice=voice.name, tensors=", ".join(voice.tensors)
            )
        return
    checked_codes(voice.tensors["codes"])
    if "text_ids" in voice.tensors:
        checked_ids(voice.tensors["text_ids"])
        if voice.meta.get("language") not in LANGUAGES:
            raise VoiceError("the voice {voice} does not say in which language it speaks", voice=voice.name)


def joined(voices: Sequence[Voice]) -> Voice:
    """One voice of several recordings, or of several prompt files, in their order. Raises VoiceError."""
    texts = [voice.tensors.get("text_ids") for voice in voices]
    ids = [each for each in texts if each is not None]
    if ids and len(ids) < len(voices):
        raise VoiceError("voices of recordings and prompt files of VALL-E X cannot be joined; take one kind")
    made = prompts.joined(voices)
    languages = {voice.meta.get("language", "") for voice in voices}
    if not ids:
        # Of recordings in several languages each is read in its own.
        return replace(made, meta={**made.meta, "language": languages.pop() if len(languages) == 1 else ""})
    if len(languages) > 1:
        raise VoiceError("the voices speak several languages; join those of one")
    gap = np.array([IDS["_"]], np.int16)
    spaced = [part for each in ids for part in (gap, checked_ids(each))][1:]
    return replace(made, tensors={**made.tensors, "text_ids": checked_ids(np.concatenate(spaced))}, meta=voices[0].meta)


def parse(name: str, presets: Mapping[str, Path]) -> Voice:
    """The voice that a string stands for: "" and ``none`` are whoever the model makes up; else a preset.

    Raises VoiceError.
    """
    if name.lower() in ("", NOBODY):
        return Voice(system=SYSTEM, name=NOBODY)
    found = {preset.lower(): path for preset, path in presets.items()}.get(name.lower())
    if found is None:
        raise VoiceError(
            "there is no voice {name!r}; name {presets}, an .npz prompt, or give a recording of 3 to 10 s",
            name=name[:60],
            presets=", ".join(list(presets)[:20]) or Message("none"),
        )
    return read_file(found)
