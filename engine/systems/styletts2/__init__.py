"""StyleTTS 2: the style of speech sampled by diffusion, speech from style and phonemes in one pass."""
