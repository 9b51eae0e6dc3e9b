"""The Compare tab, the visitor's grids. The script draws it when it is first opened."""

import gradio as gr


def compare_tab() -> None:
    """Draw the frame that the script fills."""
    gr.HTML('<div id="studio-compare"></div>', apply_default_css=False)
