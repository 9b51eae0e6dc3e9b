"""The rules of Thai."""
