"""The look of the page: Gradio's theme brought to our colours, and our own script and style for its head."""

import inspect
import json
import re
from collections.abc import Sequence
from pathlib import Path

import gradio as gr

from ui import words
from ui.words import LANGUAGES

PAGE = Path(__file__).parent / "page"
LISTENER = "listener_page.js"
# The first is the studio's, the last of a page of its own; the others are loaded when they are asked for.
ENTRIES = ("studio.js", "models_page.js", "clone_page.js", "compare_page.js", "tests_page.js", LISTENER)
DOOR = "door.js"  # stands in the head itself
STYLE = "studio.css"
STYLES = (
    "studio.css",
    "composing.css",
    "takes.css",
    "voices.css",
    "models.css",
    "catalogue.css",
    "clone.css",
    "compare.css",
    "listening.css",
    "state.css",
)
IMPORT = re.compile(r'^import .* from "\./([\w.]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?:\{\};)?", re.MULTILINE)

# Gradio's variables, in terms of the palette in studio.css; each is set for light and, where it exists, for dark.
VARIABLES = {
    "background_fill_primary": "var(--card)",
    "background_fill_secondary": "var(--sunk)",
    "block_background_fill": "transparent",
    "block_border_color": "transparent",
    "block_border_width": "0px",
    "block_info_text_color": "var(--soft)",
    "block_info_text_size": "13px",
    "block_padding": "0px",
    "block_shadow": "none",
    "block_title_background_fill": "transparent",
    "block_title_text_color": "var(--soft)",
    "block_title_text_size": "13px",
    "block_title_text_weight": "600",
    "body_text_color": "var(--ink)",
    "body_text_color_subdued": "var(--soft)",
    "border_color_accent": "var(--pine)",
    "border_color_primary": "var(--line)",
    "button_border_width": "1px",
    "button_large_padding": "10px 22px",
    "button_large_radius": "999px",
    "button_large_text_size": "15px",
    "button_large_text_weight": "600",
    "button_primary_background_fill": "var(--pine)",
    "button_primary_background_fill_hover": "var(--pine-deep)",
    "button_primary_border_color": "transparent",
    "button_primary_border_color_hover": "transparent",
    "button_primary_text_color": "var(--on-pine)",
    "button_primary_text_color_hover": "var(--on-pine)",
    "button_secondary_background_fill": "var(--card)",
    "button_secondary_background_fill_hover": "var(--tint)",
    "button_secondary_border_color": "var(--line)",
    "button_secondary_border_color_hover": "var(--pine)",
    "button_secondary_text_color": "var(--ink)",
    "button_secondary_text_color_hover": "var(--ink)",
    "checkbox_background_color": "var(--card)",
    "checkbox_background_color_selected": "var(--pine)",
    "checkbox_border_color": "var(--soft)",
    "checkbox_border_color_focus": "var(--pine)",
    "checkbox_border_color_selected": "var(--pine)",
    "checkbox_label_background_fill": "var(--card)",
    "checkbox_label_background_fill_hover": "var(--sunk)",
    "checkbox_label_background_fill_selected": "var(--tint)",
    "checkbox_label_border_color": "var(--line)",
    "checkbox_label_border_color_hover": "var(--pine)",
    "checkbox_label_border_color_selected": "var(--pine)",
    "checkbox_label_border_width": "1px",
    "checkbox_label_gap": "8px",
    "checkbox_label_padding": "8px 15px",
    "checkbox_label_shadow": "none",
    "checkbox_label_text_color": "var(--ink)",
    "checkbox_label_text_color_selected": "var(--ink)",
    "checkbox_label_text_weight": "400",
    "color_accent_soft": "var(--tint)",
    "form_gap_width": "0px",
    "input_background_fill": "var(--card)",
    "input_background_fill_focus": "var(--card)",
    "input_border_color": "var(--line)",
    "input_border_color_focus": "var(--pine)",
    "input_border_width": "1px",
    "input_placeholder_color": "var(--soft)",
    "input_radius": "10px",
    "input_shadow": "none",
    "input_shadow_focus": "0 0 0 3px var(--tint)",
    "layout_gap": "18px",
    "slider_color": "var(--pine)",
}


def theme() -> gr.themes.Base:
    """Gradio's plain theme in our colours, and with fonts that the visitor has: the page asks nobody else for any."""
    base = gr.themes.Base(
        font=["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "sans-serif"],
        font_mono=["ui-monospace", "SF Mono", "Menlo", "Noto Sans Mono", "monospace"],
    )
    known = inspect.signature(base.set).parameters
    dark = {f"{name}_dark": value for name, value in VARIABLES.items() if f"{name}_dark" in known}
    # Seen before our own style arrives, so in plain colours.
    ground = {"body_background_fill": "#f4f6f3", "body_background_fill_dark": "#0e1413"}
    return base.set(**VARIABLES, **dark, **ground)


def files() -> dict[str, bytes]:
    """What the page fetches, by name: its script, its styles, the words of each language.

    A start asks for one script and one style. The modules in them are served by themselves, too.
    """
    modules = {path.name: path.read_bytes() for path in sorted(PAGE.glob("*.js")) if path.name != DOOR}
    modules |= {name: joined(name).encode() for name in ENTRIES}
    styles = "\n".join((PAGE / name).read_text("utf-8") for name in STYLES)
    languages = {f"words/{language}.json": (words.FOLDER / f"{language}.json").read_bytes() for language in LANGUAGES}
    return modules | {STYLE: styles.encode()} | languages


def head(base: str, fields: Sequence[str], *, endpoint: bool = False) -> str:
    """The tags for the page's head. Its files are below ``base``; ``fields`` names the form's values in their order.

    With ``endpoint`` the page speaks through Gradio's endpoint.
    """
    config = json.dumps({"fields": list(fields), "languages": LANGUAGES, "base": base, "endpoint": endpoint})
    door = (PAGE / DOOR).read_text("utf-8").strip()
    # "<" could end the script element early; in JSON it has a harmless spelling.
    return (
        '<meta name="theme-color" content="#0d6b5d">'
        f'<link rel="stylesheet" href="{base}{STYLE}">'
        f"<script>window.polyphone = ({door})({config.replace('<', chr(92) + 'u003c')});</script>"
        f'<script type="module" src="{base}{ENTRIES[0]}"></script>'
    )


def links(base: str) -> list[str]:
    """What the page needs first, for a Link header: Gradio puts the head into the page only once it has started."""
    return [f"<{base}{STYLE}>; rel=preload; as=style", f"<{base}{ENTRIES[0]}>; rel=modulepreload"]


def joined(entry: str) -> str:
    """``entry`` and all that it imports as one module, since two dozen requests would make the page start later.

    Modules follow those that they import, without their imports; only ``entry`` keeps its exports. All their names
    differ, which a test holds.
    """
    *texts, last = [IMPORT.sub("", (PAGE / name).read_text("utf-8")) for name in imported(entry)]
    return "\n".join([*(EXPORT.sub("", text) for text in texts), last])


def imported(entry: str) -> list[str]:
    """The modules that ``entry`` needs, itself the last: each after those that it imports."""
    order: dict[str, None] = {}
    for name in IMPORT.findall((PAGE / entry).read_text("utf-8")):
        order |= dict.fromkeys(imported(name))
    return [*order, entry]
