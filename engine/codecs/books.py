"""Codebooks: whether a codec has as many as the codes that it is given."""

from torch import Tensor

from engine.errors import WeightsMismatch


def check_books(codes: Tensor, known: int, codec: str) -> None:
    """Raises WeightsMismatch for ``codes`` (B, K, F) of more codebooks than a codec has."""
    if codes.shape[1] > known:
        raise WeightsMismatch(
            "the {codec} that is here has {known} codebooks, and the model speaks with {books}; take the one of 24 kHz",
            codec=codec,
            known=known,
            books=codes.shape[1],
        )
