"""A text in any of the languages as the reference's phones."""

import pytest

from engine.systems.minimind.phones import IDS, SYMBOLS, say
from engine.systems.minimind.phones.tables import NEW_WORDS
from engine.text.en.arpabet import arpabet
from tests.engine.text.test_linear_zh import is_linear


def test_there_are_732_symbols_in_the_published_order():
    assert len(SYMBOLS) == len(IDS) == 732
    assert [IDS[symbol] for symbol in ("!", "AA", "UNK", "_", "zh", "[")] == [
        SYMBOLS.index(symbol) for symbol in ("!", "AA", "UNK", "_", "zh", "[")
    ]


def test_chinese_and_english_are_read_in_their_own_ways_within_each_other():
    assert " ".join(say("我爱 Python。", "zh").phones) == "w o3 AA ai4 P AY1 TH AA0 N ."
    assert " ".join(say("Hello 世界!", "en").phones) == "HH AH0 L OW1 sh ir4 j ie4 !"


def test_an_accent_and_a_quotation_mark_do_not_spell_a_word():
    assert " ".join(say("‘Café’ 'fox'", "en").phones) == "K AH0 F EY1 F AA1 K S"


def test_what_has_no_sound_is_told_once_and_marks_are_not_told():
    assert say("안 안 (a) “b” 5", "en").left_out == ("안", "5")


def test_every_word_of_the_dictionary_has_symbols():
    found = {phone for phones in (*arpabet().values(), *NEW_WORDS.values()) for phone in phones.split()}
    assert found <= IDS.keys()


@pytest.mark.parametrize("run", ["哈", "一", "不", "儿", "好", "你好，", "龘", "a", "a ", "'", "a'", "!", "...", "5"])
def test_texts_of_any_kind_take_linear_time(run):
    say(run, "zh")
    assert is_linear(lambda text: say(text, "zh"), run, 1_000, 4_000, floor_s=0.05)
