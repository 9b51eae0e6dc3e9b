"""Training and fine-tuning the family; train.py is the entry."""
