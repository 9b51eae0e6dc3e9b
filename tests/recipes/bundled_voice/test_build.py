"""Both halves, joined and written, are a checkpoint that the product opens and speaks with."""

import numpy as np
import torch

from engine.engine import Engine
from engine.systems.kokoro import SPEC
from recipes.bundled_voice import build, prosody, sound
from recipes.bundled_voice.corpus import SPEAKERS, Corpus


def test_what_is_written_speaks(said, tmp_path):
    corpus = Corpus(said())
    list(prosody.train(corpus, tmp_path / "prosody.pt", minutes=0.01))
    list(sound.train(corpus, tmp_path / "sound.pt", minutes=0.01))
    model, styles = build.join(tmp_path / "prosody.pt", tmp_path / "sound.pt")
    assert styles.shape == (len(SPEAKERS), 2 * build.student.STYLE)
    before = model.decoder.filters.bias.clone()
    build.calibrate(model, styles, corpus.examples, rounds=1, items=4)
    assert not torch.equal(model.decoder.filters.bias, before)
    folder = tmp_path / "voice"
    build.write(model, styles, folder)
    assert sum(file.stat().st_size for file in folder.rglob("*.pt*")) <= 20e6
    engine = Engine((SPEC,), device="cpu")
    assert engine.voices("kokoro", folder) == SPEAKERS
    assert engine.languages("kokoro", folder) == ("en",)
    speech = engine.say("Hello there.", system="kokoro", voice=SPEAKERS[1], checkpoint=folder, seed=1)
    assert np.isfinite(speech.samples).all()
    assert [word.text for word in speech.words] == ["Hello", "there"]


def test_filters_get_higher_peaks_and_the_same_mean():
    model = build.student.build()
    layer = model.decoder.filters
    levels = torch.sin(torch.arange(build.BINS) * 2 * np.pi / 40)  # a formant every 800 Hz
    layer.weight.data.zero_()
    layer.bias.data.view(build.FILTERS, build.BINS)[:] = 3 + levels
    build.sharpen(model, amount=0.5)
    voice, real, imaginary, noise = layer.bias.data.view(build.FILTERS, build.BINS)[:, 60:-60] - 3
    assert torch.allclose(real, levels[60:-60], atol=1e-6)
    assert torch.equal(real, imaginary)
    assert torch.equal(voice, noise)
    assert voice.max() > 1.4
    assert abs(float(voice.mean() - real.mean())) < 0.02


def test_the_spectrum_is_moved_onto_the_teachers(said, tmp_path):
    corpus = Corpus(said())
    list(prosody.train(corpus, tmp_path / "prosody.pt", minutes=0.01))
    list(sound.train(corpus, tmp_path / "sound.pt", minutes=0.05))
    model, styles = build.join(tmp_path / "prosody.pt", tmp_path / "sound.pt")

    def distance() -> float:
        half = sound.Sound(model)
        half.styles.data = styles[:, : build.student.STYLE].clone()
        batch = sound.collate(corpus.examples[:8])
        with torch.no_grad():
            ours = sum(half(batch))
        ratio = build._spectrum(list(ours)) / build._spectrum(list(batch.samples))
        return float(ratio[:60].log().abs().mean())

    before = distance()
    build.calibrate(model, styles, corpus.examples, rounds=4, items=8)
    assert distance() < 0.7 * before
