"""Any exception is one line of a bounded length that can still be said in another language."""

from engine.errors import AllEndpointsFailed, ConfigError, WeightsMismatch
from server.errors import LONGEST, readable


def test_lines_become_one_and_the_template_stays() -> None:
    inner = ConfigError("{key} is odd", key="a\n  b")
    message = readable(WeightsMismatch("{source}: {error}", source="x.json", error=inner)).message
    assert message == "x.json: a b is odd"
    assert message.template == "{source}: {error}"
    assert message.values["error"].values == {"key": "a b"}
    assert readable(ConfigError("one\ntwo")).message == "one two"


def test_of_long_values_the_beginning_is_said() -> None:
    message = readable(ConfigError("{key} is not {value}", key="k" * 3000, value="v")).message
    assert message == f"{'k' * (LONGEST // 4)}… is not v"
    assert message.template == "{key} is not {value}"
    many = readable(ConfigError("{a}{b}{c}{d}{e}", **{name: name * 900 for name in "abcde"})).message
    assert many == f"{'a' * 250}…{'b' * 250}…{'c' * 250}…{'d' * 247}…"


def test_what_nobody_foresaw_tells_nothing() -> None:
    problem = readable(KeyError("/etc/passwd"))
    assert (problem.status, problem.type) == (500, "Internal")
    assert "passwd" not in problem.message


def test_a_hub_that_cannot_be_reached_is_no_mistake_of_the_studio() -> None:
    assert readable(AllEndpointsFailed("{what} cannot be had", what="voices.json")).status == 502
