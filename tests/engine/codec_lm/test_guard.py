"""Loops and silences are found, and speech is not taken for them."""

import numpy as np
import pytest

from engine.codec_lm.guard import before_loop, longest_silence, looping, suspect

LOOP = 112

RNG = np.random.default_rng(0)
SPEECH = RNG.integers(0, 1024, 300)


@pytest.mark.parametrize("period", [1, 3, 40])
def test_loops_of_any_period_are_found_and_cut(period):
    codes = np.concatenate((SPEECH, np.resize(RNG.integers(0, 1024, period), 400)))
    assert looping(codes)
    cut = before_loop(codes)
    # One in 25 may slip.
    assert 300 - LOOP * 0.04 - 1 <= cut <= 300 + 40 + LOOP * 0.04 + 1
    assert not looping(codes[:cut])


def test_a_slip_within_a_loop_hides_nothing():
    codes = np.concatenate((SPEECH, np.full(200, 7)))
    codes[[-5, -50]] = 9
    assert looping(codes)


def test_speech_and_pauses_are_no_loops():
    assert not looping(SPEECH)
    assert not looping(np.concatenate((SPEECH, np.full(LOOP - 20, 7))))
    assert not looping(np.full(LOOP, 7))


@pytest.mark.parametrize(("rate", "period"), [(75, 40), (40, 21), (40, 1)])
def test_a_loop_is_one_of_time_and_not_of_codes(rate, period):
    loop = np.resize(RNG.integers(0, 1024, period), 3 * rate)
    codes = np.concatenate((SPEECH, loop))
    assert looping(codes, rate)
    assert abs(before_loop(codes, rate) - 300 - period) <= period + 0.06 * rate + 1
    assert not looping(codes[: 300 + period + rate], rate)


@pytest.mark.parametrize("period", [1, 7, 40])
def test_what_may_become_a_loop_is_known_to_the_code(period):
    loop = np.resize(RNG.integers(0, 1024, period), 200)
    for repeated in (30, 60, 110):
        assert suspect(np.concatenate((SPEECH, loop[: period + repeated]))) == repeated
    assert suspect(np.concatenate((SPEECH, loop[: period + 10]))) == 0
    assert suspect(np.concatenate((SPEECH, loop, SPEECH[:1]))) == 0
    assert suspect(SPEECH[:1]) == suspect(SPEECH[:0]) == 0


def test_silences_are_measured():
    voiced = RNG.standard_normal(24_000)
    sound = np.concatenate((voiced, np.zeros(36_000), voiced))
    assert longest_silence(sound, 24_000) == pytest.approx(1.5, abs=0.1)
    assert longest_silence(voiced, 24_000) == 0
    assert longest_silence(np.zeros(48_000), 24_000) == 2
    assert longest_silence(np.zeros(10), 24_000) == 0
