"""How the pocket weights of MiniMind-TTS are made: a codec and a language model of 24 MB, from nothing."""
