"""Speed, pitch and energy are what a request wants, and nothing else changes."""

import math
from dataclasses import dataclass

import pytest
import torch

from engine.steps import finish
from engine.style_tts.score import score_steps


@dataclass
class Asked:
    speed: float = 1.0
    f0_shift: float = 0.0
    energy_scale: float = 1.0


@pytest.fixture
def score(net):
    text = net.encode_ids([0, 3, 5, 7, 9])
    style = torch.randn(1, 32, generator=torch.Generator().manual_seed(1))
    return lambda asked, extra=0: finish(score_steps(net, text, style, asked, extra_frames=extra))


def test_the_pitch_moves_by_semitones_and_the_energy_by_a_factor(score):
    plain, shifted = score(Asked()), score(Asked(f0_shift=12, energy_scale=2))
    torch.testing.assert_close(shifted.inputs.pitch, 2 * plain.inputs.pitch)
    torch.testing.assert_close(shifted.inputs.energy, plain.inputs.energy + math.log(2))
    assert torch.equal(shifted.inputs.text, plain.inputs.text)


def test_speed_divides_the_durations_and_the_last_phoneme_gets_what_is_added(score):
    plain, slow, longer = score(Asked()), score(Asked(speed=0.5)), score(Asked(), extra=5)
    assert slow.frames.sum() > plain.frames.sum()
    assert longer.frames.tolist() == [*plain.frames[:-1].tolist(), int(plain.frames[-1]) + 5]
    assert longer.inputs.pitch.shape[1] == 2 * longer.frames.sum()
