"""The rules of Japanese."""
