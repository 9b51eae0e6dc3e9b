"""English to ARPAbet: every vector of the reference, but for what it takes of tables that nobody has published."""

import pytest

from engine.systems.minimind.phones import IDS
from engine.systems.minimind.phones.english import say
from tests.minimind import stored

# The reference's dictionary has its own opinion of "and" (AE1 N D, where the published one has AH0 N D first), and a
# list of Chinese places, with Jiangxi (JH AA1 NG SH IY1), which is spelt here. Neither came with it.
OTHERWISE = {
    "ChatGPT and LLMs run on GPU": ("AE1 N D", "AH0 N D"),
    "Beijing Jiangxi Ai": ("JH AA1 NG SH IY1", "JH EY1 AY1 EY1 EH1 N JH IY1 EH1 K S AY1"),
}


@pytest.mark.parametrize("row", stored("frontend_en_g2p"), ids=lambda row: row["input"])
def test_english_is_said_as_the_reference_says_it_but_for_two_words(row):
    said, expected = " ".join(say(row["input"]).phones), " ".join(row["phones"])
    if row["input"] in OTHERWISE:
        theirs, ours = OTHERWISE[row["input"]]
        assert expected.count(theirs) == said.count(ours) == 1
        assert said == expected.replace(theirs, ours)
        return
    assert said == expected
    assert [IDS[phone] for phone in said.split()] == row["ids"]


def test_the_words_that_differ_are_all_among_the_vectors():
    assert OTHERWISE.keys() <= {row["input"] for row in stored("frontend_en_g2p")}


def test_phones_are_counted_by_words_and_what_has_no_sound_is_told():
    said = say("Hi, you: 5 你'")
    assert said.phones == ("HH", "AY1", ",", "Y", "UW1", ",")
    assert said.counts == (2, 1, 2, 1)
    assert {"5", "你"} <= set(said.left_out)
