"""Rules and tables of how Chinese is read aloud; `engine.text.normalize_zh` puts them together."""
