import itertools
import random

import numpy as np
import pytest

from engine.audio.joiner import join, untouched
from engine.errors import EngineError
from engine.events import AudioChunk, Notice, Progress, SpokenWord, Words
from engine.request import Segment

RATE = 22_050


def segments(*pauses):
    return [Segment(text=str(n), language="en", pause_s=pause) for n, pause in enumerate(pauses)]


def tone(seconds, *, level=0.5, rate=RATE, phase=1.0):
    return (level * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate + phase)).astype(np.float32)


def silence(seconds, rate=RATE):
    return np.zeros(round(seconds * rate), np.float32)


def chunks(*sounds, rate=RATE):
    return iter([AudioChunk(samples=sound, sample_rate=rate, segment=n) for n, sound in enumerate(sounds)])


def samples(events):
    return np.concatenate([event.samples for event in events if isinstance(event, AudioChunk)] or [silence(0)])


@pytest.mark.parametrize("seed", range(40))
def test_any_chunking_gives_the_same_samples(seed):
    rng = random.Random(seed)
    parts = [
        np.concatenate([silence(rng.random() / 5), tone(rng.random() / 3), silence(rng.random() / 3), tone(0.07)])
        for _ in range(3)
    ]
    parts[1] = np.concatenate([parts[1], silence(rng.random() / 2)])
    cut = []
    for n, part in enumerate(parts):
        edges = sorted({0, len(part), *(rng.randrange(len(part)) for _ in range(rng.randrange(40)))})
        cut += [AudioChunk(samples=part[a:b], sample_rate=RATE, segment=n) for a, b in itertools.pairwise(edges)]
    told = segments(0.28, 0.1, 0.0)
    np.testing.assert_array_equal(samples(join(iter(cut), told)), samples(join(chunks(*parts), told)))


def test_silence_at_the_ends_is_trimmed_and_inside_it_stays():
    sound = np.concatenate([silence(0.5), tone(0.3), silence(0.4), tone(0.3), silence(0.5)])
    finished = samples(join(chunks(sound), segments(0.0)))
    assert len(finished) / RATE == pytest.approx(1.0 + 0.03 + 0.06, abs=0.021)
    quiet = np.abs(finished) < 1e-4
    runs = [len(list(group)) for value, group in itertools.groupby(quiet) if value]
    assert max(runs) / RATE == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize("pause_s", [0.0, 0.1, 0.28, 0.6])
def test_pauses_are_those_of_the_text(pause_s):
    lone = [samples(join(chunks(tone(seconds)), segments(0.0))) for seconds in (0.31, 0.47)]
    both = samples(join(chunks(tone(0.31), tone(0.47)), segments(pause_s, 0.0)))
    np.testing.assert_array_equal(both, np.concatenate([lone[0], silence(pause_s), lone[1]]))


def test_no_pause_follows_the_last_sound():
    assert np.abs(samples(join(chunks(tone(0.3), tone(0.3)), segments(0.2, 0.9)))[-200:]).max() > 0.01


def test_a_segment_without_sound_leaves_one_pause():
    finished = samples(join(chunks(tone(0.3), silence(0.5), tone(0.3)), segments(0.2, 0.6, 0.0)))
    assert len(finished) == 2 * len(tone(0.3)) + len(silence(0.6))


@pytest.mark.parametrize("phase", [0.0, 1.0, 2.5])
def test_no_joint_jumps(phase):
    finished = samples(join(chunks(*(tone(0.2, phase=phase) for _ in range(5))), segments(0.0, 0.1, 0.0, 0.3, 0.0)))
    steepest = np.abs(np.diff(tone(0.2))).max()
    fade_slope = 0.5 * np.pi / 2 / (0.005 * RATE)
    assert np.abs(np.diff(finished)).max() <= steepest + fade_slope
    assert abs(finished[0]) < 1e-6
    assert abs(finished[-1]) < 1e-6


def test_the_middle_is_untouched():
    sound = tone(0.5)
    finished = samples(join(chunks(sound), segments(0.0)))
    np.testing.assert_array_equal(finished[200:-200], sound[200:-200])


def test_samples_stay_within_full_scale():
    assert np.abs(samples(join(chunks(tone(0.2, level=3.0)), segments(0.0)))).max() == 1.0


def test_sound_leaves_with_the_chunk_that_brings_it():
    """No more than a frame and a fade (15 ms) is held back while there is sound."""
    given = 0

    def source():
        nonlocal given
        for start in range(0, RATE, 441):
            given += 441
            yield AudioChunk(samples=tone(1.0)[start : start + 441], sample_rate=RATE)

    left = 0
    for event in join(source(), segments(0.0)):
        left += len(event.samples)
        assert given - left <= 0.0152 * RATE


def test_other_events_pass_in_their_order():
    progress, notice = Progress(done=1, total=2, label="x"), Notice(message="y")
    events = iter([progress, AudioChunk(samples=tone(0.2), sample_rate=RATE), notice])
    kinds = [type(event).__name__ for event in join(events, segments(0.0))]
    assert kinds == ["Progress", "AudioChunk", "Notice", "AudioChunk"]


def test_closing_closes_the_system():
    closed = []

    def source():
        try:
            while True:
                yield AudioChunk(samples=tone(0.2), sample_rate=RATE)
        finally:
            closed.append(True)

    finished = join(source(), segments(0.0))
    next(finished)
    finished.close()
    assert closed == [True]


def test_values_that_are_no_numbers_are_an_error():
    with pytest.raises(EngineError, match="not numbers"):
        list(join(chunks(np.array([0.1, np.nan], np.float32)), segments(0.0)))


@pytest.mark.parametrize("length", [0, 1, 3, 100, 219, 220, 221, 331])
def test_tiny_segments_pass(length):
    finished = samples(join(chunks(np.full(length, 0.5, np.float32)), segments(0.0)))
    assert len(finished) == length


def test_the_systems_arrays_are_not_changed():
    sound = tone(0.2)
    before = sound.copy()
    list(join(chunks(sound), segments(0.0)))
    np.testing.assert_array_equal(sound, before)


def test_words_have_the_times_of_what_is_heard():
    sound, quiet = np.full(2400, 0.5, np.float32), np.zeros(7200, np.float32)
    given = []
    for segment in range(2):
        spoken = SpokenWord(text=f"word {segment}", start_s=0.3, end_s=0.4)
        parts = (quiet[:3600], quiet[3600:], sound, quiet)
        given.append(Words(words=(spoken,), segment=segment))
        given += [AudioChunk(samples=part, sample_rate=24_000, segment=segment) for part in parts]
    made, times = 0, {}
    for event in join(iter(given), segments(0.5, 0)):
        if isinstance(event, Words):
            times[event.segment] = (event.words[0].start_s, event.words[0].end_s)
        else:
            made += len(event.samples)
    # Three frames are kept before, six behind, and the pause lies between.
    assert times[0] == pytest.approx((0.03, 0.13))
    assert times[1] == pytest.approx((0.03 + 0.1 + 0.06 + 0.5 + 0.03, 0.03 + 0.1 + 0.06 + 0.5 + 0.13))
    assert made == round((0.19 * 2 + 0.5) * 24_000)
    raw = [event.words[0].start_s for event in untouched(iter(given)) if isinstance(event, Words)]
    assert raw == pytest.approx([0.3, 1.0])


def test_words_without_sound_are_left_out():
    spoken = Words(words=(SpokenWord(text="x", start_s=0, end_s=1),))
    quiet = AudioChunk(samples=np.zeros(2400, np.float32), sample_rate=24_000)
    assert list(join(iter([spoken, quiet]), [Segment(text="x", language="en")])) == []
