"""Piper's list and cards: what they say, and what is refused of them."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import Corrupt
from engine.systems.vits.catalogue import MOST_BYTES, PIPER, REPOSITORY, read, terms
from tests.piper import LESSAC, card_of, piper_repository
from tests.timing import in_proportion

KEY = "de_DE-anna-low"
FOLDER = "de/de_DE/anna/low"


@pytest.fixture
def index() -> dict[str, Any]:
    """The list of one voice."""
    return json.loads(piper_repository({KEY: ("CC0", 1)})[REPOSITORY]["voices.json"])


def test_an_entry_says_what_the_list_says() -> None:
    entries = {entry.name: entry for entry in read(piper_repository()[REPOSITORY]["voices.json"])}
    anna = entries[KEY]
    assert (anna.title, anna.language, anna.region, anna.quality, anna.speakers) == ("Anna", "de", "DE", "low", 1)
    assert {"German", "Deutsch", "Germany"} <= set(anna.spoken)
    assert "de-de-anna-low" in anna.aliases
    assert [file.path for file in anna.files] == [
        f"{FOLDER}/{KEY}.onnx.json",
        f"{FOLDER}/MODEL_CARD",
        f"{FOLDER}/{KEY}.onnx",
    ]
    assert all(re.fullmatch("[0-9a-f]{32}", file.md5) and file.size for file in anna.files)
    assert anna.card == f"{FOLDER}/MODEL_CARD"
    assert entries["en_US-libritts_r-high"].speakers == 904


def test_a_key_with_accents_has_a_plain_name_and_the_published_paths() -> None:
    entries = {entry.name: entry for entry in read(piper_repository()[REPOSITORY]["voices.json"])}
    tugao = entries["pt_PT-tugao-medium"]
    assert tugao.files[-1].path == "pt/pt_PT/tugão/medium/pt_PT-tugão-medium.onnx"
    assert tugao.files[-1].place == "pt_PT-tugao-medium.onnx"
    assert "pt_PT-tugão-medium" in tugao.aliases


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b"{}",
        b'{"a": 1}',
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"de_DE-anna-low": ' + b"9" * 5000 + b"}",
        b"<html>not here</html>",
    ],
    ids=["empty", "bytes", "list", "null", "none", "odd", "deep list", "deep object", "digits", "html"],
)
def test_what_is_no_list_is_refused_in_a_line(content: bytes) -> None:
    with pytest.raises(Corrupt) as raised:
        read(content)
    assert "\n" not in str(raised.value)
    assert REPOSITORY in str(raised.value)


def test_a_name_that_stands_twice_is_refused(index: dict[str, Any]) -> None:
    once = json.dumps(index)
    with pytest.raises(Corrupt, match="twice"):
        read(f"{once[:-1]}, {once[1:]}".encode())


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "a path that leaves": lambda voice: voice["files"].update(
        {f"../{KEY}.onnx": voice["files"].pop(f"{FOLDER}/{KEY}.onnx")}
    ),
    "a path elsewhere": lambda voice: voice["files"].update(
        {f"x/{KEY}.onnx": voice["files"].pop(f"{FOLDER}/{KEY}.onnx")}
    ),
    "no weights": lambda voice: voice["files"].pop(f"{FOLDER}/{KEY}.onnx"),
    "no configuration": lambda voice: voice["files"].pop(f"{FOLDER}/{KEY}.onnx.json"),
    "files of no kind": lambda voice: voice.update(files=[1, 2]),
    "a file of no kind": lambda voice: voice["files"].update({f"{FOLDER}/{KEY}.onnx": "big"}),
    "a size below nothing": lambda voice: voice["files"][f"{FOLDER}/{KEY}.onnx"].update(size_bytes=-1),
    "a size that is true": lambda voice: voice["files"][f"{FOLDER}/{KEY}.onnx"].update(size_bytes=True),
    "a size in words": lambda voice: voice["files"][f"{FOLDER}/{KEY}.onnx"].update(size_bytes="63 MB"),
    "a size without end": lambda voice: voice["files"][f"{FOLDER}/{KEY}.onnx"].update(size_bytes=MOST_BYTES + 1),
    "a sum of another kind": lambda voice: voice["files"][f"{FOLDER}/{KEY}.onnx"].update(md5_digest="x" * 32),
    "no sum": lambda voice: voice["files"][f"{FOLDER}/{KEY}.onnx"].pop("md5_digest"),
    "no language": lambda voice: voice.pop("language"),
    "speakers below one": lambda voice: voice.update(num_speakers=0),
    "speakers of no kind": lambda voice: voice.update(num_speakers=[3]),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_a_voice_that_is_not_as_it_should_be_is_left_out(index: dict[str, Any], wrong: Callable[..., object]) -> None:
    other = json.loads(piper_repository({"en_US-joe-medium": ("CC0", 1)})[REPOSITORY]["voices.json"])
    wrong(index[KEY])
    assert [entry.name for entry in read(json.dumps(index | other).encode())] == ["en_US-joe-medium"]


@pytest.mark.parametrize(
    "key", ["../../x", "de_DE-anna", "de_DE-a/b-low", "de_DE-..-low", "DE_de-anna-low", "vits", ""]
)
def test_a_key_of_another_form_is_no_name(index: dict[str, Any], key: str) -> None:
    assert not PIPER.names.fullmatch(key)
    with pytest.raises(Corrupt):
        read(json.dumps({key: index[KEY]}).encode())


def test_words_are_of_one_line_and_short(index: dict[str, Any]) -> None:
    index[KEY]["language"].update(name_english="x" * 10_000, name_native="a\nb\x00\u202e", country_english=7)
    index[KEY]["aliases"] = {"no": "list"}
    (entry,) = read(json.dumps(index).encode())
    assert entry.spoken == ("x" * 60, "ab", "")
    assert entry.aliases == (KEY,)


def test_thousands_of_voices_take_time_in_proportion(index: dict[str, Any]) -> None:
    def seconds(count: int) -> float:
        text = json.dumps({f"de_DE-anna{number}-low": index[KEY] for number in range(count)} | index).encode()
        began = time.process_time()
        read(text)
        return time.process_time() - began

    assert in_proportion(seconds, short=800, long=8000, factor=40, floor_s=0.04)


@pytest.mark.parametrize(
    ("licence", "restricted", "commercial"),
    [
        ("CC0", False, True),
        ("Public domain", False, True),
        ("https://creativecommons.org/publicdomain/zero/1.0/", False, True),
        ("MIT", False, True),
        ("Apache 2.0", False, True),
        ("CC BY 4.0", False, True),
        ("cc-by-sa-3.0", False, True),
        ("https://creativecommons.org/licenses/by/4.0/", False, True),
        ("Creative Commons Attribution 4.0", False, True),
        ("CC BY-NC-SA 4.0", True, False),
        ("Creative Commons Attribution-NonCommercial 4.0", True, False),
        ("Blizzard license", True, False),
        ("for research purposes", True, False),
        ("CC BY-ND 4.0", True, None),
        ("See URL", True, None),
        ("Unknown", True, None),
        ("permitted by nobody", True, None),
        ("", True, None),
    ],
)
def test_a_licence_means_what_it_says(licence: str, restricted: bool, commercial: bool | None) -> None:
    found = terms(card_of(KEY, licence).decode())
    assert (found.restricted, found.commercial) == (restricted, commercial)
    assert found.name == (licence if commercial is not None else "not stated")
    assert found.summary


def test_what_began_as_lessac_is_restricted_whatever_its_own_recordings_are() -> None:
    found = terms(card_of(KEY, "CC0").decode() + LESSAC)
    assert (found.name, found.restricted, found.commercial) == ("CC0 + Lessac", True, None)


@pytest.mark.parametrize("card", ["", "* License: CC0", "## Training\n* License: CC0", "## Dataset\n" + "*" * 60_000])
def test_a_licence_counts_only_under_the_heading_of_the_recordings(card: str) -> None:
    assert terms(card).restricted
