"""Text: cleaning, cutting, phonemes. Knows no system."""
