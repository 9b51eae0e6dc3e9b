"""The Tests tab, the owner's listening tests. The script draws it when it is first opened."""

import gradio as gr


def tests_tab() -> None:
    """Draw the frame that the script fills."""
    gr.HTML('<div id="studio-tests"></div>', apply_default_css=False)
