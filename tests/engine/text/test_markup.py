"""Formatting is not read, and nothing of the words goes with it."""

import pytest

from engine.text.markup import plain

PLAIN = {
    "# Title": "Title",
    "## Two ##": "Two",
    "**bold**, *slanted* and `code`": "bold, slanted and code",
    "un**believ**able": "unbelievable",
    "a * b * c": "a * b * c",
    "2*3*4": "2*3*4",
    "- one\n- two": "one\ntwo",
    "- [x] done\n- [ ] open": "done\nopen",
    "-5 and - 5": "-5 and - 5",
    "> said\n>> twice": "said\ntwice",
    "> 5 is more": "> 5 is more",
    "[text](http://a.com/b_c) and ![picture](p.png)": "text and picture",
    "[](http://a.com)": "http://a.com",
    "<https://a.com>": "https://a.com",
    "see http://a.com/_x_/*y*": "see http://a.com/_x_/*y*",
    "| a | b |\n|---|---|\n| 1 | 2 |": "a, b\n\n1, 2",
    "x<br>y": "x\ny",
    "<b>x</b> &amp; y &lt; z": "x & y < z",
    "a < b and c > d": "a < b and c > d",
    "i <3 you": "i <3 you",
    "I love it <3": "I love it ",
    "fine :-) now": "fine  now",
    "10:30)": "10:30)",
    "_read_ a_b __init__": "read a_b init",
    "Job👍done": "Job 👍 done",
    "⚙️ 1️⃣": "⚙ 1",
    "one === two": "one   two",
    "wait... what": "wait... what",
    "plain words, nothing else.": "plain words, nothing else.",
}


@pytest.mark.parametrize("text", PLAIN)
def test_what_only_formats_is_gone(text):
    assert plain(text) == PLAIN[text]


def test_characters_that_hold_places_inside_are_no_way_in():
    assert plain("\ue000\ue001 http://a.com *x*") == " http://a.com x"
