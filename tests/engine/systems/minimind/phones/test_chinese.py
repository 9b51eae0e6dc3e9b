"""Chinese to initials and finals: every vector of the reference."""

import pytest

from engine.systems.minimind.phones import IDS
from engine.systems.minimind.phones.chinese import say
from tests.minimind import stored


@pytest.mark.parametrize("row", stored("frontend_zh_g2p"), ids=lambda row: row["input"])
def test_chinese_is_said_as_the_reference_says_it(row):
    said = say(row["input"])
    assert list(said.phones) == row["phones"]
    assert list(said.counts) == row["word2ph"]
    assert [IDS[phone] for phone in said.phones] == row["ids"]
    assert said.left_out == ()


def test_what_has_no_sound_is_told_and_marks_become_those_that_have_symbols():
    said = say("你A好，3呣……")
    assert said.phones == ("n", "i2", "h", "ao3", ",", "…", "…")
    assert said.counts == (2, 2, 1, 1, 1)
    assert said.left_out == ("A", "3", "呣")
    assert say("").phones == ()
