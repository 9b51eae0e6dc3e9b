"""Layers that more than one system uses."""
