"""How English is said: a module for each kind of thing, in the order in which `engine.text.normalize_en` asks them."""
