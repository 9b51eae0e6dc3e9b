"""Training the language model on recordings, with the target that it was meant to have; train.py is the entry."""
