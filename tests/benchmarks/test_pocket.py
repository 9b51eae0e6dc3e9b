"""What the judge of the pocket weights calls silent, a runaway, and an error."""

import numpy as np

from benchmarks.pocket import Spoken, judge, level


class Listener:
    """A recogniser that hears what it is told, by the length of the sound."""

    def __init__(self, words):
        self.words = words

    def heard(self, samples, rate, *, small):
        assert rate == 24_000
        return self.words[len(samples)] if small else ""


def test_silence_runaways_and_errors_are_found():
    tone = np.sin(np.arange(48_000) / 10).astype(np.float32)
    sounds = [tone[:24_000], tone, np.zeros(30_000, np.float32), np.zeros(0, np.float32)]
    texts = ["one two", "three four", "five", "six"]
    found = judge(Listener({24_000: "one two", 48_000: "three for"}), texts, sounds, [20_000] * 4)
    assert found.silent == (2, 3)
    assert found.runaway == (1,)
    assert found.wer_tiny == 3 / 6
    assert found.wer_base == 1
    assert found.failures == ["word errors", "runaway", "silent"]
    assert Spoken(sentences=1, seconds=1, wer_tiny=0.2, wer_base=0.1, runaway=(), silent=()).failures == []


def test_a_level_is_that_of_the_loudest_part():
    quiet = np.full(24_000, 1e-4, np.float32)
    assert abs(level(quiet) + 80) < 0.1
    quiet[12_000:13_200] = 0.5
    assert level(quiet) > -10
    assert level(np.zeros(3, np.float32)) < -100
