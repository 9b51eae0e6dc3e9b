"""The networks of StyleTTS 2 that its family does not share: what makes styles (arXiv 2306.07691, figure 1).

`engine.style_tts` has the others, a file for each box of the figure.
"""
