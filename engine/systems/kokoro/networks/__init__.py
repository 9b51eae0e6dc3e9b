"""None of its own: Kokoro is the synthesizer of `engine.style_tts`, and its styles come from tables."""
