"""Polyphone's engine: text in, speech out. Importing a leaf of this package costs nothing: nothing is imported here."""
