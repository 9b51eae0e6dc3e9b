"""What was to be said beside what was heard: spoken forms agree, errors are counted and marked where they are."""

import itertools
import random

import jiwer
import pytest

from engine.errors import TextError
from engine.recognition.compared import MOST_WORDS, Comparison, compare, spoken


def marks(comparison: Comparison) -> list[tuple[str, str, str]]:
    return [(mark.kind, mark.text, mark.heard) for mark in comparison.marks if mark.kind != "same"]


@pytest.mark.parametrize(
    ("text", "heard", "language"),
    [
        ("It costs 20 dollars.", "it costs $20", "en"),
        ("It costs $5.50, Dr. Lee!", "It costs five dollars and fifty cents doctor Lee", "en"),
        ("At 7:30, on May 5th.", "at seven thirty on May fifth", "en"),
        ("He said it's fine, and I can't.", "He said it is fine and I cannot.".replace("cannot", "can not"), "en"),
        ("I ate two tea pots for tea.", "I eight to teapots four tea", "en"),
        ("我有3个苹果，20元。", "我有三个平果二十元", "zh"),
        ("カメラが20個あります。", "かめらが二十個あります", "ja"),
        ("사과 20개를 샀어요.", "사과 스무 개를 샀어요", "ko"),
        ("Das sind 20 Euro.", "Das sind zwanzig Euro", "de"),
    ],
)
def test_spoken_forms_agree(text: str, heard: str, language: str) -> None:
    found = compare(text, heard, language)
    assert (found.errors, marks(found)) == (0, [])
    assert found.total == len(spoken(text, language))


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ("The kettle is on and the tea is ready", [("missing", "nearly ", "")]),
        ("The the kettle is on and the tea is nearly ready", [("added", "", "the")]),
        ("The kettle is on and the bee is nearly ready", [("other", "tea ", "bee")]),
        ("The kettle is on", [("missing", "and the tea is nearly ready.", "")]),
        ("The kettle is on and the tea is nearly ready now", [("added", "", "now")]),
        ("", [("missing", "The kettle is on, and the tea is nearly ready.", "")]),
    ],
)
def test_errors_are_marked_in_the_text_itself(heard: str, expected: list[tuple[str, str, str]]) -> None:
    text = "The kettle is on, and the tea is nearly ready."
    found = compare(text, heard, "en")
    assert marks(found) == expected
    assert "".join(mark.text for mark in found.marks) == text
    assert (found.total, found.by_character) == (10, False)
    assert found.errors == sum(len((mark[1] if mark[0] == "missing" else mark[2]).split()) for mark in expected)


def test_a_number_that_is_heard_otherwise_is_marked_as_it_is_written() -> None:
    found = compare("It costs $20 now.", "it costs thirty dollars now", "en")
    assert marks(found) == [("other", "$20 ", "thirty dollars")]
    assert (found.errors, found.total) == (1, 5)


def test_characters_are_counted_where_words_are_not_written_apart() -> None:
    found = compare("今天天气真好。", "今天天气很好", "zh")
    assert marks(found) == [("other", "真", "很")]
    assert (found.errors, found.total, found.by_character) == (1, 6, True)


def test_errors_are_as_few_as_jiwer_counts() -> None:
    """Levenshtein's distance, held to a library's on words that no two of which sound the same."""
    words = ["kettle", "window", "garden", "river"]
    rng = random.Random(7)
    for _ in range(100):
        said, heard = (" ".join(rng.choices(words, k=rng.randint(1, 12))) for _ in range(2))
        counted = jiwer.process_words(said, heard)
        assert compare(said, heard, "en").errors == counted.substitutions + counted.deletions + counted.insertions


def test_every_text_is_whole_in_its_marks() -> None:
    pieces = ["  ", "Hi!", "$20", "…", "co-op", "7:30", "\n", "don't", "—", "(well)", "3rd"]
    for text in map(" ".join, itertools.permutations(pieces, 3)):
        for heard in ("hi don't", "twenty dollars well", ""):
            assert "".join(mark.text for mark in compare(text, heard, "en").marks) == text
    assert marks(compare("", "Hello", "en")) == [("added", "", "hello")]
    assert compare("", "", "en").rate == 0


def test_texts_are_bounded() -> None:
    with pytest.raises(TextError, match="cannot be compared"):
        compare("word " * (MOST_WORDS + 1), "word", "en")
    with pytest.raises(TextError, match="cannot be compared"):
        compare("word", "word " * (MOST_WORDS + 1), "en")
    with pytest.raises(TextError, match="cannot be compared"):
        compare("9" * 15 + " " + "123456789 " * MOST_WORDS, "word", "en")
