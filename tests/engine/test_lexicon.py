"""The lexicons on disk, and what the engine reads by them."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from engine.engine import Engine
from engine.errors import ConfigError, OptionError, SaveError
from engine.lexicon import MOST_ENTRIES, MOST_OWN, Lexicons, as_csv, as_json, parse
from engine.library import Library
from engine.reading import gather
from engine.request import LexiconEntry, SynthesisRequest
from tests.conftest import FakeOptions

GIF = LexiconEntry(word="GIF", respelling="jif")


@pytest.fixture
def lexicons(tmp_path: Path) -> Lexicons:
    return Lexicons(tmp_path / "lexicons")


@pytest.fixture
def engine(fake_spec, tmp_path: Path) -> Engine:
    return Engine((fake_spec,), device="cpu", library=Library((fake_spec,), tmp_path / "models"))


def test_entries_are_kept_replaced_and_removed(lexicons: Lexicons) -> None:
    assert lexicons.languages() == lexicons.entries("en") == ()
    lexicons.add("en", [GIF, LexiconEntry(word="a b", respelling="c")])
    lexicons.add("en", [LexiconEntry(word=" a  b", respelling="d")])
    assert lexicons.add("zh", [LexiconEntry(word="长得", pinyin="zhang3 de5")])[0].respelling == "掌的"
    fresh = Lexicons(lexicons.folder)
    assert fresh.languages() == ("en", "zh")
    assert fresh.entries("en") == (LexiconEntry(word="a b", respelling="d"), GIF)
    lexicons.remove("en", "a\tb")
    assert fresh.entries("en") == (GIF,)
    with pytest.raises(OptionError, match="no entry for 'gif'"):
        lexicons.remove("en", "gif")
    lexicons.remove("en", "GIF")
    assert fresh.languages() == ("zh",)


def test_two_that_add_at_once_lose_nothing(lexicons: Lexicons) -> None:
    def add(number: int) -> None:
        Lexicons(lexicons.folder).add("en", [LexiconEntry(word=f"word{number}", respelling="x")])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(24)))
    assert len(lexicons.entries("en")) == 24


def test_nothing_changes_where_something_is_wrong(lexicons: Lexicons) -> None:
    lexicons.add("en", [GIF])
    with pytest.raises(OptionError, match="respelling of 'b'"):
        lexicons.add("en", [LexiconEntry(word="a", respelling="x"), LexiconEntry(word="b")])
    many = [LexiconEntry(word=f"w{number}", respelling="x") for number in range(MOST_ENTRIES)]
    with pytest.raises(OptionError, match="5,001 entries; at most 5,000"):
        lexicons.add("en", many)
    assert lexicons.entries("en") == (GIF,)
    for language in ("", "EN", "../x", "en.json", "e"):
        with pytest.raises(OptionError, match="code"):
            lexicons.add(language, [GIF])
    with pytest.raises(SaveError, match="no folder"):
        Lexicons(None).add("en", [GIF])
    assert Lexicons(None).read("GIF", "en", max_chars=10) == ("GIF", [])


def test_files_go_out_and_come_back() -> None:
    entries = (LexiconEntry(word='a, "b"', respelling="c"), LexiconEntry(word="长", respelling="掌", pinyin="zhang3"))
    assert parse(as_json(entries), "x.json") == entries
    assert parse(as_csv(entries), "x.CSV") == entries
    assert parse("\ufeffword,respelling\nGIF,jif\n".encode(), "x.csv") == (GIF,)
    assert json.loads(as_json([GIF])) == {"entries": [{"word": "GIF", "respelling": "jif"}]}


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("x.json", b"{", "is no lexicon"),
        ("x.json", b"[]", "is no lexicon"),
        ("x.json", b'{"entries": 3}', "is no lexicon"),
        ("x.json", b'{"entries": {"a": "b"}}', "is no lexicon"),
        ("x.json", b'{"entries": [{"word": 3, "respelling": "x"}]}', "is no lexicon"),
        ("x.json", b'{"entries": [{"word": "a", "said": "x"}]}', "is no lexicon"),
        ("x.json", b"[" * 100_000, "is no lexicon"),
        ("x.json", b"\xff", "is no lexicon"),
        ("x.json", b'{"entries": [{"word": "a"}]}', "entry 1 of x.json: the respelling of 'a'"),
        ("x.csv", b"a,b\n1,2\n", "is no lexicon"),
        ("x.csv", b"word,respelling\na,b\n,c\n", "entry 2 of x.csv"),
        ("x.csv", b"word,respelling\n" + b"a,b\n" * 5001, "more than 5,000 entries"),
        ("x.json", b" " * (4 * 2**20 + 1), "more than 4 MiB"),
    ],
)
def test_what_is_no_lexicon(name: str, data: bytes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        parse(data, name)


def read(engine: Engine, text: str, **fields):
    request = SynthesisRequest(**{"system": "fake", "text": text, "options": FakeOptions(), "language": "en", **fields})
    return gather(engine.reading(request))


def test_every_reading_heeds_it_and_says_so(engine: Engine) -> None:
    engine.lexicons.add("en", [GIF])
    told = read(engine, "A GIF.")
    assert [segment.text for segment in told.segments] == ["A jif."]
    assert told.notices == ("read as the lexicon says: 'GIF'",)
    assert read(engine, "A gift.").notices == ()
    speech = engine.say("A GIF.", system="fake", language="en", seed=1)
    assert "read as the lexicon says: 'GIF'" in speech.notices
    assert len(speech.samples) == len(engine.say("A jif.", system="fake", language="en", seed=1).samples)


def test_what_is_read_as_it_stands_is_not_touched(fake_spec, tmp_path: Path) -> None:
    spec = replace(fake_spec, verbatim=lambda options: options.compat)
    engine = Engine((spec,), device="cpu", library=Library((spec,), tmp_path / "models"))
    engine.lexicons.add("en", [GIF])
    own = (LexiconEntry(word="a", respelling="the"),)
    verbatim = read(engine, "A GIF.", options=FakeOptions(compat=True), lexicon=own)
    assert (verbatim.segments[0].text, verbatim.notices) == ("A GIF.", ())
    assert read(engine, "A GIF.", lexicon=own).segments[0].text == "the jif."


def test_which_lexicons_count(engine: Engine) -> None:
    engine.lexicons.add("en", [GIF, LexiconEntry(word="猫", respelling="cat")])
    engine.lexicons.add("zh", [LexiconEntry(word="猫", respelling="毛"), LexiconEntry(word="PNG", respelling="乒")])
    engine.lexicons.add("de", [LexiconEntry(word="PNG", respelling="peng")])
    assert read(engine, "猫 GIF PNG", language="zh").segments[0].text == "毛 jif 乒"
    assert read(engine, "猫 GIF PNG", language="en").segments[0].text == "cat jif 乒"
    assert read(engine, "A PNG.", language="en").segments[0].text == "A PNG."
    own = (LexiconEntry(word="gif", respelling="ghif"),)
    assert read(engine, "GIF", lexicon=own).segments[0].text == "ghif"
    with pytest.raises(OptionError, match="200 entries of a lexicon, not 201"):
        read(engine, "GIF", lexicon=own * (MOST_OWN + 1))
    with pytest.raises(OptionError, match="respelling of 'x'"):
        read(engine, "GIF", lexicon=(LexiconEntry(word="x"),))


def test_a_file_that_was_edited_counts_at_once_and_a_damaged_one_is_done_without(engine: Engine) -> None:
    engine.lexicons.add("en", [GIF])
    assert read(engine, "GIF").segments[0].text == "jif"
    path = engine.lexicons.folder / "en.json"
    path.write_bytes(as_json([LexiconEntry(word="GIF", respelling="giff")]))
    assert read(engine, "GIF").segments[0].text == "giff"
    path.write_text("{")
    told = read(engine, "GIF")
    assert told.segments[0].text == "GIF"
    assert told.notices[0].startswith("en.json is no lexicon")
    with pytest.raises(ConfigError, match="is no lexicon"):
        engine.lexicons.add("en", [GIF])
    assert path.read_text() == "{"
    assert sorted(each.name for each in path.parent.iterdir()) == ["en.json", "en.lock"]
