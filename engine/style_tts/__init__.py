"""What StyleTTS 2 (arXiv 2306.07691) and its family share: phonemes in a given style to sound.

They take text as ids and a style as a vector, and know neither text, nor where styles come from, nor a system.
docs/style-tts.md
"""
