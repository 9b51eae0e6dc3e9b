"""The Models tab. Its cards are drawn by the script from ``/studio/models``, so that downloads move without Gradio."""

import gradio as gr


def models_tab() -> None:
    """Draw the frame that the script fills."""
    gr.HTML('<div id="studio-models"></div>', apply_default_css=False)
