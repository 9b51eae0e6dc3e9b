"""The systems: a folder each, the same files for the same roles. None imports another."""
