"""What a request of StyleTTS 2 yields."""

import numpy as np
import torch

from engine.events import AudioChunk, Notice
from engine.options import parse as parse_options
from engine.systems.styletts2.options import Options


def events(system, text, voice, seed=1, **options):
    chosen = parse_options(Options, options)
    segments = system.segment(text, "en", chosen)
    return list(system.synthesize(segments, voice, chosen, torch.Generator().manual_seed(seed)))


def chunks(found):
    return [event for event in found if isinstance(event, AudioChunk)]


def notices(found):
    return [event.message for event in found if isinstance(event, Notice)]


def sound(found):
    return np.concatenate([chunk.samples for chunk in chunks(found)])
