"""Pieces of a training run: data, losses, discriminators, checkpoints, metrics. No framework."""
