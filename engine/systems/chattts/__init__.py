"""ChatTTS: a dialogue model that speaks Chinese and English."""
