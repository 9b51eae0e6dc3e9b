"""A recording to a style. Specification, section 5.7."""

import numpy as np
import soxr
import torch

from engine.errors import VoiceError
from engine.systems.styletts2.config import SAMPLE_RATE
from engine.systems.styletts2.networks.mel import HOP_LENGTH, normalised_mel, trim_bounds
from engine.systems.styletts2.networks.model import StyleTTS2

# More adds nothing but time. Silence before it is looked through for a minute.
LONGEST_S, MOST_S = 20, 60
# Less than this is no voice but a noise.
SHORTEST_S = 0.25
# What the style encoders need; what is shorter is repeated.
LEAST_FRAMES = 80
SILENCE = 1e-3


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
            f"the recording holds {len(sound) / SAMPLE_RATE:.2f} s of sound; one second is needed, and 3 to 15 are best"
        )
    least = LEAST_FRAMES * HOP_LENGTH
    if len(sound) < least:
        sound = np.tile(sound, -(-least // len(sound)))
    return sound[: LONGEST_S * SAMPLE_RATE]


@torch.inference_mode()
def style_of(model: StyleTTS2, samples: np.ndarray, sample_rate: int, device: torch.device) -> np.ndarray:
    """The style (2S,) of a recording (n,). Raises VoiceError."""
    sound = torch.from_numpy(prepare(samples, sample_rate)).unsqueeze(0).to(device)
    mel = normalised_mel(sound, model.config.n_mels).unsqueeze(1)
    return model.encode_style(mel).squeeze(0).float().cpu().numpy()
