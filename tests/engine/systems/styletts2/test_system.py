"""The whole system on the reduced checkpoints: the reference's results end to end, and what is better than it."""

import numpy as np
import pytest
import torch

from engine.audio.decode import read
from engine.events import AudioChunk, Notice, Progress
from engine.options import parse
from engine.request import VoicePrompt
from engine.systems.styletts2.options import Options
from engine.systems.styletts2.system import load
from tests.engine.systems.styletts2.conftest import GOLDENS
from tests.engine.systems.styletts2.test_end_to_end import FROM_IDS, LIBRI, LJ, relative

CUT = {LJ: 0, LIBRI: 50}


@pytest.fixture(scope="session")
def systems(checkpoint):
    loaded = {}

    def get(name):
        if name not in loaded:
            loading = load(checkpoint(name), torch.device("cpu"), torch.float32)
            while name not in loaded:
                try:
                    assert isinstance(next(loading), Progress)
                except StopIteration as end:
                    loaded[name] = end.value
        return loaded[name]

    return get


@pytest.fixture(scope="session")
def recording():
    samples = read(GOLDENS / "ref_24k.wav", sample_rate=24_000)
    return VoicePrompt(samples=samples, sample_rate=24_000)


@pytest.fixture
def voice(systems, recording):
    return lambda name: systems(name).voice("") if name == LJ else systems(name).encode_voice(recording)


def events(system, text, voice, seed=1, **options):
    chosen = parse(Options, options)
    segments = system.segment(text, "en", chosen)
    return list(system.synthesize(segments, voice, chosen, torch.Generator().manual_seed(seed)))


def chunks(found):
    return [event for event in found if isinstance(event, AudioChunk)]


def notices(found):
    return [event.message for event in found if isinstance(event, Notice)]


def sound(found):
    return np.concatenate([chunk.samples for chunk in chunks(found)])


@pytest.mark.parametrize("name", [LJ, LIBRI])
def test_a_seeded_text_under_compat_is_the_published_sound(systems, voice, golden, golden_json, name):
    case = golden_json(f"{name}_cases")["seeded"]
    ours = sound(events(systems(name), case["text"], voice(name), seed=case["torch_manual_seed"], compat=True))
    assert len(ours) == case["samples"] - CUT[name]
    theirs = golden(f"{name}_seeded")["wav"].flatten()[: len(ours)]
    assert relative(torch.from_numpy(ours), theirs) < FROM_IDS[name]
