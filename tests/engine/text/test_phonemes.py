"""espeak-ng by its library: one piece at a time, with or without its notes of other languages."""

import subprocess
import sys

from engine.text.phonemes import phonemize, transcribe

# What is read here would end the process that reads it, if it ran over a buffer of espeak's.
READ = """
import sys
from engine.text.phonemes import phonemize, transcribe
for run in sys.argv[1].split("|"):
    for text in ((run * 3000)[:3000], "so " + " ".join([(run * 60)[:60]] * 50) + " on"):
        print(len(phonemize(text)), len(transcribe(text)), len(phonemize(text, punctuation=False, tie="^")))
"""
RUNS = "'s|s'|a.|A.|A. |i.e.|U.S. |'S 's |n't|o'|a|W|W |1|1 |1,|1.|1st |é|한|漢|@|&|+|%|_|-|/|#|~|😀|x's "


def test_a_piece_goes_to_espeak_as_it_is_with_its_marks_and_stress() -> None:
    assert transcribe("(hello)  world") == "həlˈoʊ wˈɜːld"
    assert transcribe("two\nlines") == "tˈuː lˈaɪnz"
    # The program espeak-ng would promote the syllable.
    assert transcribe("what") == "wˌʌt"
    assert transcribe(" \n") == transcribe("") == ""


def test_what_stands_behind_a_mark_in_a_number_is_not_lost() -> None:
    assert phonemize("it got 8.7 out of 10 on the site.").endswith("ɔnðə sˈaɪt.")
    assert phonemize("1.25; 3.5.", punctuation=True) == f"{transcribe('1.25')}; {transcribe('3.5')}."
    assert phonemize("1,200, a 2.5 b!", punctuation=False) == transcribe("1,200 a 2.5 b")
    assert phonemize(" , ") == ","


def test_ties_stand_within_affricates_and_diphthongs() -> None:
    assert phonemize("church, bite", tie="^") == "t^ʃˈɜːt^ʃ, bˈa^ɪt"
    assert phonemize("church, bite") == "tʃˈɜːtʃ, bˈaɪt"


def test_what_is_read_in_another_language_is_flagged_only_when_asked() -> None:
    assert transcribe("안녕하세요", flags=True).startswith("(ko)")
    assert "(" not in transcribe("안녕하세요")
    assert "(" not in phonemize("안녕하세요")


def test_no_run_of_anything_ends_the_process() -> None:
    done = subprocess.run([sys.executable, "-c", READ, RUNS], capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 2 * len(RUNS.split("|"))


def test_nothing_is_lost_where_a_long_piece_is_cut() -> None:
    words = "one two three four five " * 60
    assert phonemize(words).split() == phonemize("one two three four five").split() * 60
    assert transcribe("ab" * 300).replace(" ", "")
