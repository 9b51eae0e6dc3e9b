"""Recordings to codes and codes to sound, by the codecs that lie beside a checkpoint."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Lock

import numpy as np
import torch
from torch import Tensor

from engine.codec_lm.options import AUTO
from engine.codec_lm.prompts import check_length, checked_codes
from engine.codecs import encodec, vocos
from engine.codecs.encodec import Encodec
from engine.codecs.vocos import CodesVocos
from engine.errors import OptionError, VoiceError, WeightsMissing
from engine.message import Message
from engine.request import VoicePrompt
from engine.steps import Steps

VOCOS, ENCODEC = "vocos", "encodec"
BANDWIDTH = 6.0  # kbit/s: eight codebooks


class Codecs:
    """EnCodec and Vocos, as far as they are there; each is read when it is first needed, and then kept.

    Speaking with a voice that is codes already needs no EnCodec where there is a Vocos.
    """

    sample_rate = encodec.SAMPLE_RATE

    def __init__(self, encodec_at: Path | None, vocos_at: Path | None, device: torch.device) -> None:
        self._encodec_at, self._vocos_at, self._device = encodec_at, vocos_at, device
        self._encodec: Encodec | None = None
        self._vocos: CodesVocos | None = None
        self._lock = Lock()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which decoders there are, the better one for speech first."""
        return (VOCOS,) * (self._vocos_at is not None) + (ENCODEC,) * (self._encodec_at is not None)

    def parameters(self) -> list[Tensor]:
        """Those of what has been read."""
        return [each for codec in (self._encodec, self._vocos) if codec is not None for each in codec.parameters()]

    def encode(self, samples: Tensor) -> Tensor:
        """The codes (T, 8) of a recording (N,) at 24 kHz. Raises WeightsMissing where there is no EnCodec."""
        return self.encodec().encode(samples.to(self._device).unsqueeze(0), BANDWIDTH)[0].T.cpu()

    def voice(self, recording: VoicePrompt) -> np.ndarray:
        """The codes (T, 8) int16 of a recording that is to be a voice. Raises VoiceError and WeightsMissing."""
        if recording.sample_rate != self.sample_rate:
            raise VoiceError(
                "the recording has {sample_rate} Hz; give it at {wanted}",
                sample_rate=recording.sample_rate,
                wanted=self.sample_rate,
            )
        check_length(len(recording.samples) / self.sample_rate)
        return checked_codes(self.encode(torch.from_numpy(recording.samples).float()).numpy())

    def decoder(self, asked: str, liked: Sequence[str]) -> Callable[[Tensor], Steps[Tensor]]:
        """What makes sound (320 · G,), on the CPU, of codes (G, Q): for ``auto`` the first of ``liked`` that is there.

        Raises WeightsMissing where there is no codec at all, and OptionError where that one is not there.
        """
        if not self.kinds:
            raise WeightsMissing(
                "nothing makes sound of the codes: put Vocos beside the checkpoint as a folder vocos/, or EnCodec as "
                "encodec/ or a .th file"
            )
        kind = next(each for each in liked if each in self.kinds) if asked == AUTO else asked
        if kind not in self.kinds:
            raise OptionError(
                "decoder={kind} was asked for, and there is no {kind} beside the checkpoint; put it there or choose "
                "{known}",
                kind=kind,
                known=", ".join(self.kinds) or Message("none"),
            )
        return partial(self._sound, self.vocos() if kind == VOCOS else self.encodec())

    def _sound(self, codec: Encodec | CodesVocos, codes: Tensor) -> Steps[Tensor]:
        sound = yield from codec.decode_steps(codes.to(self._device).T.unsqueeze(0))
        return sound[0].float().cpu()

    def encodec(self) -> Encodec:
        """EnCodec. Raises WeightsMissing, WeightsMismatch and ConfigError."""
        if self._encodec_at is None:
            raise WeightsMissing(
                "a voice from a recording needs EnCodec, and there is none beside the checkpoint; put encodec_24khz "
                "there, as a folder encodec/ or its .th file"
            )
        with self._lock:
            if self._encodec is None:
                self._encodec = encodec.load(self._encodec_at).to(self._device)
            return self._encodec

    def vocos(self) -> CodesVocos:
        """Vocos. Raises WeightsMissing, WeightsMismatch and ConfigError."""
        if self._vocos_at is None:
            raise WeightsMissing("there is no Vocos beside the checkpoint; put it there as a folder vocos/")
        with self._lock:
            if self._vocos is None:
                self._vocos = vocos.load(self._vocos_at).to(self._device)
            return self._vocos
