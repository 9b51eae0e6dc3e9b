"""espeak-ng by its library: one piece at a time, with or without its notes of other languages."""

from engine.text.phonemes import phonemize, transcribe


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


def test_what_is_read_in_another_language_is_flagged_only_when_asked() -> None:
    assert transcribe("안녕하세요", flags=True).startswith("(ko)")
    assert "(" not in transcribe("안녕하세요")
    assert "(" not in phonemize("안녕하세요")
