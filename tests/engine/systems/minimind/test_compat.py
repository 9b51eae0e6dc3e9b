"""The reference's normalisers: English to the character; Chinese where its own package reads it rightly."""

import pytest

from engine.errors import TextError
from engine.systems.minimind.compat import FrontEnd, normalized, normalized_english
from engine.systems.minimind.vocabulary import Bytes
from tests.minimind import stored

# What ours reads otherwise: signs and digits where the public package errs (5>3, ¥1,234.56, 第2名, .com), or words of
# its own choice (minus, half past, eighties); quotation marks, dashes and traditional characters stay.
OTHERWISE = {
    "气温-3.5℃，湿度80%。", "电话13812345678或010-66666666", "价格¥1,234.56元", "12:30开会，9:05结束", "第1名和第2名",
    "但是《原神》是由，米哈\\游自主，研发的一款全新开放世界：冒险游戏。", "   ", "啊——真的吗？", "1.5L的水",
    "www.baidu.com", "他说：“你好”。", "①②③", "香港、臺灣繁體字", "123456789012", "3×4=12", "10:00-12:00",
    "5>3", "80年代", "我们\n换行\t制表",
}  # fmt: skip


@pytest.mark.parametrize("row", stored("frontend_en"), ids=lambda row: row["input"][:30])
def test_english_is_written_as_the_reference_writes_it(row):
    assert normalized_english(row["input"]) == row["normalised"]


@pytest.mark.parametrize("row", stored("frontend_zh_normalise"), ids=lambda row: row["input"][:30])
def test_chinese_is_read_as_the_public_package_reads_it_or_is_known_to_differ(row):
    same = normalized(row["input"], "zh") == row["joined"]
    assert same == (row["input"] not in OTHERWISE)


def test_a_text_is_one_piece_of_bounded_length():
    front_end = FrontEnd(Bytes(), normalizes=True)
    (segment,) = front_end.segments("One. Two! Three?", "")
    (said,) = front_end.prepared([segment])
    assert said.text == "One . Two ! Three ?"
    assert bytes(said.ids).decode() == said.text
    with pytest.raises(TextError, match="2,001"):
        front_end.segments("a" * 2001, "")
