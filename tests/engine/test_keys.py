"""The keys that a host gives out: made, shown once, found by what they are, and gone when they are revoked."""

import json
from pathlib import Path

import pytest

from engine.errors import ConfigError, OptionError, SaveError
from engine.keys import LONGEST_NAME, PREFIX, Keys


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "models" / "keys.json")


def test_a_key_is_known_until_it_is_revoked_and_the_file_does_not_hold_it(keys: Keys, tmp_path: Path) -> None:
    assert not keys.exist()
    ann, bob = keys.create("Ann"), keys.create("Bob", text=100, at_once=1)
    assert ann.startswith(PREFIX)
    assert len(ann) > 40
    assert [key.name for key in keys.all()] == ["Ann", "Bob"]
    found = keys.find(bob)
    assert (found.name, found.text, found.at_once, found.requests) == ("Bob", 100, 1, 600)
    text = (tmp_path / "models" / "keys.json").read_text()
    assert ann not in text
    assert ann.removeprefix(PREFIX) not in text
    keys.revoke("ann")
    assert keys.find(ann) is None
    assert keys.find(bob) == found
    for said in ("", PREFIX, bob + "x", bob.removeprefix(PREFIX), found.hash, PREFIX + found.hash, "ключ"):
        assert keys.find(said) is None


def test_another_process_is_noticed_at_once(keys: Keys, tmp_path: Path) -> None:
    other = Keys(tmp_path / "models" / "keys.json")
    secret = keys.create("Ann")
    assert other.find(secret).name == "Ann"
    keys.revoke("Ann")
    assert other.find(secret) is None


@pytest.mark.parametrize("name", ["", "   ", "x" * (LONGEST_NAME + 1), "a\x00b"])
def test_a_name_is_one(keys: Keys, name: str) -> None:
    with pytest.raises(OptionError, match="cannot be the name of a key"):
        keys.create(name)


def test_a_name_is_given_once(keys: Keys) -> None:
    keys.create("Home  Assistant")
    with pytest.raises(OptionError, match="there is a key for home assistant already"):
        keys.create("home assistant")
    with pytest.raises(OptionError, match="there is no key for 'Ann'"):
        keys.revoke("Ann")
    assert len(keys.all()) == 1


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"keys": 7}', '{"keys": [{"name": "a"}]}', '{"keys": [7]}', "[" * 100_000]
    + [json.dumps({"keys": [{"name": "a", "hash": "b", "created": "c", "text": text}]}) for text in (0, "x", True)],
)
def test_a_damaged_file_opens_nothing_and_is_not_written_over(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    keys = Keys(path)
    assert keys.find(PREFIX + "x") is None
    assert not keys.exist()
    for act in (keys.all, lambda: keys.create("Ann")):
        with pytest.raises(ConfigError, match="is no file with keys"):
            act()
    assert path.read_text() == content


def test_without_a_folder_there_are_none() -> None:
    assert Keys(None).all() == ()
    with pytest.raises(SaveError, match="--models-dir"):
        Keys(None).create("Ann")
