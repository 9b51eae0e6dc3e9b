"""Declared options: what `parse` takes and refuses."""

import dataclasses
import re
from dataclasses import dataclass

import pytest

from engine import registry
from engine.errors import OptionError
from engine.options import called, choice, declared, parse, slider, text, toggle, unheeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    warmth: float = slider(0.5, 0.0, 1.5, step=0.1, help="How warm.")
    steps: int = slider(4, 1, 8, step=1, help="How many.")
    shape: str = choice("round", ("round", "square"), help="Which form.")
    loud: bool = toggle(False, help="Whether loud.")
    note: str = text("", max_length=5, help="A word.", suggestions=(("Greeting", "Hello"),), group="Words")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, Options()),
        ({"warmth": "1.5"}, Options(warmth=1.5)),
        ({"warmth": 1}, Options(warmth=1.0)),
        ({"steps": 5.0}, Options(steps=5)),
        ({"steps": "8"}, Options(steps=8)),
        ({"shape": "square", "loud": "TRUE", "note": "hello"}, Options(shape="square", loud=True, note="hello")),
        ({"loud": "off"}, Options(loud=False)),
    ],
)
def test_values_are_coerced_to_the_declared_type(raw: dict, expected: Options) -> None:
    parsed = parse(Options, raw)
    assert parsed == expected
    assert type(parsed.steps) is int
    assert type(parsed.warmth) is float


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"warmht": 1}, "no option 'warmht'; the options are warmth, steps"),
        ({"warmth": 1.6}, r"Warmth must be between 0 and 1.5; it was 1.6"),
        ({"warmth": "nan"}, "Warmth must be a finite number; it was nan"),
        ({"warmth": "inf"}, "must be a finite number"),
        ({"warmth": True}, "Warmth must be a number; it was True"),
        ({"warmth": 10**400}, "a number of ordinary size; it was 10{59}…"),
        ({"warmth": ["x" * 1000]}, r"must be a number; it was \['x{58}…"),
        ({"shape": "x" * 1000}, "Shape must be one of round, square; it was 'x{59}…"),
        ({"x" * 1000: 1}, "no option 'x{59}…;"),
        ({"warmth": None}, "must be a number"),
        ({"warmth": "warm"}, "must be a number; it was 'warm'"),
        ({"steps": 4.5}, "whole number"),
        ({"steps": 0}, "Steps must be between 1 and 8; it was 0"),
        ({"shape": "oval"}, "Shape must be one of round, square"),
        ({"shape": 1}, "must be one of"),
        ({"loud": "maybe"}, "Loud must be on or off; it was 'maybe'"),
        ({"loud": 1}, "must be on or off"),
        ({"note": "longer"}, "at most 5"),
        ({"note": 5}, "Note must be a text; it was 5"),
    ],
)
def test_what_does_not_fit_is_named(raw: dict, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        parse(Options, raw)


def test_a_declaration_describes_itself_as_plain_data() -> None:
    warmth, steps, shape, loud, note = (option.describe() for option in declared(Options))
    assert warmth == {
        "name": "warmth", "label": "Warmth", "type": "float", "default": 0.5, "group": "", "needs": [],
        "minimum": 0.0, "maximum": 1.5, "step": 0.1, "help": "How warm.",
    }  # fmt: skip
    assert (steps["type"], loud["type"], note["type"]) == ("int", "bool", "str")
    assert shape["choices"] == ("round", "square")
    assert (note["group"], note["suggestions"]) == ("Words", (("Greeting", "Hello"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """An option whose label is another word than its name."""

    noise_scale: float = slider(0.5, 0.0, 1.0, step=0.1, help="x", label="Liveliness")


def test_an_option_is_called_by_its_label_and_by_its_name_where_that_is_another_word() -> None:
    with pytest.raises(OptionError, match=r"Liveliness \(noise_scale\) must be between 0 and 1; it was 2") as failure:
        parse(Labelled, {"noise_scale": 2})
    told = failure.value.message.describe()["values"]["option"]
    assert (told["template"], told["values"]["label"]["template"]) == ("{label} ({name})", "Liveliness")
    assert called(Labelled, "noise_scale") == "Liveliness (noise_scale)"
    assert called(Options, "warmth") == "Warmth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Depending:
    loud: bool = toggle(False, label="Louder", help="x")
    gain: float = slider(1.0, 0.0, 2.0, step=0.1, help="x", needs=("loud",))
    echo_: int = slider(0, 0, 9, step=1, help="x", needs=("gain or not loud", "hall"))
    tail: int = slider(0, 0, 9, step=1, help="x", needs=("echo > 1 or not gain > 0.5",))


@pytest.mark.parametrize(
    ("raw", "traits", "idle"),
    [
        ({}, ("hall",), ["gain", "tail"]),
        ({}, (), ["gain", "echo", "tail"]),
        ({"loud": True}, ("hall",), ["tail"]),
        ({"echo": 1}, ("hall",), ["gain", "tail"]),
        ({"echo": 2}, ("hall",), ["gain"]),
        ({"loud": True, "gain": 0}, ("hall",), ["echo"]),
        ({"loud": True, "gain": 0}, (), ["echo"]),
    ],
)
def test_an_option_counts_while_each_of_its_clauses_holds(raw: dict, traits: tuple[str, ...], idle: list[str]) -> None:
    assert [option.name for option in unheeded(parse(Depending, raw), traits)] == idle


def test_an_option_says_which_names_it_asks_for() -> None:
    assert [option.asks for option in declared(Depending)] == [
        set(), {"loud"}, {"gain", "loud", "hall"}, {"echo", "gain"},
    ]  # fmt: skip


@pytest.mark.parametrize("system", registry.NAMES)
def test_every_option_of_a_system_has_a_label_of_its_own_in_words(system: str) -> None:
    spec = registry.find(system)
    options = declared(spec.options)
    labels = [option.label for option in options]
    assert len(set(labels)) == len(labels)
    fields = {field.name.removesuffix("_"): field for field in dataclasses.fields(spec.options)}
    for option in options:
        assert fields[option.name].metadata["label"] == option.label, f"{option.name} is called by its name"
        assert not re.search(r"[_=]|scale|prompt|compat|noise", option.label), option.label
        begins = ("Higher", "On") if option.type in ("int", "float", "bool") else ("",)
        assert option.control.help.startswith((*begins, "Another")), f"what is heard when {option.name} goes up?"


def test_one_name_for_one_thing_in_all_systems() -> None:
    """What two systems call by one name is one thing, and one thing has one name."""
    called = {
        (option.label, option.name) for system in registry.NAMES for option in declared(registry.find(system).options)
    }
    names = [name for _, name in called]
    assert len(set(names)) == len(names), "one option has two labels"
