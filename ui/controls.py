"""One table from a declared control to the Gradio component that draws it, and a loop over a dataclass of options."""

from collections.abc import Callable
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from engine.options import Choice, Control, Declared, Slider, Text, Toggle, declared
from ui.words import Wording


def _slider(option: Declared, control: Slider, frame: dict[str, Any]) -> Component:
    step = max(1, round(control.step)) if option.type == "int" else control.step
    return gr.Slider(control.minimum, control.maximum, option.default, step=step, **frame)


def _choice(option: Declared, control: Choice, frame: dict[str, Any]) -> Component:
    return gr.Radio(list(control.choices), value=option.default, **frame)


def _toggle(option: Declared, control: Toggle, frame: dict[str, Any]) -> Component:  # noqa: ARG001
    return gr.Checkbox(option.default, **frame)


def _text(option: Declared, control: Text, frame: dict[str, Any]) -> Component:
    return gr.Textbox(option.default, max_length=control.max_length, **frame)


DRAW: dict[type[Control], Callable[[Declared, Any, dict[str, Any]], Component]] = {
    Slider: _slider,
    Choice: _choice,
    Toggle: _toggle,
    Text: _text,
}


def draw(options: type, wording: Wording, *, prefix: str) -> dict[str, Component]:
    """A component for each declared option, by name, folded away by groups.

    Element ids are ``prefix`` and the name; that of a fold is the id of its first option with "-fold". Options of no
    group come first; the order within a group is that of the declaration.
    """
    groups: dict[str, list[Declared]] = {"": []}
    for option in declared(options):
        groups.setdefault(option.group, []).append(option)
    drawn: dict[str, Component] = {}
    for group, members in groups.items():
        if members:
            name, elem_id = wording.text(group) or wording.word("more"), f"{prefix}-{members[0].name}-fold"
            with gr.Accordion(name, open=False, elem_id=elem_id, elem_classes="studio-more"):
                drawn |= {option.name: _draw(option, wording, f"{prefix}-{option.name}") for option in members}
    return drawn


def _draw(option: Declared, wording: Wording, elem_id: str) -> Component:
    frame = {
        "label": wording.text(option.label),
        "info": wording.text(option.control.help),
        "elem_id": elem_id,
        "interactive": True,
    }
    component = DRAW[type(option.control)](option, option.control, frame)
    if isinstance(option.control, Text) and option.control.suggestions:
        gr.HTML(_suggestions(option.control, elem_id), elem_id=f"{elem_id}-suggestions", apply_default_css=False)
    return component


def _suggestions(control: Text, elem_id: str) -> str:
    """Buttons that fill the field; the page's script hears of the clicks."""
    buttons = (
        f'<button type="button" class="sample suggestion" data-for="{escape(elem_id)}" data-text="{escape(text)}" '
        f'title="{escape(text)}">{escape(label)}</button>'
        for label, text in control.suggestions
    )
    return f'<div class="samples suggestions">{"".join(buttons)}</div>'
