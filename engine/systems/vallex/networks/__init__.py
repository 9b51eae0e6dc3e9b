"""The networks are those of `engine.codec_lm`, which VALL-E X shares with another system."""
