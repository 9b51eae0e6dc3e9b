"""Whether a recording is fit to clone a voice from, in plain words, and which repair each fault has.

A model repeats what it hears: noise, rooms and pauses become part of the voice. Everything is estimated from the sound
alone, so what is said is what seems to be.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from engine.audio.activity import HOP_S, Activity, activity
from engine.message import Message

# What a finding is: nothing to mend, something that costs quality, something that a clone fails on.
GOOD, FAIR, POOR = "good", "fair", "poor"
# Repairs, in the order in which they are made.
MONO, TRIM, CUT, DENOISE, LEVEL = "mono", "trim", "cut", "denoise", "level"
REPAIRS = (MONO, TRIM, CUT, DENOISE, LEVEL)

# Seconds.
LEAST_S, SHORT_S, LONG_S, MOST_S = 1.0, 3.0, 10.0, 15.0
_SILENCE_S, _PAUSE_S = 0.5, 1.2
# dB of full scale.
_QUIET_DB, _LOUD_DB = -35.0, -10.0
# dB between speech and what is heard in its pauses.
_NOISY_DB, _CLEAN_DB = 18.0, 30.0
# Frames over which a level is smoothed; how many, and by how much at least, it falls where a sound ends.
_SMOOTH, _LEAST_FALL, _DEEP_DB = 5, 4, (4.0, 10.0)
# Seconds in which sound dies down by 60 dB.
_ROOM_S, _HALL_S = 0.5, 0.75
# The share of samples that are cut off at the top.
_CLIPPED = 1e-4
# Two voices are so many semitones apart, and each is heard for such a share of the time.
_APART, _SHARE, _STEADY = 6.0, 0.2, 3.0
_LOWEST_HZ, _HIGHEST_HZ = 65.0, 420.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: its ``name``, how good it is, in words, and the repair that it has, "" for none."""

    name: str
    grade: str
    message: Message
    repair: str = ""


def check(samples: np.ndarray, sample_rate: int) -> tuple[Finding, ...]:
    """What there is to say of a recording: a Finding for each thing, in the order of how a person would mend them.

    ``samples`` are (n,), or (channels, n) as recorded, in [-1, 1]. Takes time linear in their number.
    """
    channels = np.atleast_2d(np.asarray(samples, np.float32))
    mono = channels.mean(axis=0)
    if not mono.size or float(np.abs(channels).max()) == 0.0:
        return (Finding(name="speech", grade=POOR, message=Message("There is no sound in the recording.")),)
    # What cancels out in the mean is looked at in the louder channel.
    mono = channels[int(np.argmax(np.square(channels).mean(axis=1)))] if _cancels(channels) else mono
    heard = activity(mono, sample_rate)
    found = [_channels(channels), _length(len(mono) / sample_rate)]
    if not heard.has_speech:
        message = Message("There is no speech to be heard, only a steady sound.")
        return (*found, Finding(name="speech", grade=POOR, message=message))
    looks: tuple[Callable[[np.ndarray, int, Activity], Iterator[Finding]], ...] = (
        _clipping, _level, _noise, _room, _silences, _speakers,
    )  # fmt: skip
    return (*found, *(finding for look in looks for finding in look(mono, sample_rate, heard)))


def clipped_share(samples: np.ndarray) -> float:
    """The share of mono ``samples`` (n,) in runs of three or more that stay at the very top or bottom."""
    top = float(np.abs(samples).max(initial=0.0))
    if top < 0.1:
        return 0.0
    at_top = np.abs(samples) >= 0.999 * top
    edges = np.flatnonzero(np.diff(np.concatenate([[False], at_top, [False]]).astype(np.int8)))
    runs = edges[1::2] - edges[::2]
    return float(runs[runs >= 3].sum() / max(1, len(samples)))


def reverberation_s(heard: Activity) -> float:
    """How long sound takes to die down by 60 dB, from how levels fall behind sounds; 0 where no fall is clear enough.

    It is the median of all falls, of which deep ones count for more. Speech without pauses makes a room seem smaller.
    """
    power = np.convolve(10 ** (heard.levels / 10), np.ones(_SMOOTH) / _SMOOTH, mode="same")
    levels = 10 * np.log10(np.maximum(power, 1e-12))
    falls: list[tuple[float, float]] = []
    least, at = heard.noise_db + 3, 0
    # What is shallower than half of all there is may be a change of the noise.
    deep = float(np.clip(0.5 * (heard.speech_db - heard.noise_db), *_DEEP_DB))
    while at < len(levels) - 1:
        end = at
        while end + 1 < len(levels) and levels[end] > levels[end + 1] > least:
            end += 1
        # Not from the very top, where the voice itself is still dying down.
        begin = at + (end - at) // 4
        fall = float(levels[begin] - levels[end])
        if fall >= deep and end - begin >= _LEAST_FALL and levels[at] > heard.threshold_db:
            falls.append((60 * (end - begin) * HOP_S / fall, fall))
        at = max(end, at + 1)
    if not falls:
        return 0.0
    times, weights = np.array(sorted(falls)).T
    return float(times[np.searchsorted(np.cumsum(weights), weights.sum() / 2)])


def pitches(samples: np.ndarray, sample_rate: int, heard: Activity) -> np.ndarray:
    """The pitch of the voice in Hz every 20 ms of mono ``samples`` (n,), 0 where nothing is sung or voiced: (t,)."""
    step = max(1, sample_rate // 8000)
    low = samples[: len(samples) // step * step].reshape(-1, step).mean(axis=1).astype(np.float64)
    rate = sample_rate / step
    size, hop = round(0.05 * rate), round(2 * HOP_S * rate)
    if len(low) < size:
        return np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(low, size)[::hop]
    speech = heard.is_speech[::2]
    found = np.zeros(len(frames))
    lags = np.arange(int(rate / _HIGHEST_HZ), min(int(rate / _LOWEST_HZ), size - 1) + 1)
    for index in np.flatnonzero(speech[: len(frames)]):
        frame = frames[index] - frames[index].mean()
        spectrum = np.fft.rfft(frame * np.hanning(size), 2 * size)
        correlation = np.fft.irfft(np.square(np.abs(spectrum)))[:size]
        # The window falls off with the lag, and so would the correlation.
        falling = np.fft.irfft(np.square(np.abs(np.fft.rfft(np.hanning(size), 2 * size))))[:size]
        normal = correlation[lags] / np.maximum(falling[lags], 1e-9) / max(correlation[0] / falling[0], 1e-12)
        best = float(normal.max())
        if best > 0.6:
            # The shortest lag that is nearly as good: its multiples are so, too.
            peaks = (normal[1:-1] >= normal[:-2]) & (normal[1:-1] >= normal[2:]) & (normal[1:-1] > 0.85 * best)
            (places,) = np.nonzero(peaks)
            found[index] = rate / lags[places[0] + 1] if len(places) else 0.0
    return found


def _length(seconds: float) -> Finding:
    if seconds < LEAST_S:
        message = Message("It is {seconds:.1f} s long, which is too short to hear a voice in.", seconds=seconds)
        return Finding(name="length", grade=POOR, message=message)
    if seconds < SHORT_S:
        message = Message("It is {seconds:.1f} s long; 3 to 10 s make a better voice.", seconds=seconds)
        return Finding(name="length", grade=FAIR, message=message)
    if seconds > MOST_S:
        message = Message("It is {seconds:.0f} s long; more than 15 s make voices worse.", seconds=seconds)
        return Finding(name="length", grade=POOR, message=message, repair=CUT)
    if seconds > LONG_S:
        message = Message("It is {seconds:.0f} s long; 3 to 10 s are enough.", seconds=seconds)
        return Finding(name="length", grade=FAIR, message=message, repair=CUT)
    return Finding(
        name="length", grade=GOOD, message=Message("It is {seconds:.1f} s long, as it should be.", seconds=seconds)
    )


def _channels(channels: np.ndarray) -> Finding:
    if len(channels) == 1 or all(np.array_equal(channels[0], other) for other in channels[1:]):
        return Finding(name="channels", grade=GOOD, message=Message("It has one channel."))
    if _cancels(channels):
        message = Message("Its channels cancel each other out; only the louder one can be used.")
        return Finding(name="channels", grade=POOR, message=message, repair=MONO)
    message = Message("It has {count} channels; a voice is made of one.", count=len(channels))
    return Finding(name="channels", grade=FAIR, message=message, repair=MONO)


def _cancels(channels: np.ndarray) -> bool:
    """Whether the mean of the channels is much quieter than the loudest of them."""
    powers = np.square(channels, dtype=np.float64).mean(axis=1)
    mean = np.square(channels.mean(axis=0), dtype=np.float64).mean()
    return len(channels) > 1 and bool(mean < 0.2 * powers.mean())


def _clipping(mono: np.ndarray, _sample_rate: int, _heard: Activity) -> Iterator[Finding]:
    share = clipped_share(mono)
    if share < _CLIPPED:
        yield Finding(name="clipping", grade=GOOD, message=Message("Nothing is cut off at the top."))
        return
    grade = POOR if share > 20 * _CLIPPED else FAIR
    message = Message("It was recorded too loud and is distorted; record it again, farther from the microphone.")
    yield Finding(name="clipping", grade=grade, message=message)


def _level(_mono: np.ndarray, _sample_rate: int, heard: Activity) -> Iterator[Finding]:
    level = heard.speech_db
    if level < _QUIET_DB:
        message = Message("The voice is quiet, at {level:.0f} dB.", level=level)
        yield Finding(name="level", grade=FAIR, message=message, repair=LEVEL)
    elif level > _LOUD_DB:
        message = Message("The voice is very loud, at {level:.0f} dB.", level=level)
        yield Finding(name="level", grade=FAIR, message=message, repair=LEVEL)
    else:
        yield Finding(name="level", grade=GOOD, message=Message("The voice is as loud as it should be."))


def _noise(_mono: np.ndarray, _sample_rate: int, heard: Activity) -> Iterator[Finding]:
    clear = heard.speech_db - heard.noise_db
    if clear >= _CLEAN_DB:
        yield Finding(name="noise", grade=GOOD, message=Message("There is hardly any noise."))
        return
    grade = POOR if clear < _NOISY_DB else FAIR
    if reverberation_s(heard) > _echoing_s(heard):
        message = Message("Its pauses are full of echo or noise, only {clear:.0f} dB below the voice.", clear=clear)
        yield Finding(name="noise", grade=grade, message=message)
        return
    message = Message("There is noise, only {clear:.0f} dB below the voice; a clone would have it too.", clear=clear)
    yield Finding(name="noise", grade=grade, message=message, repair=DENOISE)


def _room(_mono: np.ndarray, _sample_rate: int, heard: Activity) -> Iterator[Finding]:
    seconds = reverberation_s(heard)
    if not seconds or _ROOM_S < seconds <= _echoing_s(heard):
        return
    if seconds <= _ROOM_S:
        yield Finding(name="room", grade=GOOD, message=Message("The room hardly echoes."))
        return
    message = Message(
        "The room echoes for {seconds:.1f} s; record it closer to the microphone, or among curtains and cushions.",
        seconds=seconds,
    )
    yield Finding(name="room", grade=POOR if seconds > _HALL_S else FAIR, message=message)


def _echoing_s(heard: Activity) -> float:
    """From when on a room echoes; loud noise makes every room seem larger."""
    return _HALL_S if heard.speech_db - heard.noise_db < _NOISY_DB else _ROOM_S


def _silences(_mono: np.ndarray, _sample_rate: int, heard: Activity) -> Iterator[Finding]:
    first, last = heard.span()
    before, after = first * HOP_S, (len(heard.levels) - last) * HOP_S
    if before > _SILENCE_S or after > _SILENCE_S:
        message = Message(
            "There is silence of {before:.1f} s at the beginning and of {after:.1f} s at the end; a clone would pause.",
            before=before,
            after=after,
        )
        yield Finding(name="silence", grade=FAIR, message=message, repair=TRIM)
    else:
        yield Finding(name="silence", grade=GOOD, message=Message("It begins and ends with the voice."))
    quiet = np.flatnonzero(np.diff(np.flatnonzero(heard.is_speech)) > _PAUSE_S / HOP_S)
    if len(quiet):
        message = Message("There are long pauses in it; a clone would make some, too.")
        yield Finding(name="pauses", grade=FAIR, message=message)
    if after < HOP_S and first < last:
        message = Message("It breaks off within a word; the clone may begin with the rest of it.")
        yield Finding(name="end", grade=FAIR, message=message)


def _speakers(mono: np.ndarray, sample_rate: int, heard: Activity) -> Iterator[Finding]:
    if _two_voices(pitches(mono, sample_rate, heard)):
        message = Message("There seem to be two people speaking; a voice is made of one.")
        yield Finding(name="speakers", grade=POOR, message=message)
    else:
        yield Finding(name="speakers", grade=GOOD, message=Message("One person seems to be speaking."))


def _two_voices(found: np.ndarray) -> bool:
    """Whether pitches, by halves of a second, are of two kinds far apart, each steady and often heard."""
    blocks = [found[at : at + 25] for at in range(0, len(found), 25)]
    medians = np.array([np.median(block[block > 0]) for block in blocks if (block > 0).sum() >= 5])
    if len(medians) < 4:
        return False
    notes = np.sort(12 * np.log2(medians / 55))
    # Of all ways to cut the sorted notes in two, the one whose parts are the steadiest.
    cuts = range(1, len(notes))
    at = min(cuts, key=lambda cut: notes[:cut].var() * cut + notes[cut:].var() * (len(notes) - cut))
    low, high = notes[:at], notes[at:]
    return bool(
        high.mean() - low.mean() >= _APART
        and min(len(low), len(high)) >= max(2, _SHARE * len(notes))
        and max(low.std(), high.std()) <= _STEADY
    )
