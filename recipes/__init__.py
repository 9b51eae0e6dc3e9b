"""How what ships was made, from nothing: no part of the engine, run by hand."""
