"""Training a WavTokenizer: a small codec of the public architecture; train.py is the entry."""
