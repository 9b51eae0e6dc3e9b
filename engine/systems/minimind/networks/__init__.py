"""The networks of MiniMind-TTS: a file for each box of the figure."""
