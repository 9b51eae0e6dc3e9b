"""Both training stages of the bundled voice on a made-up corpus: they learn, resume, and give a loadable voice."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.engine import Engine
from engine.events import AudioChunk
from engine.request import SynthesisRequest
from engine.systems.vits import SPEC
from recipes.bundled_voice import acoustic, build, vocoder
from recipes.bundled_voice.data import Corpus
from recipes.bundled_voice.features import CHANNELS, HOP, SAMPLE_RATE

SENTENCE = "həlˈoʊ."


@pytest.fixture(autouse=True)
def _no_grad() -> Iterator[None]:
    """Instead of the fixture of the folder: these tests train."""
    with torch.enable_grad():
        yield


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Forty sentences of two speakers: a tone whose pitch the latent says in every channel."""
    rng = np.random.default_rng(1)
    frames, rows = 70, 40
    sound, latents = [], []
    for row in range(rows):
        pitch = 120 + 60 * (row % 2)
        tone = 0.2 * np.sin(2 * np.pi * pitch * np.arange(frames * HOP) / 16_000)
        sound.append(tone + 0.05 * rng.standard_normal(len(tone)))
        latents.append(np.full((frames, CHANNELS), row % 2) + 0.1 * rng.standard_normal((frames, CHANNELS)))
    features = np.concatenate(latents)
    np.save(tmp_path / "samples.npy", (np.concatenate(sound) * 32767).astype(np.int16))
    np.save(tmp_path / "latents.npy", features.astype(np.float16))
    np.save(tmp_path / "durations.npy", np.tile(np.full(len(SENTENCE), 10), rows).astype(np.int16))
    np.save(tmp_path / "statistics.npy", np.stack([features.mean(0), features.std(0)]))
    index = [[row % 2, SENTENCE, row * frames, frames, row * len(SENTENCE)] for row in range(rows)]
    (tmp_path / "index.json").write_text(json.dumps(index))
    return Corpus.open(tmp_path)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The voice's configuration made tiny."""
    raw = json.loads(build.CONFIG.read_text())
    raw["model"] |= {
        "hidden_channels": 16, "filter_channels": 32, "n_layers": 1, "flow_layers": 1, "flow_count": 2,
        "upsample_initial_channel": 16, "gin_channels": 4, "dp_filter_channels": 16,
    }  # fmt: skip
    path = tmp_path / "small.json"
    path.write_text(json.dumps(raw))
    monkeypatch.setattr(build, "CONFIG", path)
    return path


@pytest.mark.usefixtures("small")
def test_the_text_side_learns_the_speakers_latents_and_resumes(corpus: Corpus, tmp_path: Path) -> None:
    config = build.configuration()
    torch.manual_seed(0)
    stage = acoustic.Stage(config.model)
    stage.model.enc_p.encoder.dropout.p = stage.model.dp.dropout.p = 0.0
    batch = acoustic.Batches(corpus, config.text.symbols, [], seed=0).batch(list(range(8)))
    losses = [stage.learn(batch) for _ in range(40)]
    assert losses[-1]["latent"] < 0.8 * losses[0]["latent"]
    stage.save(tmp_path / "stage.pt")
    again = acoustic.Stage(config.model)
    again.load(tmp_path / "stage.pt")
    assert again.step == 40
    heard = [acoustic.evaluate(s.average.module, corpus, config.text.symbols, [0, 1]) for s in (stage, again)]
    assert heard[0] == pytest.approx(heard[1], rel=1e-6)


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
    assert ("judges" in losses[0]) is adversarial
    stage.save(tmp_path / "stage.pt")
    again = vocoder.Stage(vocoder.build_decoder(config.model), adversarial=adversarial)
    again.load(tmp_path / "stage.pt")
    one, other = stage.learn((z, real)), again.learn((z, real))
    assert one == pytest.approx(other, rel=1e-4)


def test_the_phases_tell_a_pitch_that_is_three_hertz_off_and_do_not_mind_where_it_begins() -> None:
    clock = torch.arange(vocoder.FRAMES * HOP) / SAMPLE_RATE

    def voice(f0: float, phase: float) -> torch.Tensor:
        return sum(torch.sin(2 * torch.pi * f0 * k * clock + phase * k) for k in range(1, 7))[None] / 10

    same, off = (float(vocoder.spectral_losses(voice(f0, 1.0), voice(187.0, 0.0))["advance"]) for f0 in (187.0, 190.0))
    assert same < 0.03
    assert off > 0.2


def test_a_narrow_line_is_heard_and_one_that_the_teacher_has_too_is_not() -> None:
    torch.manual_seed(0)
    clock = torch.arange(vocoder.FRAMES * HOP) / SAMPLE_RATE
    noise = 0.02 * torch.randn(8, len(clock))
    line = noise + 0.002 * torch.sin(2 * torch.pi * 1500 * clock)
    heard = [float(vocoder.spectral_losses(a, b)["lines"]) for a, b in ((noise, noise), (line, line), (line, noise))]
    assert max(heard[:2]) < 0.01
    assert heard[2] > 0.02


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


@pytest.mark.usefixtures("small")
def test_the_stages_joined_are_a_voice_that_the_engine_speaks_with(
    corpus: Corpus, tmp_path: Path, write_predicted: Callable[[Corpus, Path], Path]
) -> None:
    text_side, decoder = tmp_path / "acoustic.pt", tmp_path / "decoder.pt"
    list(acoustic.train(corpus, build.configuration(), text_side, minutes=0.01))
    vocoder.Stage(vocoder.build_decoder(build.configuration().model), adversarial=False).save(decoder)
    predicted = vocoder.Predicted(corpus, np.load(write_predicted(corpus, text_side), mmap_mode="r"))
    target = tmp_path / "voice"
    build.assemble(corpus, predicted, text_side, decoder, target)
    assert SPEC.speakers(target) == ("Ada", "Ben")
    request = SynthesisRequest(
        system="vits", text="Hello there.", voice="Ben", options=SPEC.options(), checkpoint=target, raw=True
    )
    chunks = [event for event in Engine(device="cpu").synthesize(request) if isinstance(event, AudioChunk)]
    assert sum(len(chunk.samples) for chunk in chunks) > 2000


@pytest.fixture
def write_predicted(tmp_path: Path) -> Callable[[Corpus, Path], Path]:
    """What stage one predicts for a corpus, written where stage two reads it."""

    def write(corpus: Corpus, checkpoint: Path) -> Path:
        target = tmp_path / "predicted.npy"
        list(build.predict(corpus, checkpoint, target))
        return target

    return write
