"""What a codec is, for whoever encodes or decodes with it."""

from pathlib import Path
from typing import Protocol

from torch import Tensor

from engine.errors import OptionError
from engine.steps import Steps

NAMES = ("encodec", "wavtokenizer")


class Decoder(Protocol):
    """Codes to sound. Letters as for `Codec`."""

    def decode_steps(self, codes: Tensor) -> Steps[Tensor]:
        """Samples (B, F · hop) of ``codes`` (B, K, F), in steps."""


class Codec(Decoder, Protocol):
    """Sound to codes and back, in float32 on one device.

    A frame is ``hop`` samples at ``sample_rate``; a code is 0..codebook_size - 1. Letters: B batch, N samples, K
    codebooks, F frames.
    """

    sample_rate: int
    hop: int
    codebook_size: int
    n_codebooks: int

    def encode(self, samples: Tensor, bandwidth: float | None = None) -> Tensor:
        """Codes (B, K, F) int64 of ``samples`` (B, N), where F = ⌈N / hop⌉.

        ``bandwidth`` is in kbit/s; None is the codec's usual one. Raises OptionError for one that it has not.
        """

    def encode_steps(self, samples: Tensor, bandwidth: float | None = None) -> Steps[Tensor]:
        """The same in steps."""

    def decode(self, codes: Tensor) -> Tensor:
        """Samples (B, F · hop) of ``codes`` (B, K, F)."""


def load(name: str, path: Path) -> Codec:
    """The codec ``name`` from its weights, on the CPU. Raises OptionError for an unknown one, and what loading does."""
    check_name(name)
    if name == "encodec":
        from engine.codecs.encodec import load as load_encodec

        return load_encodec(path)
    from engine.codecs.wavtokenizer import load as load_wavtokenizer

    return load_wavtokenizer(path)


def check_name(name: str) -> None:
    """Raises OptionError for what is the name of no codec."""
    if name not in NAMES:
        raise OptionError("there is no codec {name}; the codecs are {known}", name=name[:40], known=", ".join(NAMES))
