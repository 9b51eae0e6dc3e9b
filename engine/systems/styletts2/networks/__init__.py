"""The networks of StyleTTS 2, a file for each box of the paper's figure (arXiv 2306.07691, figure 1).

They import torch, `engine.nn`, `engine.audio` and each other, and nothing of the system's other files, so that another
system may share them.
"""
