"""What the teacher says: kept as it is said, gone on with where it was cut short."""

import numpy as np
import pytest
import torch

from engine.steps import finish
from engine.style_tts.config import SAMPLES_PER_FRAME
from engine.systems.kokoro.system import load
from recipes.bundled_voice import texts as written
from recipes.bundled_voice.corpus import HELD_OUT, SPEAKERS, Corpus, Teacher, read, say, texts
from tests.kokoro import real_checkpoint
from tests.recipes.bundled_voice.conftest import example


def test_sentences_are_distinct_with_single_words_and_none_that_is_measured_on():
    found = texts(600, 1)
    assert len(set(found)) == len(found) == 600
    assert sum(" " not in text for text in found) >= 60
    assert not set(found) & {*written.dev_sentences(), *written.test_sentences()}
    assert texts(600, 1) == found


def test_shards_hold_what_was_said_and_parts_are_held_out(said):
    corpus = Corpus(said(count=HELD_OUT + 10), said("silent", 20, sound=False))
    assert len(corpus.examples) == HELD_OUT + 30
    learned, held_out = corpus.parted()
    assert (len(learned), len(held_out)) == (HELD_OUT + 28, 2)
    assert all(len(each.samples) for part in corpus.parted(sound=True) for each in part)
    first, kept = corpus.examples[0], example(0)
    assert first.speaker == kept.speaker
    assert all(np.array_equal(getattr(first, name), getattr(kept, name)) for name in ("ids", "pitch", "samples"))
    assert first.index.tolist() == np.arange(len(kept.ids)).repeat(3).tolist()


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    return Teacher(finish(load(real_checkpoint(tmp_path_factory), torch.device("cpu"), torch.float32)))


def test_the_teacher_says_each_sentence_in_turns_and_once(teacher, tmp_path):
    sentences = ["Yes.", "No.", "Who?", "You."]
    for part in (0, 1):
        assert list(say(teacher, sentences, tmp_path, part=part, parts=2, sound=part == 0)) == [2 + part]
    paths = sorted(tmp_path.iterdir())
    assert [path.name for path in paths] == ["0-00000.npz", "1-00000.npz"]
    spoken, silent = map(read, paths)
    assert [each.speaker for each in spoken] == list(range(len(SPEAKERS)))
    for each in (*spoken, *silent):
        assert len(each.pitch) == len(each.energy) == 2 * each.length
        assert np.abs(each.expected - each.frames).max() <= 0.51
    assert all(len(each.samples) == each.length * SAMPLES_PER_FRAME for each in spoken)
    assert not any(len(each.samples) for each in silent)
    changed = paths[0].stat().st_mtime_ns
    list(say(teacher, sentences, tmp_path, part=0, parts=2, sound=True))
    assert paths[0].stat().st_mtime_ns == changed, "what is there is passed over"
