"""Phonemes are cut where a voice may breathe, and none is lost."""

import pytest

from engine.style_tts.pieces import cut, cuts


def test_a_piece_ends_behind_the_strongest_mark_that_stands_far_enough():
    assert list(cut("aa bb. cc, dd ee", 12)) == ["aa bb.", "cc, dd ee"]
    assert list(cut("aaaa, bbbb cccc dddd", 16)) == ["aaaa,", "bbbb cccc dddd"]
    assert list(cut("aaaa bbbb cccc dddd", 10)) == ["aaaa bbbb", "cccc dddd"]
    assert list(cut("abcdefgh", 3)) == ["abc", "def", "gh"]


def test_what_fits_is_one_piece():
    assert list(cut("a. b. c.", 8)) == ["a. b. c."]
    assert list(cut("", 8)) == [""]


@pytest.mark.parametrize("text", ["a, b. " * 500, "ab " * 2000, "x" * 5000, " . " * 3000])
def test_nothing_but_white_space_is_lost(text):
    spans = list(cuts(text, 100))
    assert max(end - start for start, end in spans) <= 100
    kept = [position for start, end in spans for position in range(start, end)]
    assert kept == sorted(set(kept))
    assert all(text[position].isspace() for position in set(range(len(text))) - set(kept))
