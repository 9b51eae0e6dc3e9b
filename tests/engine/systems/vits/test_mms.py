"""MMS's languages: what the publisher's card lists, what is known of each, and the licence that all have."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import Corrupt, TermsNotAccepted
from engine.hub import Hub
from engine.library import Library
from engine.library.catalogues import Wanted
from engine.steps import finish
from engine.systems.vits import SPEC
from engine.systems.vits.mms import REPOSITORY, entry, published, read
from tests.hub_server import FakeHub

CARD = b"""---
license: cc-by-nc-4.0
tags:
- mms
- vits
---
# Massively Multilingual Speech

Supported Languages

- eng
- swh
- yor
- azj-script_latin
- azj-script_cyrillic
- qqq
- not a language
- `mya`
"""
FILES = {
    "config.json": b"{}", "vocab.json": b"{}", "tokenizer_config.json": b"{}", "model.safetensors": bytes(5000),
    "README.md": b"mms", "pytorch_model.bin": bytes(5000),
}  # fmt: skip


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub(
        {
            REPOSITORY: {"README.md": CARD},
            "facebook/mms-tts-yor": FILES,
            "facebook/mms-tts-zzx": FILES,
            "rhasspy/piper-voices": {},
        }
    ) as hub:
        yield hub


@pytest.fixture
def library(hub: FakeHub, tmp_path: Path) -> Library:
    return Library((SPEC,), tmp_path, Hub(endpoints=[hub.url]))


def test_the_languages_are_those_that_the_card_lists_under_its_heading() -> None:
    entries = read(CARD)
    assert [each.aliases[0] for each in entries] == ["eng", "swh", "yor", "azj-script_latin", "azj-script_cyrillic"]
    yoruba = entries[2]
    assert (yoruba.name, yoruba.language, yoruba.title) == ("mms-tts-yor", "yo", "MMS Yoruba")
    assert yoruba.spoken == ("Yoruba", "Èdè Yorùbá")
    assert entries[3].title == "MMS North Azerbaijani, script latin"
    assert all(each.terms.restricted and each.terms.commercial is False for each in entries)
    assert len({each.name for each in entries}) == len(entries)


@pytest.mark.parametrize("card", [b"", b"- eng\n- yor", b"Supported Languages\n\xff\xfe", b"<html>" * 1000])
def test_what_is_no_such_card_is_refused(card: bytes) -> None:
    with pytest.raises(Corrupt, match="lists no languages"):
        read(card)


def test_a_repository_of_any_language_is_known_by_its_name() -> None:
    found = published("facebook/mms-tts-zzx")
    assert found is not None
    assert (found.repo, found.terms.name, found.languages) == ("facebook/mms-tts-zzx", "CC BY-NC 4.0", ("zzx",))
    for other in (
        "someone/mms-tts-eng",
        "facebook/mms-1b-all",
        "facebook/mms-tts-english",
        "facebook/mms-tts",
        "",
        "x",
    ):
        assert published(other) is None


def test_a_language_is_found_and_downloaded_once_its_licence_is_accepted(library: Library) -> None:
    found = library.catalogues.search(Wanted(query="ede yoruba"), 5)
    assert [each.id for each in found.entries] == ["vits/mms-tts-yor"]
    with pytest.raises(TermsNotAccepted, match=r"vits/mms-tts-yor is under CC BY-NC 4\.0: Not for commercial use"):
        finish(library.download("vits/mms-tts-yor"))
    library.accept("vits/mms-tts-yor")
    folder = finish(library.download("vits/mms-tts-yor"))
    taken = {"config.json", "vocab.json", "tokenizer_config.json", "model.safetensors"}
    assert {path.name for path in folder.iterdir()} == taken
    card = library.card("vits/mms-tts-yor")
    assert (card.state, card.languages, card.terms.name) == ("ready", ("yo",), "CC BY-NC 4.0")


def test_a_code_that_no_list_has_is_tried_at_the_hub_and_its_licence_is_asked_for(library: Library) -> None:
    asked = "vits:facebook/mms-tts-zzx"
    with pytest.raises(TermsNotAccepted, match="CC BY-NC"):
        finish(library.download(asked))
    card = library.card("vits/facebook--mms-tts-zzx")
    assert (card.state, card.title, card.terms.restricted, card.accepted) == ("downloadable", "MMS zzx", True, False)
    library.accept(card.id)
    finish(library.download(asked))
    card = library.card(card.id)
    assert (card.state, card.terms.name) == ("ready", "CC BY-NC 4.0")
    assert {path.name for path in card.folder.iterdir()} == {*FILES} - {"README.md", "pytorch_model.bin"}
    library.delete(card.id)


def test_what_is_known_without_a_list_is_what_is_listed() -> None:
    listed = {each.name: each for each in read(CARD)}
    assert listed["mms-tts-swh"] == entry("swh")
    assert entry("swh").language == "sw"
