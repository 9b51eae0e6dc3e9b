"""The networks are those of `engine.codec_lm`, which VALL-E shares with another system."""
