"""A sound on its way to codes and back, and what it costs."""

import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.codecs import codec as codecs
from engine.codecs.codec import Codec, Decoder
from engine.codecs.shelf import Shelved
from engine.steps import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """``after`` (n,) is what came of n samples; ``codes`` (K, F) stood between, which took and gave it in seconds."""

    after: np.ndarray
    codes: np.ndarray
    sample_rate: int
    hop: int
    codebook_size: int
    encode_s: float
    decode_s: float

    @property
    def frames_per_s(self) -> float:
        """How many times a second there is a code of each codebook."""
        return self.sample_rate / self.hop

    @property
    def kbps(self) -> float:
        """What the codes take, in kbit/s."""
        return float(len(self.codes) * np.log2(self.codebook_size) * self.frames_per_s / 1000)


def open_way(way: Shelved) -> tuple[Codec, Decoder]:
    """Who encodes on a way, and who decodes. Raises what loading raises."""
    codec = codecs.load(way.codec, way.path)
    if way.vocos is None:
        return codec, codec
    from engine.codecs import vocos

    return codec, vocos.load(way.vocos)


def round_trip(codec: Codec, decoder: Decoder, samples: np.ndarray, kbps: float | None = None) -> Steps[RoundTrip]:
    """``samples`` (n,) at the codec's rate to codes and back, in steps. Raises OptionError for a bandwidth it lacks."""
    began = time.perf_counter()
    codes: Tensor = yield from codec.encode_steps(torch.from_numpy(samples)[None], kbps)
    between = time.perf_counter()
    found: Tensor = yield from decoder.decode_steps(codes)
    return RoundTrip(
        # Frames are whole, so the sound comes back with up to a frame of padding.
        after=found[0, : len(samples)].float().cpu().numpy(),
        codes=codes[0].cpu().numpy(),
        sample_rate=codec.sample_rate,
        hop=codec.hop,
        codebook_size=codec.codebook_size,
        encode_s=between - began,
        decode_s=time.perf_counter() - between,
    )
