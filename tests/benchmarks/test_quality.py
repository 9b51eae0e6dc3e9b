"""The sentences that quality is measured on may come from a file, and a bad file is named."""

from pathlib import Path

import pytest

from benchmarks import quality


def test_sentences_are_the_lines_of_a_file_that_are_not_empty(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("Good morning.\n\n  How are you?  \n")
    assert quality.read_sentences(tmp_path / "lines.txt") == ["Good morning.", "How are you?"]


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot be read"), ("\n \n", "holds no sentence"), ("Café.", "not plain ASCII")]
)
def test_a_file_without_plain_sentences_is_named_and_said_what_to_do(
    tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "lines.txt"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(RuntimeError, match=message) as failure:
        quality.read_sentences(path)
    assert str(path) in str(failure.value)
