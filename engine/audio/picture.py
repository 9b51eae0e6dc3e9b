"""A mel-spectrogram as a picture: time to the right over the whole width, pitch upwards, brighter is louder."""

import io

import numpy as np
from PIL import Image

RANGE_DB = 75.0

_FFT = 1024
_MELS = 96
# Every column looks at no more than this many windows, so that an hour costs as little as a minute.
_WINDOWS = 4
# Between two pictures, in pixels.
_GAP = 4
# Nine points of matplotlib's magma (public domain), whose lightness grows evenly.
_MAGMA = np.array(
    [
        (0, 0, 4),
        (28, 16, 68),
        (79, 18, 123),
        (129, 37, 129),
        (181, 54, 122),
        (229, 80, 100),
        (251, 135, 97),
        (254, 194, 135),
        (252, 253, 191),
    ],
    np.float32,
)


def mel_png(samples: np.ndarray, sample_rate: int, *, width: int = 800, height: int = 160) -> bytes:
    """A PNG of ``width`` x ``height`` pixels: the log-mel power of mono ``samples`` (n,), the top `RANGE_DB` dB of it.

    The first column is the first sample and the last column the last one. No samples, or silence, give a dark picture.
    """
    return _png([_level(samples, sample_rate, width)], width, height)


def pair_png(before: np.ndarray, after: np.ndarray, sample_rate: int, *, width: int = 800, height: int = 160) -> bytes:
    """The same of two sounds (n,), ``before`` above ``after``, each ``height`` high and by the same measure."""
    return _png([_level(samples, sample_rate, width) for samples in (before, after)], width, height)


def _png(levels: list[np.ndarray], width: int, height: int) -> bytes:
    """Levels in dB (`_MELS`, columns) above each other, the loudest of all the brightest."""
    # Below -80 dB of full scale everything is silence, however quiet the loudest is.
    top = max(*(float(level.max()) for level in levels), RANGE_DB - 80)
    pictures = [_coloured(np.clip((level - top) / RANGE_DB + 1, 0, 1), width, height) for level in levels]
    gap = np.zeros((_GAP, width, 3), np.uint8)
    rows = [part for picture in pictures for part in (gap, picture)][1:]
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(rows)).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _level(samples: np.ndarray, sample_rate: int, columns: int) -> np.ndarray:
    power = _mel_power(np.asarray(samples, np.float32), sample_rate, columns)
    return np.log10(np.maximum(power, 1e-10)) * 10


def _coloured(shade: np.ndarray, width: int, height: int) -> np.ndarray:
    gray = Image.fromarray(np.flipud(shade).astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC)
    place = np.clip(np.asarray(gray), 0, 1) * (len(_MAGMA) - 1)
    points = np.arange(len(_MAGMA))
    pixels = np.stack([np.interp(place, points, _MAGMA[:, channel]) for channel in range(3)], axis=-1)
    return pixels.round().astype(np.uint8)


def _mel_power(samples: np.ndarray, sample_rate: int, columns: int) -> np.ndarray:
    """Mel power (`_MELS`, columns); 0 dB is a full-scale sine."""
    window = np.hanning(_FFT + 1)[:-1].astype(np.float32)
    scale = 4 / window.sum() ** 2
    padded = np.pad(samples, _FFT // 2)
    per_column = int(np.clip(len(samples) / columns / (_FFT / 2), 1, _WINDOWS))
    centres = (np.arange(columns * per_column) + 0.5) / (columns * per_column) * len(samples)
    starts = centres.astype(np.int64).reshape(columns, per_column)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)
    bank = _mel_bank(sample_rate)
    power = np.zeros((_MELS, columns), np.float32)
    for column in range(0, columns, 64):
        chosen = frames[starts[column : column + 64]] * window
        spectrum = np.abs(np.fft.rfft(chosen, axis=-1)) ** 2 * scale
        power[:, column : column + 64] = bank @ spectrum.mean(axis=1).T
    return power


def _mel_bank(sample_rate: int) -> np.ndarray:
    """Triangles (`_MELS`, bins) that are at least a bin wide, evenly spaced in mel (2595 log10(1 + f/700))."""
    top = 2595 * np.log10(1 + sample_rate / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, _MELS + 2) / 2595) - 1) * _FFT / sample_rate
    bins = np.arange(_FFT // 2 + 1)
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (bins - low) / np.maximum(centre - low, 1)
    falling = (high - bins) / np.maximum(high - centre, 1)
    near = 1 - np.abs(bins - centre)
    return np.maximum(np.minimum(rising, falling), near).clip(0, 1).astype(np.float32)
