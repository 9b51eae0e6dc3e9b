"""The Clone tab. The script draws it when it is first opened: recordings do not pass through Gradio."""

import gradio as gr


def clone_tab() -> None:
    """Draw the frame that the script fills."""
    gr.HTML('<div id="studio-clone"></div>', apply_default_css=False)
