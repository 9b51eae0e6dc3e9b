"""The student's sound learns the teacher's, first by its spectrum, then with discriminators."""

import pytest
import torch

from recipes.bundled_voice import sound
from recipes.bundled_voice.corpus import Corpus
from tests.recipes.bundled_voice.conftest import example


def test_a_batch_is_padded_with_silence():
    longer = example(1)
    longer.frames[0] += 2
    with_pauses = sound.collate([example(0), longer])
    assert with_pauses.index[0, -2:].tolist() == [-1, -1]
    assert with_pauses.index[1].min() == 0
    assert with_pauses.samples.shape == (2, with_pauses.index.shape[1] * 600)
    assert not with_pauses.samples[0, -1200:].any()


def test_batches_hold_every_piece_and_are_of_one_size():
    source = sound.batches([example(number) for number in range(40)], seed=1)
    seen = 0
    while seen < 40:
        batch = next(source)
        assert batch.index.numel() <= sound.FRAMES
        seen += len(batch.ids)
    assert seen == 40


def test_losses_are_none_for_the_same_sound_and_tell_a_wrong_phase():
    real = torch.from_numpy(example(0).samples)[None].float() / 32767
    same = sound.losses(real, torch.zeros_like(real), real)
    assert same["magnitude"] == same["linear"] == 0
    assert same["phase"] < 0.3
    turned = sound.losses(-real, torch.zeros_like(real), real)
    assert turned["phase"] > 1.5
    assert turned["magnitude"] == pytest.approx(float(same["magnitude"]), abs=1e-5)


def test_it_learns_a_tone():
    torch.manual_seed(0)
    stage, batch = sound.Stage(adversarial=False), sound.collate([example(0), example(1)])
    before = stage.learn(batch)
    for _ in range(30):
        stage.set_rate(0.2)
        after = stage.learn(batch)
    assert after["magnitude"] < 0.7 * before["magnitude"]


def test_discriminators_take_over_and_resume(said, tmp_path, monkeypatch):
    monkeypatch.setattr(sound, "APPRENTICE_STEPS", 0)
    corpus, checkpoint = Corpus(said(), said("silent", 2, sound=False)), tmp_path / "sound.pt"
    (progress,) = sound.train(corpus, checkpoint, minutes=0.02)
    assert "held out magnitude" in progress.label
    weights = torch.load(checkpoint, weights_only=True)["average"]
    stage = sound.Stage(adversarial=True)
    stage.load(checkpoint)
    assert stage.step == 0, "another kind of stage begins anew"
    assert all(torch.equal(value, weights[f"module.{key}"]) for key, value in stage.model.state_dict().items())
    (progress,) = sound.train(corpus, checkpoint, minutes=0.02, adversarial=True)
    assert "discriminator" in progress.label
    stage.load(checkpoint)
    assert stage.step > 0
