"""Autoregressive decoding: cache, sampling, the loop, and a compiled step with its weights. Knows no system."""
