"""Asking a loaded system for speech, as the engine does."""

import numpy as np
import torch

from engine.events import AudioChunk
from engine.systems.vits.options import Options

CLEANED = Options(cleaned=True, noise_scale=0.0)
LONG = "ðɪs ɪz ɐ lˈɔŋ tˈɛkst wɪð mˈɛni wˈɜːdz. " * 30


def events_of(system, text, options=CLEANED, *, voice="", seed=0):
    """All events of a text."""
    segments = system.segment(text, "en", options)
    return list(system.synthesize(segments, system.voice(voice), options, torch.Generator().manual_seed(seed)))


def sound(events):
    """The samples of events as one array."""
    return np.concatenate([event.samples for event in events if isinstance(event, AudioChunk)])
