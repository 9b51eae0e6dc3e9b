"""Declared options: what `parse` takes and refuses."""

import dataclasses
import re
from dataclasses import dataclass

import pytest

from engine import registry
from engine.errors import OptionError
from engine.options import choice, declared, parse, slider, text, toggle, unheeded


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
        ({"warmth": 1.6}, r"warmth=1.6 is outside 0..1.5"),
        ({"warmth": "nan"}, "not a finite number"),
        ({"warmth": "inf"}, "not a finite number"),
        ({"warmth": True}, "not a number"),
        ({"warmth": 10**400}, "warmth=10{59}… is too large a number"),
        ({"warmth": ["x" * 1000]}, r"warmth=\['x{58}… is not a number"),
        ({"shape": "x" * 1000}, "shape='x{59}… is not one of round"),
        ({"x" * 1000: 1}, "no option 'x{59}…;"),
        ({"warmth": None}, "not a number"),
        ({"warmth": "warm"}, "not a number"),
        ({"steps": 4.5}, "whole number"),
        ({"steps": 0}, "outside 1..8"),
        ({"shape": "oval"}, "not one of round, square"),
        ({"shape": 1}, "not one of"),
        ({"loud": "maybe"}, "neither true nor false"),
        ({"loud": 1}, "neither true nor false"),
        ({"note": "longer"}, "at most 5"),
        ({"note": 5}, "takes a text"),
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
class Depending:
    loud: bool = toggle(False, label="Louder", help="x")
    gain: float = slider(1.0, 0.0, 2.0, step=0.1, help="x", needs=("loud",))
    echo_: int = slider(0, 0, 9, step=1, help="x", needs=("gain or not loud", "hall"))


@pytest.mark.parametrize(
    ("raw", "traits", "idle"),
    [
        ({}, ("hall",), ["gain"]),
        ({}, (), ["gain", "echo"]),
        ({"loud": True}, ("hall",), []),
        ({"loud": True, "gain": 0}, ("hall",), ["echo"]),
        ({"loud": True, "gain": 0}, (), ["echo"]),
    ],
)
def test_an_option_counts_while_each_of_its_clauses_holds(raw: dict, traits: tuple[str, ...], idle: list[str]) -> None:
    assert [option.name for option in unheeded(parse(Depending, raw), traits)] == idle


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
