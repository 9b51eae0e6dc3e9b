"""Tables of symbols: their ids, how texts became them, and where they lie."""

import pytest

from engine.errors import ConfigError, WeightsMissing
from engine.systems.valle import symbols
from engine.systems.valle.symbols import TABLE, SymbolTable, locate_table, read_table
from tests.engine.systems.valle.vectors import GOLDENS, HALVES, PINYIN, rows, table
from tests.engine.systems.valle.vectors import TABLE as ENGLISH


def test_ids_are_not_those_of_the_file() -> None:
    assert list(ENGLISH.ids) == rows("frontend_valle_collater.json")["vocab"]
    assert ENGLISH.ids["<eps>"] == 8
    assert len(ENGLISH) == 60


def test_symbols_of_structure_are_not_of_speech() -> None:
    assert "aɪ" in ENGLISH
    assert "<pad>" not in ENGLISH
    assert "<eos>" not in ENGLISH
    assert "ø" not in ENGLISH


def test_the_symbols_tell_how_texts_became_them() -> None:
    assert ENGLISH.extractor == "espeak"
    assert PINYIN.extractor == "pypinyin"
    assert HALVES.extractor == "pypinyin_initials_finals"
    # y and w are initials, er and the nasals are finals.
    assert table("y w i1 u2 er2 n2 ong1 ian4").extractor == "pypinyin_initials_finals"
    assert table("yi1").extractor == "pypinyin"


def test_it_lies_beside_the_weights(tmp_path) -> None:
    with pytest.raises(WeightsMissing, match="unique_text_tokens"):
        locate_table(tmp_path)
    with pytest.raises(WeightsMissing):
        locate_table(tmp_path / "gone" / "epoch-1.pt")
    other = tmp_path / "mine.k2symbols"
    other.write_text("a 1\n")
    assert locate_table(tmp_path) == locate_table(tmp_path / "epoch-1.pt") == other
    (tmp_path / "another.k2symbols").write_text("a 1\n")
    with pytest.raises(WeightsMissing):
        locate_table(tmp_path)
    (tmp_path / TABLE).write_text("a 1\n")
    assert locate_table(tmp_path) == tmp_path / TABLE


def test_lines_end_as_they_like_and_blank_ones_are_none(tmp_path) -> None:
    path = tmp_path / TABLE
    path.write_bytes(b"<eps> 0\r\n\r\nb 2\r\na 1\n")
    assert read_table(path).ids == SymbolTable(frozenset(["<eps>", "a", "b"])).ids
    assert read_table(GOLDENS / TABLE).ids == ENGLISH.ids


@pytest.mark.parametrize("content", [b"", b"\n\n", b"abc", b"a b", b"a 1\nb", b" 5", b"\xff\xfe", b"a -1"])
def test_what_is_no_table_is_refused_in_one_line(tmp_path, content: bytes) -> None:
    path = tmp_path / TABLE
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_table(path)
    assert TABLE in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_huge_file_is_not_read(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(symbols, "MAX_BYTES", 10)
    (tmp_path / TABLE).write_text("a 1\n" * 10)
    with pytest.raises(ConfigError, match="larger"):
        read_table(tmp_path / TABLE)
