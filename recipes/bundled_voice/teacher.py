"""The teacher: the flite synthesiser (Debian's libflite1), asked through its C library for more than its sound.

Besides the waveform, flite keeps what it made the waveform from: the phones with their ends, the states of each phone,
the pitch, and the strength of voicing in five bands. Its statistical voices (slt, rms, awb) are deterministic and
these are exact, so nothing has to be estimated from sound: docs/bundled-voice.md#teacher.
"""

import ctypes
from ctypes import POINTER, Structure, c_char_p, c_float, c_int, c_short, c_void_p
from dataclasses import dataclass
from functools import cache

import numpy as np

FRAME_S = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What flite says: ``samples`` int16 (n,) at ``sample_rate``; and with a frame every 5 ms, ``f0`` in Hz (t,) with 0
    where nothing is voiced, and ``strengths`` (t, 5), the voiced share of each frequency band in 0..1.

    ``phones`` are (name, end in seconds); ``states`` likewise, three to a phone.
    """

    samples: np.ndarray
    sample_rate: int
    f0: np.ndarray
    strengths: np.ndarray
    phones: tuple[tuple[str, float], ...]
    states: tuple[tuple[str, float], ...]


class _Track(Structure):
    _fields_ = (
        ("type", c_char_p),
        ("num_frames", c_int),
        ("num_channels", c_int),
        ("times", POINTER(c_float)),
        ("frames", POINTER(POINTER(c_float))),
    )


class _Wave(Structure):
    _fields_ = (
        ("type", c_char_p),
        ("sample_rate", c_int),
        ("num_samples", c_int),
        ("num_channels", c_int),
        ("samples", POINTER(c_short)),
    )


class _Utterance(Structure):
    _fields_ = (("features", c_void_p),)


_SIGNATURES = {
    "flite_synth_text": (POINTER(_Utterance), (c_char_p, c_void_p)),
    "feat_val": (c_void_p, (c_void_p, c_char_p)),
    "val_track": (POINTER(_Track), (c_void_p,)),
    "utt_wave": (POINTER(_Wave), (c_void_p,)),
    "utt_relation": (c_void_p, (c_void_p, c_char_p)),
    "relation_head": (c_void_p, (c_void_p,)),
    "item_next": (c_void_p, (c_void_p,)),
    "item_feat_string": (c_char_p, (c_void_p, c_char_p)),
    "item_feat_float": (c_float, (c_void_p, c_char_p)),
    "delete_utterance": (None, (c_void_p,)),
}


@cache
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
        for name in ("usenglish", "cmulex"):
            ctypes.CDLL(f"libflite_{name}.so.1", mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        raise RuntimeError("the teacher is missing: install Debian's package libflite1") from error
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    library.flite_init()
    return library


@cache
def _voice(name: str) -> int:
    _library()
    register = getattr(ctypes.CDLL(f"libflite_cmu_us_{name}.so.1"), f"register_cmu_us_{name}")
    register.restype, register.argtypes = c_void_p, (c_char_p,)
    return register(None)


def speak(text: str, voice: str) -> Utterance:
    """Say ``text`` (ASCII) with flite's statistical voice ``voice``: slt, rms or awb."""
    flite = _library()
    utterance = flite.flite_synth_text(text.encode("ascii"), _voice(voice))
    try:
        wave = flite.utt_wave(utterance).contents
        features = utterance.contents.features
        return Utterance(
            samples=np.ctypeslib.as_array(wave.samples, (wave.num_samples,)).copy(),
            sample_rate=wave.sample_rate,
            f0=_track(flite, features, b"param_track")[:, 0],
            strengths=_track(flite, features, b"str_track"),
            phones=_items(flite, utterance, b"Segment"),
            states=_items(flite, utterance, b"HMMstate"),
        )
    finally:
        flite.delete_utterance(utterance)


def _track(flite: ctypes.CDLL, features: int, name: bytes) -> np.ndarray:
    track = flite.val_track(flite.feat_val(features, name)).contents
    rows = (np.ctypeslib.as_array(track.frames[i], (track.num_channels,)) for i in range(track.num_frames))
    return np.stack(list(rows)).astype(np.float32)


def _items(
    flite: ctypes.CDLL, utterance: "ctypes._Pointer[_Utterance]", relation: bytes
) -> tuple[tuple[str, float], ...]:
    items = []
    item = flite.relation_head(flite.utt_relation(utterance, relation))
    while item:
        items.append((flite.item_feat_string(item, b"name").decode(), flite.item_feat_float(item, b"end")))
        item = flite.item_next(item)
    return tuple(items)
