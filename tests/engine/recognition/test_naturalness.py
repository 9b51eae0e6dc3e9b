"""How natural speech is guessed to sound: in bounds, and noise makes it worse."""

import numpy as np
import soxr

from engine.engine import Engine
from engine.recognition.naturalness import is_here, naturalness
from engine.recognition.recogniser import SAMPLE_RATE


def test_noise_sounds_less_natural_than_speech() -> None:
    assert is_here()
    speech = Engine(device="cpu").say("The kettle is on, and the tea is nearly ready.", system="kokoro", seed=1)
    clean = soxr.resample(speech.samples, speech.sample_rate, SAMPLE_RATE)
    noise = np.random.default_rng(1).normal(0, 0.05, len(clean)).astype(np.float32)
    assert 1 <= naturalness(clean + noise) + 1 < naturalness(clean) <= 5
