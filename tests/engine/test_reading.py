"""What is shown of a text is what is said of it: over the fake system, and the facts that hold for every system."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from engine import registry
from engine.engine import Engine
from engine.errors import OptionError, TextError, UnknownSystem, WeightsMissing
from engine.events import Notice
from engine.library import Library
from engine.reading import KEPT, FrontEnds, Read, ReadSegment, gather
from engine.request import SynthesisRequest
from tests.conftest import FakeOptions

ROOT = Path(__file__).parents[2]


def request(text: str, **fields: Any) -> SynthesisRequest:
    return SynthesisRequest(**{"system": "fake", "text": text, "options": FakeOptions(), **fields})


@pytest.fixture
def engine(fake_spec) -> Engine:
    return Engine((fake_spec,), device="cpu")


def test_a_text_is_read_in_words_by_segments(engine: Engine) -> None:
    read = engine.read(
        "Salt & pepper are on the table.\nThe snow\u202eman ☃ is outside, and so is another ☃ over there."
    )
    assert read == Read(
        segments=(
            ReadSegment(
                text="Salt and pepper are on the table.", phonemes="SALT AND PEPPER ARE ON THE TABLE.", pause_s=0.6
            ),
            ReadSegment(
                text="The snowman  is outside, and so is another  over there.",
                phonemes="THE SNOWMAN  IS OUTSIDE, AND SO IS ANOTHER  OVER THERE.",
                pause_s=0.0,
                left_out=("☃",),
            ),
        ),
        left_out=("☃",),
        notices=("1 invisible character was left out of the text", "there is no sound for ☃"),
    )
    assert list(read.describe()) == ["segments", "left_out", "notices"]
    assert [list(segment) for segment in read.describe()["segments"]] == [["text", "phonemes", "pause_s"]] * 2
    json.dumps(read.describe())


def test_the_notices_are_those_of_speaking_and_no_model_is_loaded(make_fake_spec) -> None:
    log: list[str] = []
    engine = Engine((make_fake_spec(log=log),), device="cpu")
    asked = request("Snow\u202e falls on the ☃. It falls and falls on the ☃.")
    read = gather(engine.reading(asked))
    assert (log, engine.loaded()) == ([], ())
    spoken = [event.message for event in engine.synthesize(asked) if isinstance(event, Notice)]
    assert list(read.notices) == spoken
    assert len(spoken) == 3


def test_options_and_language_count(engine: Engine) -> None:
    assert engine.read("Hello there.", compat=True, language="en-GB").segments[0].phonemes is None
    assert engine.read("Hello there.", rewrite=True).notices == ("a hum is put before it",)


@pytest.mark.parametrize(
    ("text", "wish", "error", "words"),
    [
        ("Hello.", {"system": "nope"}, UnknownSystem, "the systems are fake"),
        ("Hello.", {"loud": 1}, OptionError, "no option 'loud'"),
        ("Hello.", {"language": "xx"}, OptionError, "does not speak 'xx'"),
        ("", {}, TextError, "empty|nothing"),
        ("☃", {}, TextError, "nothing|no sound"),
        ("a" * 100_001, {}, TextError, "100,001"),
        ("Hello.", {"checkpoint": Path("no/such/place")}, WeightsMissing, "does not exist"),
    ],
)
def test_mistakes_are_those_of_speaking(engine: Engine, text: str, wish: dict, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        engine.read(text, **wish)


def test_without_a_checkpoint_a_text_is_read_all_the_same(make_fake_spec) -> None:
    engine = Engine((make_fake_spec(bundled=False),), device="cpu")
    read = engine.read("Hello there.", system="fake")
    assert read.segments[0].text == "Hello there."
    assert read.notices == ("no model of The fake system is installed; the published ones read so",)


def test_closing_stops_the_work(engine: Engine) -> None:
    events = engine.reading(request("This is a sentence of many words. " * 50))
    assert isinstance(next(events), ReadSegment)
    events.close()
    assert list(events) == []


def test_a_front_end_is_made_once_for_each_checkpoint_and_again_when_that_changes(fake_spec, tmp_path: Path) -> None:
    front_ends = FrontEnds()
    first = front_ends.of(fake_spec, fake_spec.bundled)
    assert front_ends.of(fake_spec, fake_spec.bundled) is first
    assert front_ends.of(fake_spec, None) is not first
    fake_spec.bundled.write_text(fake_spec.bundled.read_text() + " ")
    assert front_ends.of(fake_spec, fake_spec.bundled) is not first
    content = fake_spec.bundled.read_text()
    for number in range(KEPT + 1):
        (tmp_path / f"{number}.json").write_text(content)
        front_ends.of(fake_spec, tmp_path / f"{number}.json")
    assert len(front_ends._kept) == KEPT


# -- every system --

SYSTEMS = registry.NAMES
NO_TORCH = """
import pathlib, sys
from engine.engine import Engine
from engine.library import Library
read = Engine(library=Library(None, pathlib.Path(sys.argv[2]))).read("It costs $5.50, Dr. Smith.", system=sys.argv[1])
assert "five dollars and fifty cents" in read.segments[0].text, read
sys.exit("torch" in sys.modules and "torch was imported")
"""


@pytest.mark.parametrize("system", SYSTEMS)
def test_reading_imports_no_torch(system: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", NO_TORCH, system, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


RUNS = {
    "words": "The quick brown fox jumps over the lazy dog, and then it rests. ",
    "one word": "a",
    "hyphens": "-a",
    "quotes": '"a" ',
    "Chinese": "今天的空气特别清新，我们去江边走走吧。",
}


@pytest.mark.parametrize(
    ("system", "run"), [(system, run) for system in SYSTEMS for run in RUNS if run != "Chinese" or system == "chattts"]
)
def test_a_hundred_thousand_characters_take_time_that_grows_with_them_alone(
    system: str, run: str, tmp_path: Path
) -> None:
    engine = Engine(library=Library(None, tmp_path))
    language = "zh" if run == "Chinese" else "en"

    def seconds(length: int) -> float:
        text = (RUNS[run] * (length // len(RUNS[run]) + 1))[:length]
        began = time.process_time()
        engine.read(text, system=system, language=language)
        return time.process_time() - began

    engine.read("Hello.", system=system)
    # Four times the text: sixteen times the time where it grew with the square.
    assert seconds(100_000) < 8 * seconds(25_000) + 0.5
