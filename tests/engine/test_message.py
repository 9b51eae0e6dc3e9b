"""A message is an English sentence that remembers what it was made of."""

import copy
import errno

from engine.errors import ConfigError, DiskFull, EngineError
from engine.message import Message, chained, listed, plain, quoted, why


def test_it_is_its_sentence_in_english() -> None:
    message = Message("{path!r} has {size:.1f} MB, at most {most:,} are read", path="a.wav", size=71.25, most=1000)
    assert message == "'a.wav' has 71.2 MB, at most 1,000 are read"
    assert message.template == "{path} has {size} MB, at most {most} are read"
    assert message.values == {"path": "'a.wav'", "size": "71.2", "most": "1,000"}


def test_without_values_braces_are_braces() -> None:
    message = Message('write {"a": 1}')
    assert message == 'write {"a": 1}' == message.template
    assert message.describe() == {"template": 'write {"a": 1}', "values": {}}


def test_values_may_hold_braces_and_literal_ones_are_doubled() -> None:
    message = Message("{{{text}}}", text="{0} {x}")
    assert message == "{{0} {x}}"
    assert message.template.format(**message.values) == message


def test_an_error_within_an_error_keeps_its_template() -> None:
    inner = ConfigError("{key}={value} is no number", key="rate", value="'x'")
    outer = ConfigError("{source}: {error}", source="config.json", error=inner)
    assert str(outer) == "config.json: rate='x' is no number"
    assert outer.message.describe() == {
        "template": "{source}: {error}",
        "values": {
            "source": "config.json",
            "error": {
                "message": "rate='x' is no number",
                "template": "{key}={value} is no number",
                "values": {"key": "rate", "value": "'x'"},
            },
        },
    }


def test_a_message_handed_on_stays_the_same_one() -> None:
    message = Message("{n} files", n=3)
    assert Message(message) is message
    assert EngineError(message).message is message


def test_errors_keep_what_programs_need_and_can_be_copied() -> None:
    error = DiskFull("{path} does not fit", 10, 3, path="a.bin")
    assert (str(error), error.needed, error.free) == ("a.bin does not fit", 10, 3)
    again = copy.copy(ConfigError("{a} and {b}", a="{x}", b=2))
    assert (str(again), type(again)) == ("{x} and 2", ConfigError)


def test_items_are_quoted_once_each_and_not_without_end():
    assert quoted("aab") == "'a' 'b'"
    assert quoted(map(str, range(30)), most=2) == "'0' '1' …"


def test_a_key_has_neither_conversions_nor_formats():
    assert plain("{name!r:.60} has {{braces}} and {size:.1f} MB") == "{name} has {{braces}} and {size} MB"


def test_a_value_that_is_a_message_keeps_its_template_without_values_too():
    message = Message("{what} is empty", what=Message("the recording"))
    assert message == "the recording is empty"
    assert message.describe()["values"] == {
        "what": {"message": "the recording", "template": "the recording", "values": {}}
    }


def test_things_are_listed_as_sentences_do_and_stay_messages():
    assert [str(listed(list(things))) for things in ("a", "ab", "abc", "abcd")] == [
        "a",
        "a and b",
        "a, b and c",
        "a, b, c and d",
    ]
    assert chained(["a", "b", "c"]) == "a; b; c"
    pair = listed([Message("{n} files", n=3), "more"])
    assert (pair.template, pair.values["first"].template) == ("{first} and {last}", "{n} files")


def test_what_a_system_refuses_is_said_without_numbers_and_paths():
    refused = why(PermissionError(errno.EACCES, "Permission denied", "/root"))
    assert (refused, refused.values) == ("Permission denied", {})
    assert why(OSError(errno.ECHILD, "No child processes")) == "No child processes"
    assert why(OSError("odd")) == "odd"
