"""The student's prosody learns what the teacher did, and resumes."""

import torch

from recipes.bundled_voice import prosody
from recipes.bundled_voice.corpus import Corpus
from tests.recipes.bundled_voice.conftest import example


def test_it_learns_durations_and_pitch():
    torch.manual_seed(0)
    stage, given = prosody.Stage(), [example(number) for number in range(8)]
    before = stage.learn(given)
    stage.step = 300  # warm
    for _ in range(30):
        stage.set_rate(0.3)
        after = stage.learn(given)
    assert all(after[name] < 0.6 * before[name] for name in ("duration", "pitch", "energy"))


def test_pieces_of_a_batch_take_just_as_long():
    short = example(1)
    longer = example(2)
    longer.frames[0] += 1
    source = prosody.batches([short, longer, example(3)], seed=1)
    for _ in range(6):
        assert len({each.length for each in next(source)}) == 1


def test_training_resumes(said, tmp_path):
    corpus, checkpoint = Corpus(said()), tmp_path / "prosody.pt"
    (progress,) = prosody.train(corpus, checkpoint, minutes=0.02)
    assert "held out duration" in progress.label
    stage = prosody.Stage()
    stage.load(checkpoint)
    assert stage.step > 0
    assert stage.minutes >= 0.02
    assert not list(prosody.train(corpus, checkpoint, minutes=0.02)), "its time is over"
