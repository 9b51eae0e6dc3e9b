"""The front end as the studio asks for it: from a checkpoint's table, with notices."""

import shutil

import pytest

from engine.errors import ConfigError, TextError, WeightsMissing
from engine.events import Notice
from engine.systems.valle.front_end import ValleFrontEnd, front_end
from engine.systems.valle.symbols import TABLE as NAME
from tests.engine.systems.valle.vectors import COMPAT, GOLDENS, OURS, PINYIN, TABLE


def events(text: str, options=OURS, table=TABLE) -> list:
    front = ValleFrontEnd(table)
    return list(front.read(front.segment(text, "en", options), options))


def test_it_is_of_the_checkpoints_table(tmp_path) -> None:
    with pytest.raises(WeightsMissing):
        front_end(tmp_path)
    shutil.copy(GOLDENS / NAME, tmp_path / NAME)
    assert front_end(tmp_path).table.ids == TABLE.ids
    (tmp_path / NAME).write_text("no table")
    with pytest.raises(ConfigError):
        front_end(tmp_path)


def test_the_symbols_tell_the_language() -> None:
    assert front_end(None).languages == ValleFrontEnd(TABLE).languages == ("en",)
    assert ValleFrontEnd(PINYIN).languages == ("zh",)
    assert front_end(None).caveats(OURS) == ()


def test_what_is_left_out_is_told_once_before_its_segment() -> None:
    first, read, last = events("One 你 thing and another.\nTwo 你 more.")
    assert isinstance(first, Notice)
    assert first.message == "left out, because the model cannot say it: '你'"
    assert read.left_out == last.left_out == ("你",)


def test_nothing_to_say_is_said_so() -> None:
    with pytest.raises(TextError, match="empty"):
        ValleFrontEnd(TABLE).segment(" ", "en", OURS)
    with pytest.raises(TextError, match="no symbol"):
        events("你好")
    with pytest.raises(TextError, match="no symbol"):
        events("坏", table=PINYIN)


def test_under_compat_the_text_is_as_the_reference_has_it() -> None:
    (ours,), (published,) = events("I have 3.5"), events("I have 3.5", COMPAT)
    assert ours.phonemes == "aɪ_hæv_θɹiː_pɔɪnt_faɪv."
    assert published.phonemes == "aɪ_hæv_θɹiː.faɪv"


@pytest.mark.parametrize("options", [OURS, COMPAT], ids=["ours", "compat"])
def test_prompt_and_text_become_ids(options) -> None:
    front = ValleFrontEnd(TABLE)
    (segment,) = front.segment("So it is.", "en", options)
    (read,) = front.read([segment], options)
    prompted = front.together("Hello you.", segment, read, options)
    # Where espeak hears no difference, reading both at once or apart is the same.
    assert prompted.ids == front.together("Hello you.", segment, read, OURS).ids
    assert prompted.prompt_length == 10
