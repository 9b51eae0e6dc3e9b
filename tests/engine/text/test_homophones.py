"""The table of homophones: where it comes from, and tables of users."""

import json

import pytest
from pypinyin.pinyin_dict import pinyin_dict

from engine.errors import ConfigError
from engine.text.homophones import SHIPPED, derive, homophones, read_table, render


def test_the_shipped_table_follows_from_the_open_dictionaries():
    table = derive()
    assert dict(homophones()) == table
    assert SHIPPED.read_text(encoding="utf-8") == render(table)


def test_every_character_is_replaced_by_one_of_the_same_sound_that_is_not_replaced_itself():
    table = homophones()
    assert len(table) > 16_000
    for rare, common in table.items():
        assert common not in table
        assert set(pinyin_dict[ord(rare)].split(",")) & set(pinyin_dict[ord(common)].split(","))


def test_traditional_and_rare_characters_become_common_ones():
    assert "".join(homophones().get(character, character) for character in "龘犇羴鱻國繁") == "达奔山先国繁"


def test_a_table_of_the_users_own_is_read(tmp_path):
    path = tmp_path / "homophones_map.json"
    path.write_text(json.dumps({"囧": "炯"}), encoding="utf-8")
    assert read_table(path) == {"囧": "炯"}


@pytest.mark.parametrize("content", ["", "[]", '{"ab": "c"}', '{"a": 3}', '{"a": ""}', "[" * 100_000, "\udcff"])
def test_a_file_that_is_no_table_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "homophones_map.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as caught:
        read_table(path)
    assert "\n" not in str(caught.value)
