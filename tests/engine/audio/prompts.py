"""Made-up recordings of somebody speaking: harmonics of a gliding pitch, in syllables and words, in any room."""

import numpy as np

RATE = 24_000


def voice(seconds: float = 5.0, *, pitch: float = 120.0, seed: int = 0, edge_s: float = 0.15) -> np.ndarray:
    """Mono float32 samples (n,): words of two to four syllables, with a pause behind each, between silent edges."""
    rng = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * RATE))
    at, end = round(edge_s * RATE), len(sound) - round(edge_s * RATE)
    while at < end:
        for _ in range(rng.integers(2, 5)):
            length = round(rng.uniform(0.12, 0.22) * RATE)
            if at + length > end:
                return sound.astype(np.float32)
            sound[at : at + length] += _syllable(length, pitch * rng.uniform(0.92, 1.08), rng)
            at += length
        at += round(rng.uniform(0.1, 0.25) * RATE)
    return sound.astype(np.float32)


def in_a_room(sound: np.ndarray, seconds: float, *, seed: int = 1) -> np.ndarray:
    """With an echo that dies down by 60 dB in so many seconds."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(1.2 * seconds * RATE)) / RATE
    response = rng.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    response *= 0.7 / np.sqrt(np.square(response).sum())
    response[0] += 0.7
    size = len(sound) + len(response) - 1
    echoed = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)[: len(sound)]
    return echoed.astype(np.float32)


def with_noise(sound: np.ndarray, below_db: float, *, seed: int = 2) -> np.ndarray:
    """With noise so many dB below the voice."""
    loud = sound[np.abs(sound) > 0.01]
    power = np.square(loud, dtype=np.float64).mean() * 10 ** (-below_db / 10)
    noise = np.random.default_rng(seed).standard_normal(len(sound)) * np.sqrt(power)
    return (sound + noise).astype(np.float32)


def _syllable(length: int, pitch: float, rng: np.random.Generator) -> np.ndarray:
    time = np.arange(length) / RATE
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.05 * np.sin(2 * np.pi * time * 3))) / RATE
    formants = rng.uniform((300, 900, 2200), (800, 2000, 3000))
    sound = np.zeros(length)
    for harmonic in range(1, int(4000 / pitch)):
        frequency = harmonic * pitch
        loudness = sum(np.exp(-(((frequency - formant) / 150) ** 2)) for formant in formants) + 0.02
        sound += loudness * np.sin(harmonic * phase + rng.uniform(0, 2 * np.pi))
    rise, fall = round(0.02 * RATE), round(0.03 * RATE)
    envelope = np.ones(length)
    envelope[:rise] = np.linspace(0, 1, rise)
    envelope[-fall:] = np.linspace(1, 0, fall) ** 2
    return 0.2 * envelope * sound / np.sqrt(np.square(sound).mean() * 2)
