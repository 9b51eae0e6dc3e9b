"""The decoder on a made-up corpus: it learns, resumes, and each loss measures what it is for."""

from pathlib import Path

import numpy as np
import pytest
import torch

from recipes.bundled_voice import build, vocoder
from recipes.bundled_voice.data import Corpus
from recipes.bundled_voice.features import HOP, SAMPLE_RATE


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("adversarial", [False, True])
def test_the_decoder_learns_and_resumes(
    corpus: Corpus, tmp_path: Path, adversarial: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocoder, "BATCH", 2)
    config = build.configuration()
    torch.manual_seed(0)
    decoder = vocoder.build_decoder(config.model)
    vocoder.low_start(decoder)
    stage = vocoder.Stage(decoder, adversarial=adversarial)
    z = torch.from_numpy(np.stack([corpus.latent(i)[:, : vocoder.FRAMES] for i in (0, 1)]))
    real = torch.from_numpy(np.stack([corpus.sound(i)[: vocoder.FRAMES * HOP] for i in (0, 1)]))
    losses = [stage.learn((z, real)) for _ in range(12)]
    assert losses[-1]["magnitude"] < 0.9 * losses[0]["magnitude"]
    assert ("discriminator" in losses[0]) is adversarial
    stage.save(tmp_path / "stage.pt")
    again = vocoder.Stage(vocoder.build_decoder(config.model), adversarial=adversarial)
    again.load(tmp_path / "stage.pt")
    one, other = stage.learn((z, real)), again.learn((z, real))
    assert one == pytest.approx(other, rel=1e-4)


def test_phase_advance_tells_pitches_three_hertz_apart_whatever_their_phase() -> None:
    clock = torch.arange(vocoder.FRAMES * HOP) / SAMPLE_RATE

    def voice(f0: float, phase: float) -> torch.Tensor:
        return sum(torch.sin(2 * torch.pi * f0 * k * clock + phase * k) for k in range(1, 7))[None] / 10

    same, off = (float(vocoder.spectral_losses(voice(f0, 1.0), voice(187.0, 0.0))["advance"]) for f0 in (187.0, 190.0))
    assert same < 0.03
    assert off > 0.2


def test_a_narrow_line_costs_and_one_that_the_teacher_has_too_does_not() -> None:
    torch.manual_seed(0)
    clock = torch.arange(vocoder.FRAMES * HOP) / SAMPLE_RATE
    noise = 0.02 * torch.randn(8, len(clock))
    line = noise + 0.002 * torch.sin(2 * torch.pi * 1500 * clock)
    lines = [float(vocoder.spectral_losses(a, b)["lines"]) for a, b in ((noise, noise), (line, line), (line, noise))]
    assert max(lines[:2]) < 0.01
    assert lines[2] > 0.02


def test_some_rows_are_the_ends_of_sentences(corpus: Corpus) -> None:
    segments = vocoder.Segments(corpus, list(range(len(corpus.index))), None, seed=1)
    for item, start in (segments._draw(1) for _ in range(20)):
        assert start + vocoder.FRAMES == corpus.index[item][3]


def test_a_rare_pitch_is_drawn_as_often_as_a_common_one(corpus: Corpus) -> None:
    segments = vocoder.Segments(corpus, list(range(len(corpus.index))), None, seed=1)
    assert all(corpus.index[item][3] - vocoder.FRAMES >= start >= 0 for item, start in map(segments._draw, range(300)))
    rarity = vocoder._rarity(corpus, list(range(len(corpus.index))))
    latents = np.concatenate([corpus.latent(i) for i in range(len(corpus.index))], axis=1)
    assert len(rarity) == latents.shape[1]
    assert (rarity[latents[56] <= 0] == 0).all()
    second = np.concatenate([np.full(n, speaker) for speaker, _, _, n, _ in corpus.index]) == 1
    chosen = second & (latents[56] > 0)
    counts, edges = np.histogram(latents[52][chosen], bins=40)
    mass, _ = np.histogram(latents[52][chosen], bins=edges, weights=rarity[chosen])
    assert mass[counts > counts.sum() / 400] == pytest.approx(1.0, rel=0.05)
