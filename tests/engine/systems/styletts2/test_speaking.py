"""One request: its controls, and the style that is carried along."""

import numpy as np
import torch

from tests.engine.style_tts.closeness import LIBRI, LJ, relative
from tests.engine.systems.styletts2.spoken import events, sound

TWO = "The first sentence is long enough to stand alone, is it not? And the second one is just as long as that."


def test_without_alpha_and_beta_nothing_is_sampled_but_the_same_noise_is_drawn(systems, voice, monkeypatch):
    system, own = systems(LIBRI), voice(LIBRI)
    near = sound(events(system, "Hello.", own, alpha=1e-7, beta=1e-7))
    monkeypatch.setattr(system.model.diffusion, "sample_steps", None)
    exact = sound(events(system, "Hello.", own, alpha=0, beta=0))
    assert relative(torch.from_numpy(exact), torch.from_numpy(near)) < 0.03


def test_each_control_does_what_it_says(systems, played):
    system = systems(LJ)
    found = played(system)
    plain = sound(events(system, "Hello, world.", system.voice("")))
    fast = sound(events(system, "Hello, world.", system.voice(""), speed=2))
    assert 0.4 < len(fast) / len(plain) < 0.65
    events(system, "Hello, world.", system.voice(""), f0_shift=12, energy_scale=2)
    (before, _), _, (after, _) = found
    torch.testing.assert_close(after.pitch, 2 * before.pitch)
    torch.testing.assert_close(after.energy, before.energy + np.log(2).item())


def test_the_style_is_carried_as_far_as_asked(systems, played):
    system = systems(LJ)
    found = played(system)
    for carry in (1, 0):
        events(system, TWO, system.voice(""), style_carry=carry)
    (_, first), (_, same), (_, again), (_, another) = found
    assert torch.equal(first, same)
    assert torch.equal(first, again)
    assert not torch.allclose(again, another, atol=1e-3)


def test_a_voice_of_its_own_is_left_as_far_as_alpha_and_beta_say(systems, played):
    system = systems(LJ)
    found = played(system)
    own = system.voice("seed:1")
    for alpha, beta in ((0, 0), (0, 1), (1, 1)):
        events(system, "Hello, world.", own, alpha=alpha, beta=beta)
    events(system, "Hello, world.", system.voice(""))
    style = torch.from_numpy(own.tensors["style"])
    half = len(style) // 2
    (_, kept), (_, moody), (_, free), (_, sampled) = found
    assert torch.equal(kept[0], style)
    torch.testing.assert_close(moody[0, :half], style[:half])
    torch.testing.assert_close(moody[0, half:], sampled[0, half:])
    torch.testing.assert_close(free, sampled)


def test_a_word_or_two_are_spoken_without_guidance(systems, played):
    system = systems(LJ)
    found = played(system)
    for scale in (1, 3):
        events(system, "Hi.", system.voice(""), embedding_scale=scale)
    (_, plain), (_, guided) = found
    assert torch.equal(plain, guided)
