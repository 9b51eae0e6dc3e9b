"""``text``: how a text will be read, and a corpus line by line."""

import io
import json
import sys

import pytest

from engine import registry
from engine.text.ja import open_jtalk
from tests.engine.cli.conftest import assert_mistake
from tests.timing import quadratic


@pytest.fixture
def given(monkeypatch):
    """What stands on standard input."""

    def give(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    return give


def read(run, *arguments, **named):
    status, stdout, stderr = run("text", *arguments, "--system", "fake", "--json", **named)
    assert (status, stderr) == (0, "")
    return json.loads(stdout)


def lines(run, *arguments):
    status, stdout, stderr = run("text", "--lines", "--system", "fake", *arguments)
    assert (status, stderr) == (0, "")
    return [json.loads(line) for line in stdout.splitlines()]


def test_a_text_is_one_object(run):
    assert read(run, "Salt & snow\u202e ☃.") == {
        "segments": [{"text": "Salt and snow .", "phonemes": "SALT AND SNOW .", "pause_s": 0.0}],
        "left_out": ["☃"],
        "notices": ["1 invisible character was left out of the text", "there is no sound for ☃"],
    }


def test_a_text_comes_from_standard_input(run, given):
    given("\ufeffEine Zeile.\nNoch öfter eine.".encode())
    assert [segment["text"] for segment in read(run, "-")["segments"]] == ["Eine Zeile.", "Noch öfter eine."]


def test_options_reach_the_system(run):
    found = read(run, "Hello.", "--set", "compat=true", "--set", "rewrite=true", "--language", "zh")
    assert found["segments"] == [{"text": "Hello.", "phonemes": None, "pause_s": 0.0}]
    assert found["notices"] == ["a hum is put before it"]


def test_without_json_a_person_reads_lines(run):
    status, stdout, stderr = run("text", "Salt & snow ☃.", "--system", "fake")
    assert (status, stderr) == (0, "note: there is no sound for ☃\n")
    assert stdout == "Salt and snow .\n    SALT AND SNOW .\n"
    assert run("text", "Hello.", "--system", "fake", "--set", "compat=true")[1] == "Hello.\n"


def test_every_line_is_a_text_of_its_own_and_mistakes_are_of_their_line(run, given):
    given("\ufeffOne & one.\r\n\n☃\nTwo.\n".encode() + b"Thr\xff\xfe.\n" + b"x" * 500_000 + b"\nLast \xe2\x98\x83")
    first, empty, snow, two, broken, long, last = lines(run)
    assert first["segments"][0]["text"] == "One and one."
    assert "error" in empty
    assert "can be spoken" in snow["error"] or "no sound" in snow["error"]
    assert two == {"segments": [{"text": "Two.", "phonemes": "TWO.", "pause_s": 0.0}], "left_out": [], "notices": []}
    assert broken == {"error": "the line is not UTF-8 (byte 3); convert it first"}
    assert "at most 100,000" in long["error"]
    assert last["left_out"] == ["☃"]


def test_a_line_is_answered_before_the_next_one_is_read(run, monkeypatch, capsys):
    answered = []

    class Slow(io.BytesIO):
        def readline(self, size=-1):
            answered.append(capsys.readouterr().out.count("\n"))
            return super().readline(size)

    class Input:
        buffer = Slow(b"One.\nTwo.\n")

    monkeypatch.setattr("sys.stdin", Input())
    run("text", "--lines", "--system", "fake")
    assert answered == [0, 1, 1]


def test_no_lines_are_no_mistake(run, given):
    given(b"")
    assert lines(run, "-") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Hello.", "--system", "nope"), ["nope", "fake"]),
        (("Hello.", "--system", "fake", "--set", "loud=1"), ["loud", "level"]),
        (("Hello.", "--system", "fake", "--set", "loud"), ["--set loud has no value"]),
        (("Hello.", "--system", "fake", "--language", "xx"), ["does not speak 'xx'"]),
        (("Hello.", "--system", "fake", "--checkpoint", "no/such/place"), ["does not exist"]),
        (("--system", "fake"), ["no text was given"]),
        (("Hello.", "--system", "fake", "--lines"), ["--lines reads its texts from standard input"]),
        (("...", "--system", "fake"), ["nothing"]),
        (("--lines", "--system", "fake", "--set", "loud=1"), ["loud"]),
    ],
)
def test_mistakes_are_one_line(run, given, arguments, words):
    given(b"One.\n")
    assert_mistake(run("text", *arguments), *words)


def test_what_is_not_utf_8_is_refused(run, given):
    given(b"caf\xe9")
    assert_mistake(run("text", "-", "--system", "fake"), "not UTF-8", "byte 3")


@pytest.mark.parametrize("length", [20, 6000])
def test_a_corpus_takes_linear_time_in_short_lines_and_in_long_ones(run, given, length):
    def read_all(text):
        given("\n".join(text[at : at + length] for at in range(0, len(text), length)).encode())
        assert run("text", "--lines", "--system", "fake")[0] == 0

    read_all("warm 1 up")
    assert not quadratic(read_all, ("9", "#", '"', " ", ".", "a", "a b ", "1-", "$1", "Dr. ", "[a](", "\u0301", "你"))


def test_a_language_whose_package_is_missing_is_one_line(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyopenjtalk", None)
    open_jtalk._library.cache_clear()
    result = run("text", "東京です。", "--system", "vallex", "--language", "ja", specs=registry.systems())
    assert_mistake(result, "needs the package pyopenjtalk", "pip install pyopenjtalk")
