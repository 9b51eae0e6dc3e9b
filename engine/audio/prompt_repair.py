"""What can be mended in a recording that a voice is to be made from: see `engine.audio.prompt_check`."""

from collections.abc import Callable, Collection

import numpy as np

from engine.audio.activity import HOP_S, activity
from engine.audio.prompt_check import CUT, DENOISE, LEVEL, LONG_S, MONO, REPAIRS, SHORT_S, TRIM
from engine.errors import AudioError

# What stays before and behind the voice, in seconds.
_EDGE_S = 0.1
# What speech is brought to, and the loudest sample.
_SPEECH_DB, _PEAK = -23.0, 10 ** (-1 / 20)
_WINDOW_S, _OVERLAP = 0.04, 4
# How much more than the noise itself is taken off, and the least that stays of anything.
_OVER, _LEAST = 2.0, 10 ** (-15 / 20)


def repair(samples: np.ndarray, sample_rate: int, names: Collection[str]) -> np.ndarray:
    """A recording with the repairs of `REPAIRS` that are named, as mono float32 samples (n,).

    ``samples`` are (n,) or (channels, n). Raises AudioError for a repair that does not exist.
    """
    unknown = sorted(set(names) - set(REPAIRS))
    if unknown:
        raise AudioError(
            "there is no repair {unknown}; there are {repairs}", unknown=unknown[0], repairs=", ".join(REPAIRS)
        )
    channels = np.atleast_2d(np.asarray(samples, np.float32))
    if not channels.size:
        return np.zeros(0, np.float32)
    mono = in_one(channels) if MONO in names else channels.mean(axis=0)
    makes: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
        TRIM: trimmed, CUT: shortened, DENOISE: denoised, LEVEL: levelled,
    }  # fmt: skip
    for name in REPAIRS:
        if name in names and name in makes:
            mono = makes[name](mono, sample_rate)
    return mono.astype(np.float32, copy=False)


def in_one(channels: np.ndarray) -> np.ndarray:
    """The mean of ``channels`` (channels, n), or the loudest where they cancel each other out: (n,)."""
    powers = np.square(channels, dtype=np.float64).mean(axis=1)
    mean = channels.mean(axis=0)
    cancels = np.square(mean, dtype=np.float64).mean() < 0.2 * powers.mean()
    return channels[int(np.argmax(powers))] if cancels else mean


def trimmed(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Without the silence at both ends, but for a tenth of a second."""
    first, last = activity(samples, sample_rate).span()
    if first == last:
        return samples
    edge = round(_EDGE_S * sample_rate)
    start = max(0, round(first * HOP_S * sample_rate) - edge)
    return samples[start : min(len(samples), round(last * HOP_S * sample_rate) + edge)]


def shortened(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """The first ten seconds at most, up to the quietest moment after the third."""
    most = round(LONG_S * sample_rate)
    if len(samples) <= most:
        return samples
    levels = activity(samples[:most], sample_rate).levels
    first = round(SHORT_S / HOP_S)
    # Of 0.1 s each, so that it is a pause and no consonant; the last of several that are as quiet.
    smooth = np.convolve(levels[first:], np.ones(10) / 10, mode="valid")
    quietest = len(smooth) - 1 - int(np.argmin(smooth[::-1]))
    return samples[: round((first + quietest + 5) * HOP_S * sample_rate)]


def denoised(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """With what is heard in the pauses taken off everywhere, by at most 15 dB (spectral subtraction)."""
    size = 1 << round(np.log2(_WINDOW_S * sample_rate))
    hop = size // _OVERLAP
    window = np.hanning(size + 1)[:-1]
    padded = np.pad(np.asarray(samples, np.float64), (size, size + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    spectra = np.fft.rfft(frames * window)
    powers = np.square(np.abs(spectra))
    loudness = powers.sum(axis=1)
    inside = slice(_OVERLAP, len(loudness) - _OVERLAP)
    quiet = loudness <= np.percentile(loudness[inside], 15)
    quiet[:_OVERLAP] = quiet[-_OVERLAP - 1 :] = False
    if not quiet.any():
        return samples
    noise = powers[quiet].mean(axis=0)
    # Smoothed in time, or single bins would ring.
    smooth = np.apply_along_axis(lambda each: np.convolve(each, np.ones(3) / 3, mode="same"), 0, powers)
    gain = np.sqrt(np.clip(1 - _OVER * noise / np.maximum(smooth, 1e-20), _LEAST**2, 1))
    sound = np.fft.irfft(spectra * gain) * window
    summed, weight = np.zeros(len(padded)), np.zeros(len(padded))
    for index, frame in enumerate(sound):
        summed[index * hop : index * hop + size] += frame
        weight[index * hop : index * hop + size] += np.square(window)
    return (summed / np.maximum(weight, 1e-6))[size : size + len(samples)].astype(np.float32)


def levelled(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """With speech at -23 dB of full scale, or quieter where its loudest sample would be cut off; without an offset."""
    samples = samples - samples.mean(dtype=np.float64)
    peak = float(np.abs(samples).max(initial=0.0))
    if peak == 0.0:
        return samples
    gain = 10 ** ((_SPEECH_DB - activity(samples, sample_rate).speech_db) / 20)
    return samples * min(gain, _PEAK / peak)
