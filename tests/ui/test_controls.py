"""The form is drawn from the declarations of every registered system."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import pytest

from engine import registry
from engine.engine import Engine
from engine.library import Library
from engine.options import Choice, Slider, Text, Toggle, choice, declared, slider, text, toggle
from engine.system import SystemSpec
from ui.controls import DRAW, draw
from ui.speak_tab import speak_tab


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
        drawn = draw(Options, prefix="form")
    assert list(drawn) == ["speed", "steps", "mode", "compat", "hint"]
    speed, steps, mode, compat, hint = drawn.values()
    assert isinstance(speed, gr.Slider)
    assert (speed.value, speed.minimum, speed.maximum, speed.step) == (1.0, 0.5, 2.0, 0.05)
    assert (speed.info, speed.label, speed.elem_id) == ("How fast.", "Speed", "form-speed")
    assert isinstance(steps, gr.Slider)
    assert (steps.value, steps.step) == (5, 1)
    assert isinstance(mode, gr.Radio)
    assert (mode.value, [value for _, value in mode.choices]) == ("a", ["a", "b"])
    assert isinstance(compat, gr.Checkbox)
    assert compat.value is True
    assert isinstance(hint, gr.Textbox)
    assert (hint.value, hint.max_length) == ("x", 12)


def test_there_is_a_component_for_every_kind_of_control() -> None:
    assert set(DRAW) == {Slider, Choice, Toggle, Text}


@pytest.mark.parametrize("system", registry.NAMES)
def test_every_registered_system_draws_all_its_options(system: str) -> None:
    options = registry.find(system).options
    with gr.Blocks():
        drawn = draw(options, prefix=system)
    assert {name: component.value for name, component in drawn.items()} == {
        o.name: o.default for o in declared(options)
    }


def test_a_system_with_several_checkpoints_offers_them_each_with_its_own_voices(
    fake_spec: SystemSpec, choirs: Path
) -> None:
    with gr.Blocks():
        form = speak_tab(Engine((fake_spec,), library=Library((fake_spec,), choirs)), str)
    model = form["fake/model"]
    assert isinstance(model, gr.Radio)
    assert (model.value, [value for _, value in model.choices]) == ("built-in", ["built-in", "choir", "shards"])
    voices = {name.split("/")[2]: field for name, field in form.items() if name.startswith("fake/voice/")}
    assert list(voices) == ["built-in", "choir", "shards"]
    assert [value for _, value in voices["built-in"].choices] == ["alto", "bass"]
    assert [value for _, value in voices["choir"].choices] == ["bass", "alto"]
    assert voices["choir"].value == "bass"
    assert isinstance(voices["shards"], gr.Textbox)  # it cannot be read, and the page opens all the same


def test_a_system_with_one_checkpoint_asks_nothing(make_fake_spec: Callable[..., SystemSpec]) -> None:
    with gr.Blocks():
        form = speak_tab(Engine((make_fake_spec(), make_fake_spec("bare", bundled=False))), str)
    assert not [name for name in form if name.endswith("/model")]
    assert isinstance(form["fake/voice/built-in"], gr.Radio)
    assert isinstance(form["bare/voice/"], gr.Textbox)
