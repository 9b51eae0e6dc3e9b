"""The form is drawn from the declarations of every registered system."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr
import pytest
from gradio.components import Component

from engine import registry
from engine.options import Choice, Slider, Text, Toggle, choice, declared, slider, text, toggle
from engine.system import SystemSpec
from ui.controls import DRAW, draw
from ui.speak_tab import speak_tab
from ui.words import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """One of every kind."""

    speed: float = slider(1.0, 0.5, 2.0, step=0.05, help="How fast.")
    steps: int = slider(5, 1, 50, step=1, help="How many.")
    mode: str = choice("a", ("a", "b"), help="Which.")
    compat: bool = toggle(True, help="As published.")
    hint: str = text("x", max_length=12, help="What.")


def test_each_control_becomes_its_component_with_default_bounds_and_help() -> None:
    with gr.Blocks():
        drawn = draw(Options, Wording(), prefix="form")
    assert list(drawn) == ["speed", "steps", "mode", "compat", "hint"]
    speed, steps, mode, compat, hint = drawn.values()
    assert isinstance(speed, gr.Slider)
    assert (speed.value, speed.minimum, speed.maximum, speed.step) == (1.0, 0.5, 2.0, 0.05)
    assert (speed.info.key, speed.label.key, speed.elem_id) == ("How fast.", "Speed", "form-speed")
    assert isinstance(steps, gr.Slider)
    assert (steps.value, steps.step) == (5, 1)
    assert isinstance(mode, gr.Radio)
    assert (mode.value, [value for _, value in mode.choices]) == ("a", ["a", "b"])
    assert isinstance(compat, gr.Checkbox)
    assert compat.value is True
    assert isinstance(hint, gr.Textbox)
    assert (hint.value, hint.max_length) == ("x", 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Two groups, taken up again, and one option of none; a text with suggestions."""

    first: float = slider(1.0, 0.5, 2.0, step=0.05, help="x", group="Mood")
    loose: bool = toggle(False, help="x")
    second: str = text("", help="x", group="Pace", suggestions=(("<Happy>", 'Oh, "this" is good & new.'),))
    third: bool = toggle(False, help="x", group="Mood")


def fold_of(component: Component) -> gr.Accordion:
    """The nearest accordion around a component."""
    block = component.parent
    while not isinstance(block, gr.Accordion):
        block = block.parent
    return block


def test_options_are_folded_away_by_groups_and_those_of_none_come_first() -> None:
    wording = Wording()
    with gr.Blocks() as blocks:
        drawn = draw(Grouped, wording, prefix="form")
    folds = [(fold.label.key, fold.open) for fold in blocks.blocks.values() if isinstance(fold, gr.Accordion)]
    assert folds == [("more", False), ("Mood", False), ("Pace", False)]
    assert [(name, fold_of(component).label.key) for name, component in drawn.items()] == [
        ("loose", "more"), ("first", "Mood"), ("third", "Mood"), ("second", "Pace"),
    ]  # fmt: skip
    (chips,) = (each.value for each in blocks.blocks.values() if isinstance(each, gr.HTML))
    assert 'data-for="form-second" data-text="Oh, &quot;this&quot; is good &amp; new."' in chips
    assert ">&lt;Happy&gt;</button>" in chips


def test_there_is_a_component_for_every_kind_of_control() -> None:
    assert set(DRAW) == {Slider, Choice, Toggle, Text}


@pytest.mark.parametrize("system", registry.NAMES)
def test_every_registered_system_draws_all_its_options(system: str) -> None:
    options = registry.find(system).options
    with gr.Blocks():
        drawn = draw(options, Wording(), prefix=system)
    assert {name: component.value for name, component in drawn.items()} == {
        o.name: o.default for o in declared(options)
    }


def test_a_system_with_several_languages_asks_for_one(make_fake_spec: Callable[..., SystemSpec]) -> None:
    with gr.Blocks():
        form = speak_tab(
            (make_fake_spec(), dataclasses.replace(make_fake_spec("single"), languages=("en",))), Wording()
        )
    assert [value for _, value in form["fake/language"].choices] == ["en", "zh"]
    assert "single/language" not in form
