"""Pieces of a training run, for any system: losses, discriminators, checkpoints, metrics, processes."""
