"""Configuration files from anywhere: read within bounds, held to their kinds, and every mistake said by its key."""

from pathlib import Path

import pytest

from engine import config_file
from engine.errors import ConfigError, WeightsMissing

READERS = {"JSON": config_file.read_json, "YAML": config_file.read_yaml}


@pytest.mark.parametrize("kind", READERS)
def test_a_mapping_is_read_with_or_without_a_byte_order_mark(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(b'\xef\xbb\xbf{"a": {"b": 1}}')
    assert READERS[kind](path) == {"a": {"b": 1}}


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "content", [b"[1, 2]", b"{", b"\xff\xfe\x00", b"[" * 100_000], ids=["list", "open", "binary", "deep"]
)
def test_what_is_no_mapping_is_a_config_error_of_one_line(kind: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="config") as caught:
        READERS[kind](path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", READERS)
def test_a_missing_file_and_a_huge_one_are_told_apart(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "config"
    with pytest.raises(WeightsMissing, match="there is no config in"):
        READERS[kind](path)
    path.write_bytes(b" " * (config_file.MAX_BYTES + 1))
    with pytest.raises(ConfigError, match="more than 1 MiB"):
        READERS[kind](path)


def test_values_have_their_kind_or_their_default() -> None:
    raw = {"n": 3.0, "rate": 2, "on": True, "null": None}
    assert config_file.whole(raw, "n") == 3
    assert config_file.whole(raw, "null", 7) == 7
    assert config_file.number(raw, "rate", above=0) == 2.0
    assert config_file.flag(raw, "on") is True
    assert config_file.wholes([1, -2], "sizes", most=2) == (1, -2)
    assert config_file.nested_wholes({"n": [[1], [2, 3]]}, "n", most=3) == ((1,), (2, 3))
    assert config_file.section({"model": raw}, "model", "config.json") is raw


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: config_file.nested_wholes({"n": 3}, "n"), "n=3 is no list of lists of whole numbers"),
        (lambda: config_file.nested_wholes({"n": [[1], [9]]}, "n", most=3), "n has a number above 3"),
        (lambda: config_file.whole({}, "n"), "the key 'n' is missing"),
        (lambda: config_file.whole({"n": 1.5}, "n"), "n=1.5 is no whole number"),
        (lambda: config_file.whole({"n": True}, "n"), "n=True is no whole number"),
        (lambda: config_file.whole({"n": float("nan")}, "n"), "n=nan is no whole number"),
        (lambda: config_file.whole({"n": 10**400}, "n"), "n=10+ is no whole number"),
        (lambda: config_file.whole({"n": 0}, "n", least=1), "n=0 is below 1"),
        (lambda: config_file.number({"x": "1"}, "x"), "x='1' is no number"),
        (lambda: config_file.number({"x": 0}, "x", above=0), "x=0 is not above 0"),
        (lambda: config_file.flag({"on": 1}, "on"), "on=1 is neither true nor false"),
        (lambda: config_file.wholes([], "sizes"), "no list of whole numbers"),
        (lambda: config_file.wholes([1, True], "sizes"), "no list of whole numbers"),
        (lambda: config_file.wholes([1] * 65, "sizes"), "sizes has 65 numbers"),
        (lambda: config_file.wholes([1, -5], "sizes", most=4), "sizes has a number above 4"),
        (lambda: config_file.section({}, "model", "config.json"), "config.json has no section 'model'"),
    ],
)
def test_a_value_of_another_kind_is_named(call, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        call()
