"""From a recording, a name or a number to a style: the voices that a loaded model makes.

docs/systems/styletts2.md#voices
"""

from collections.abc import Mapping

import numpy as np
import soxr
import torch
from torch.nn import functional as F

from engine.audio import decode
from engine.errors import VoiceError
from engine.request import Voice
from engine.style_tts.config import SAMPLE_RATE
from engine.systems.styletts2 import text, voices
from engine.systems.styletts2.files import Recording
from engine.systems.styletts2.networks.diffusion import draw_noise
from engine.systems.styletts2.networks.mel import HOP_LENGTH, normalised_mel
from engine.systems.styletts2.networks.model import StyleTTS2

# More adds nothing but time. Silence before it is looked through for a minute.
LONGEST_S, MOST_S = 20, 60
# Less than this is no voice but a noise.
SHORTEST_S = 0.25
# What the style encoders need; what is shorter is repeated.
LEAST_FRAMES = 80
SILENCE = 1e-3
TRIM_DB, TRIM_FRAME, TRIM_HOP = 30.0, 2048, 512

# What a drawn style is conditioned on: "It was a bright day, and they walked along the river."
NEUTRAL = "ɪt wʌz ɐ bɹˈaɪt dˈeɪ , ænd ðeɪ wˈɔːkt ɐlˈɔŋ ðə ɹˈɪvɚ ."
NEUTRAL_STEPS = 10
# Recordings that a drawn voice of many speakers is mixed of.
DRAWN_FROM = 3


class VoiceEncoder:
    """The voices of a model, of which those of ``recordings`` are each encoded when they are first asked for."""

    def __init__(self, model: StyleTTS2, recordings: Mapping[str, Recording], device: torch.device) -> None:
        self._model = model
        self._device = device
        self._multispeaker = model.config.multispeaker
        self._recordings = recordings if self._multispeaker else {}
        self._encoded: dict[str, Voice] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the recordings; empty where there are none."""
        return tuple(self._recordings)

    def named(self, name: str) -> Voice:
        """A recording beside the checkpoint, ``seed:N`` for a drawn style, ``style:…`` for a shared one.

        "" is the speaker of a model of one, whose style is sampled anew for each text, and else the first recording.
        Raises VoiceError.
        """
        name = name.strip()
        voices.check_name(name, self.names, multispeaker=self._multispeaker)
        if name.startswith(voices.PREFIX):
            return voices.from_string(name, multispeaker=self._multispeaker)
        if drawn := voices.SEED.fullmatch(name):
            return self._drawn(int(drawn[1]))
        if not name and not self._multispeaker:
            return Voice(system=voices.SYSTEM, name="")
        return self._recorded(name or self.names[0])

    def encode(self, samples: np.ndarray, sample_rate: int, name: str = "a recording") -> Voice:
        """The voice of a recording (n,). Raises VoiceError."""
        if not self._multispeaker:
            raise VoiceError(
                "this model has one speaker and takes no voice from a recording; one of many, such as LibriTTS, does"
            )
        return voices.voice_of(encode(self._model, samples, sample_rate, self._device), name, multispeaker=True)

    def _recorded(self, name: str) -> Voice:
        if name not in self._encoded:
            samples = decode.read(self._recordings[name].read(), sample_rate=SAMPLE_RATE)
            self._encoded[name] = self.encode(samples, SAMPLE_RATE, name)
        return self._encoded[name]

    def _drawn(self, seed: int) -> Voice:
        """The style that a number stands for: of one speaker it is sampled, of many a random mixture of recordings."""
        rng = torch.Generator().manual_seed(seed)
        style = self._mixture(rng) if self._multispeaker else sample_neutral(self._model, rng, self._device)
        return voices.voice_of(style, f"seed:{seed}", multispeaker=self._multispeaker)

    def _mixture(self, rng: torch.Generator) -> np.ndarray:
        chosen = torch.randperm(len(self._recordings), generator=rng)[:DRAWN_FROM].tolist()
        shares = torch.rand(len(chosen), generator=rng).tolist()
        parts = [(self._recorded(self.names[n]), share) for n, share in zip(chosen, shares, strict=True)]
        return voices.blend(parts).tensors[voices.TENSOR]


@torch.inference_mode()
def encode(model: StyleTTS2, samples: np.ndarray, sample_rate: int, device: torch.device) -> np.ndarray:
    """The style (2S,) of a recording (n,). Raises VoiceError."""
    sound = torch.from_numpy(prepare(samples, sample_rate)).unsqueeze(0).to(device)
    mel = normalised_mel(sound, model.config.n_mels).unsqueeze(1)
    return model.encode_style(mel).squeeze(0).float().cpu().numpy()


@torch.inference_mode()
def sample_neutral(model: StyleTTS2, rng: torch.Generator, device: torch.device) -> np.ndarray:
    """A style (2S,) of a model of one speaker, sampled for a sentence of no particular feeling."""
    start, step_noise = draw_noise(2 * model.config.style_dim, NEUTRAL_STEPS, rng)
    embedding = model.encode_ids(text.encode(NEUTRAL).ids).bert
    style = model.diffusion.sample(embedding, start.to(device), step_noise.to(device))
    return style.float().cpu().numpy()


def prepare(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """A recording (n,) at 24 kHz without the silence at its ends, 1 to LONGEST_S seconds of it. Raises VoiceError."""
    samples = samples[: MOST_S * sample_rate]
    if sample_rate != SAMPLE_RATE:
        samples = soxr.resample(samples, sample_rate, SAMPLE_RATE, quality="HQ")
    samples = np.asarray(samples, np.float32)
    if not np.isfinite(samples).all():
        raise VoiceError("the recording holds values that are not finite numbers; export it again as PCM")
    start, end = trim_bounds(samples) if np.abs(samples).max(initial=0.0) > SILENCE else (0, 0)
    sound = samples[start:end]
    if not len(sound):
        raise VoiceError("the recording is silent; record it louder")
    if len(sound) < SHORTEST_S * SAMPLE_RATE:
        raise VoiceError(
            "the recording holds {count:.2f} s of sound; one second is needed, and 3 to 15 are best",
            count=len(sound) / SAMPLE_RATE,
        )
    least = LEAST_FRAMES * HOP_LENGTH
    if len(sound) < least:
        sound = np.tile(sound, -(-least // len(sound)))
    return sound[: LONGEST_S * SAMPLE_RATE]


def trim_bounds(samples: np.ndarray) -> tuple[int, int]:
    """Where sound begins and ends in ``samples`` (N,): the frames within 30 dB of the loudest. (0, 0) if none is.

    As librosa.effects.trim: frames of 2048 samples, centred every 512, zeros beyond the ends.
    """
    padded = F.pad(torch.from_numpy(np.ascontiguousarray(samples, np.float32)), (TRIM_FRAME // 2, TRIM_FRAME // 2))
    power = padded.unfold(0, TRIM_FRAME, TRIM_HOP).square().mean(-1)
    level = 10 * torch.log10(power.clamp(min=1e-10))
    loud = torch.nonzero(level > level.max() - TRIM_DB).flatten()
    if not len(loud) or float(power.max()) == 0.0:
        return 0, 0
    return int(loud[0]) * TRIM_HOP, min(len(samples), (int(loud[-1]) + 1) * TRIM_HOP)
