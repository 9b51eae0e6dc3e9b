"""The rules of Korean."""
