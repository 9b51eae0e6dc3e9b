import pytest

from engine.text.initials import spell_initials


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("nine thirty AM", "nine thirty A-M"),
        ("the US economy", "the U-S economy"),
        ("two CPUs and PhDs", "two C-P-U's and PhDs"),
        ("Is it As you say", "Is it As you say"),
        ("NASA and the FBI", "NASA and the FBI"),
        ("IT IS US", "IT IS US"),
        ("the dog is in it", "the dog is in it"),
    ],
)
def test_initials_that_would_be_words_are_spelled(text, spelled):
    assert spell_initials(text) == spelled
