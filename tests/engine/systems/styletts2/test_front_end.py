"""What is shown of a text is what the network is given, for every checkpoint, without its tensors."""

import numpy as np
import pytest

from engine.errors import ConfigError, TextError, WeightsMismatch, WeightsMissing
from engine.systems.styletts2 import SPEC
from engine.systems.styletts2.front_end import PUBLISHED_LENGTH, front_end
from engine.systems.styletts2.options import Options
from engine.systems.styletts2.speaking import Speaking
from engine.systems.styletts2.text import IDS, encode
from tests.engine.reading import TEXTS, compare, texts
from tests.engine.style_tts.closeness import LJ


@pytest.fixture
def given(monkeypatch):
    """The ids that networks are asked to speak, as they come."""
    found = []

    def speak(_self, ids, _rng):
        found.append(tuple(ids))
        yield
        return np.zeros(1, np.float32)

    def stream(_self, ids, _rng):
        found.append(tuple(ids))
        yield None
        yield np.zeros(1, np.float32)

    monkeypatch.setattr(Speaking, "speak", speak)
    monkeypatch.setattr(Speaking, "stream", stream)
    return found


@pytest.mark.parametrize(
    ("asked", "options"),
    [
        (texts(), {}),
        (TEXTS, {"cleaned": True}),
        (TEXTS, {"compat": True}),
        (TEXTS, {"compat": True, "style_text": "Oh!"}),
    ],
    ids=["ours", "cleaned", "compat", "style_text"],
)
def test_what_is_shown_is_what_is_said(given, checkpoint, asked, options):
    for text, read, spoken in compare(SPEC, checkpoint(LJ), given, asked, **options):
        shown = [encode(segment.phonemes) for segment in read.segments]
        # Where a segment is said in several pieces, there is a blank between them.
        assert without_blanks(each.ids for each in shown if each.speaks or options.get("compat")) == without_blanks(
            spoken
        ), text


def without_blanks(rows):
    return [number for ids in rows for number in ids[1:] if number != IDS[" "]]


def test_the_front_end_of_a_checkpoint_is_that_of_the_loaded_system(systems, checkpoint):
    for name in (LJ, "modules_hifigan"):
        apart, loaded = front_end(checkpoint(name)), systems(name).front_end
        assert (apart.multispeaker, apart.max_length) == (loaded.multispeaker, loaded.max_length)


def test_without_a_checkpoint_a_text_is_read_as_the_published_ones_do(tmp_path):
    assert (front_end(None).multispeaker, front_end(None).max_length) == (True, PUBLISHED_LENGTH)
    with pytest.raises(WeightsMissing):
        front_end(tmp_path)


def test_a_configuration_that_says_nothing_of_speakers_is_refused(configured):
    with pytest.raises(ConfigError, match="multispeaker"):
        front_end(configured(lambda raw: raw["model_params"].pop("multispeaker")))


def test_weights_without_pl_bert_are_refused(save):
    with pytest.raises(WeightsMismatch, match="PL-BERT"):
        front_end(save(lambda modules: {"net": {name: held for name, held in modules.items() if name != "bert"}}))


def test_a_style_text_that_says_nothing_is_refused_before_it_is_spoken():
    front = front_end(None)
    options = Options(style_text="--")
    with pytest.raises(TextError, match="style_text"):
        list(front.read(front.segment("Hello.", "en", options), options))
