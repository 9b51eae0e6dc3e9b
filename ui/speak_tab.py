"""The Speak tab: text, system, options, seed. Its values go to the player's script, which asks our route.

The form is a flat dictionary of components. Fields that belong to a system are named "<system>/language" and
"<system>/options/<name>"; the script sends those of the chosen system and hides the others. Models and voices come and
go while the page is open, so the script draws their choosers itself.
"""

from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.components import Component

from engine.options import declared
from engine.system import SystemSpec
from ui.controls import draw
from ui.words import Wording

Word = Callable[[str], Any]
Form = dict[str, Component]

MAX_SEED = 2**31 - 1
DEFAULT_SEED = 42  # numbers.js has it, too


def speak_tab(specs: tuple[SystemSpec, ...], wording: Wording) -> Form:
    """Draw the tab and wire it to the script; returns the components of the form by name."""
    form: Form = {}
    word = wording.word
    with gr.Row(elem_id="studio-desk", equal_height=False):
        with gr.Column(elem_id="studio-compose", scale=6, min_width=320):
            form["text"] = gr.Textbox(
                label=word("text_field"), placeholder=word("placeholder"), lines=5, max_lines=16, elem_id="studio-text"
            )
            gr.HTML('<div id="studio-under-text"></div>', apply_default_css=False)
            gr.HTML('<div id="studio-reading"></div>', apply_default_css=False)
            choices = [(spec.name, spec.id) for spec in specs]
            system = gr.Radio(choices, value=specs[0].id, label=word("system"), elem_id="studio-system")
            form["system"] = system
            gr.HTML('<div id="studio-facts"></div>', apply_default_css=False)
            for spec in specs:
                with gr.Column(elem_classes=[*of(spec), "studio-voice"]):
                    form.update(_language_field(spec, word))
                    gr.HTML('<div class="studio-choosers"></div>', apply_default_css=False)
            generate, stop = _actions(form, word)
            for spec in specs:
                with gr.Column(elem_classes=[*of(spec), "studio-options"]):
                    drawn = draw(spec.options, wording, prefix=f"studio-{spec.id}")
                    form.update({f"{spec.id}/options/{name}": component for name, component in drawn.items()})
        with gr.Column(elem_id="studio-listen", scale=5, min_width=320):
            gr.HTML('<div id="studio-player"></div>', apply_default_css=False)
    _wire(form, system, generate, stop)
    _heed(form, specs)
    return form


def of(spec: SystemSpec) -> list[str]:
    """The classes of what is shown only while ``spec`` is the chosen system."""
    return ["studio-of", f"studio-of-{spec.id}"]


def _language_field(spec: SystemSpec, word: Word) -> Form:
    """The language of a system that speaks several. A radio, since a dropdown cannot be used with a screen reader."""
    if len(spec.languages) < 2:
        return {}
    choices, elem_id = list(spec.languages), f"studio-{spec.id}-language"
    return {f"{spec.id}/language": gr.Radio(choices, value=choices[0], label=word("language_field"), elem_id=elem_id)}


def _actions(form: Form, word: Word) -> tuple[gr.Button, gr.Button]:
    with gr.Row(elem_id="studio-actions", equal_height=True):
        generate = gr.Button(word("generate"), variant="primary", elem_id="studio-generate", min_width=150)
        stop = gr.Button(word("stop"), elem_id="studio-stop", min_width=90, interactive=True)
        with gr.Row(elem_id="studio-seed-row"):
            form["seed"] = gr.Number(
                DEFAULT_SEED,
                label=word("seed"),
                precision=0,
                minimum=0,
                maximum=MAX_SEED,
                elem_id="studio-seed",
                min_width=110,
            )
            dice = gr.Button("⚄", elem_id="studio-dice", min_width=44)
            form["lock"] = gr.Checkbox(False, label=word("lock"), elem_id="studio-lock", min_width=120)
    dice.click(None, None, form["seed"], js="() => window.polyphone.dice()", api_visibility="private")
    return generate, stop


def _wire(form: Form, system: gr.Radio, generate: gr.Button, stop: gr.Button) -> None:
    """Join buttons and script. Nothing here goes through Gradio's queue: the script has the faster way."""
    fields = list(form.values())
    speak = "(...values) => window.polyphone.generate(values)"
    generate.click(None, fields, form["seed"], js=speak, api_visibility="private")
    stop.click(None, None, None, js="() => window.polyphone.stop()", api_visibility="private")
    system.change(None, system, None, js="(system) => window.polyphone.choose(system)", api_visibility="private")
    peek = gr.Button("", elem_id="studio-peek", visible="hidden")
    peek.click(None, fields, None, js="(...values) => window.polyphone.peek(values)", api_visibility="private")
    apply = gr.Button("", elem_id="studio-apply", visible="hidden")
    apply.click(None, fields, fields, js="(...values) => window.polyphone.merge(values)", api_visibility="private")
    keep = gr.Button("", elem_id="studio-keep", visible="hidden")
    keep.click(None, fields, None, js="(...values) => window.polyphone.keep(values)", api_visibility="private")


def _heed(form: Form, specs: tuple[SystemSpec, ...]) -> None:
    """Tell the script whenever an option changes on which it depends whether others count."""
    for spec in specs:
        options = declared(spec.options)
        asked = {name for option in options for name in option.asks}
        for name in sorted(asked & {option.name for option in options}):
            component: Any = form[f"{spec.id}/options/{name}"]
            heed = "(...values) => window.polyphone.heed(values)"
            component.change(None, list(form.values()), None, js=heed, api_visibility="private")
