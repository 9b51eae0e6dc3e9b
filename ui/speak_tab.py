"""The Speak tab: text, system, model, voice, options, seed. Its values go to the player's script, which asks our route.

The form is a flat dictionary of components. Fields that belong to a system are named "<system>/model",
"<system>/voice/<model>", "<system>/language" and "<system>/options/<name>"; the script sends those of the chosen system
and model and hides the others.
"""

from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.components import Component

from engine.engine import Engine
from engine.errors import UserError
from engine.system import SystemSpec
from ui.controls import draw

Word = Callable[[str], Any]
Form = dict[str, Component]

MAX_SEED = 2**31 - 1


def speak_tab(engine: Engine, word: Word) -> Form:
    """Draw the tab and wire it to the script; returns the components of the form by name."""
    specs = engine.systems()
    form: Form = {}
    with gr.Row(elem_id="studio-desk", equal_height=False):
        with gr.Column(elem_id="studio-compose", scale=6, min_width=320):
            choices = [(spec.name, spec.id) for spec in specs]
            form["system"] = gr.Radio(choices, value=specs[0].id, label=word("system"), elem_id="studio-system")
            for spec in specs:
                gr.HTML('<div class="studio-facts"></div>', elem_classes=of(spec), apply_default_css=False)
            form["text"] = gr.Textbox(
                label=word("text"), placeholder=word("placeholder"), lines=5, max_lines=16, elem_id="studio-text"
            )
            gr.HTML('<div id="studio-under-text"></div>', apply_default_css=False)
            for spec in specs:
                with gr.Row(elem_classes=[*of(spec), "studio-voice"]):
                    form.update(_voice_fields(engine, spec, word))
            generate, stop = _actions(form, word)
            for spec in specs:
                with (
                    gr.Column(elem_classes=of(spec)),
                    gr.Accordion(word("more"), open=False, elem_classes="studio-more"),
                ):
                    drawn = draw(spec.options, prefix=f"studio-{spec.id}")
                    form.update({f"{spec.id}/options/{name}": component for name, component in drawn.items()})
        with gr.Column(elem_id="studio-listen", scale=5, min_width=320):
            gr.HTML('<div id="studio-player"></div>', apply_default_css=False)
    _wire(form, generate, stop)
    return form


def of(spec: SystemSpec) -> list[str]:
    """The classes of what is shown only while ``spec`` is the chosen system."""
    return ["studio-of", f"studio-of-{spec.id}"]


def models(engine: Engine, spec: SystemSpec) -> list[str]:
    """The names of a system's checkpoints, the one that is used by default first; [""] when none is installed."""
    return list(engine.checkpoints(spec.id)) or [""]


def _voice_fields(engine: Engine, spec: SystemSpec, word: Word) -> Form:
    """Model, voice and language of a system. Radios, since a dropdown cannot be used with a screen reader."""
    fields: Form = {}
    names = models(engine, spec)
    if len(names) > 1:
        fields[f"{spec.id}/model"] = gr.Radio(
            names, value=names[0], label=word("model"), elem_id=f"studio-{spec.id}-model"
        )
    if spec.voicing.presets or spec.voicing.random:
        for index, name in enumerate(names):
            fields[f"{spec.id}/voice/{name}"] = _voice_field(_voices(engine, spec, name), spec, word, index)
    if len(spec.languages) > 1:
        fields[f"{spec.id}/language"] = gr.Radio(
            list(spec.languages), value=spec.languages[0], label=word("language"), elem_id=f"studio-{spec.id}-language"
        )
    return fields


def _voice_field(voices: tuple[str, ...], spec: SystemSpec, word: Word, index: int) -> Component:
    """The voice of the system's model number ``index``, shown while that model is the chosen one."""
    frame = {
        "label": word("voice"),
        "elem_id": f"studio-{spec.id}-voice-{index}",
        "elem_classes": ["studio-model", f"studio-model-{index}"],
    }
    if voices:
        return gr.Radio(list(voices), value=voices[0], **frame)
    return gr.Textbox(placeholder=word("default"), **frame)


def _voices(engine: Engine, spec: SystemSpec, model: str) -> tuple[str, ...]:
    try:
        return engine.voices(spec.id, engine.checkpoints(spec.id).get(model))
    except UserError:
        return ()  # a damaged checkpoint must not keep the page from opening; who chooses it is told what is wrong


def _actions(form: Form, word: Word) -> tuple[gr.Button, gr.Button]:
    with gr.Row(elem_id="studio-actions", equal_height=True):
        generate = gr.Button(word("generate"), variant="primary", elem_id="studio-generate", min_width=150)
        stop = gr.Button(word("stop"), elem_id="studio-stop", min_width=90, interactive=True)
        with gr.Row(elem_id="studio-seed-row"):
            form["seed"] = gr.Number(
                42, label=word("seed"), precision=0, minimum=0, maximum=MAX_SEED, elem_id="studio-seed", min_width=110
            )
            dice = gr.Button("⚄", elem_id="studio-dice", min_width=44)
            form["lock"] = gr.Checkbox(False, label=word("lock"), elem_id="studio-lock", min_width=120)
    dice.click(None, None, form["seed"], js="() => window.polyphone.dice()", api_visibility="private")
    return generate, stop


def _wire(form: Form, generate: gr.Button, stop: gr.Button) -> None:
    """Join buttons and script. Nothing here goes through Gradio's queue: the script has the faster way."""
    fields = list(form.values())
    private = {"api_visibility": "private"}
    generate.click(None, fields, form["seed"], js="(...values) => window.polyphone.generate(values)", **private)
    stop.click(None, None, None, js="() => window.polyphone.stop()", **private)
    form["system"].change(None, form["system"], None, js="(system) => window.polyphone.choose(system)", **private)
    for name, component in form.items():
        if name.endswith("/model"):
            component.change(None, component, None, js="(model) => window.polyphone.pick(model)", **private)
    apply = gr.Button(elem_id="studio-apply", visible="hidden")
    apply.click(None, fields, fields, js="(...values) => window.polyphone.merge(values)", **private)
