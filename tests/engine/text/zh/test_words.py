"""Chinese in words."""

import sys

import pytest

from engine.errors import EngineError
from engine.text.zh import words as module
from engine.text.zh.words import knows, tagged, within, words


def test_a_text_is_cut_into_words_and_nothing_is_left_out() -> None:
    assert words("小明，在银行行走。") == ["小明", "，", "在", "银行", "行走", "。"]
    text = "Hello 你好…… \n龘 3.5元"
    assert "".join(words(text)) == text
    assert words("") == []


def test_words_come_with_their_part_of_speech_and_none_is_left_out() -> None:
    assert tagged("小明在银行。") == [("小明", "nr"), ("在", "p"), ("银行", "n"), ("。", "x")]
    assert tagged("") == []
    text = "Hello 你好……龘龘 3.5元"
    assert "".join(word for word, _ in tagged(text)) == text
    assert [word for word, _ in tagged("龘龘")] == ["龘", "龘"]


def test_a_word_is_known_or_not() -> None:
    assert knows("银行")
    assert not knows("行银")


def test_words_are_found_within_a_word() -> None:
    assert within("蒙古包") == ["蒙古", "蒙古包"]
    assert within("你") == ["你"]


def test_no_cache_of_other_users_is_read_or_written(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    module._tokenizer.cache_clear()
    assert words("你好世界") == ["你好", "世界"]
    assert list(tmp_path.iterdir()) == []


def test_without_the_package_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jieba", None)
    module._tokenizer.cache_clear()
    try:
        with pytest.raises(EngineError, match="needs the package jieba"):
            words("你好")
    finally:
        module._tokenizer.cache_clear()
