"""What is shown of a text is what the network is given, for every checkpoint, without its tensors."""

import json

import numpy as np
import pytest
import torch

from engine.errors import WeightsMismatch, WeightsMissing
from engine.events import AudioChunk
from engine.options import parse
from engine.steps import finish
from engine.systems.chattts import SPEC
from engine.systems.chattts.front_end import TABLE, PreparedSegment, front_end
from engine.systems.chattts.options import Options
from engine.systems.chattts.speaking import Speaking
from engine.systems.chattts.system import load
from engine.systems.chattts.text import close, speaks
from tests.engine.reading import TEXTS, compare, texts


@pytest.fixture
def given(monkeypatch):
    """The texts that networks are asked to speak, as they come."""
    found = []

    def stream(_self, pieces, _conditioning, attempt=0):  # noqa: ARG001
        found.extend(piece.text for piece in pieces)
        yield AudioChunk(samples=np.zeros(1, np.float32), sample_rate=24_000, segment=pieces[0].segment)

    monkeypatch.setattr(Speaking, "stream", stream)
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("asked", "options"),
    [(texts(), {}), (TEXTS, {"normalize": False}), (TEXTS, {"split_text": False, "homophones": False})],
    ids=["ours", "as it stands", "whole"],
)
def test_what_is_shown_is_what_is_said(given, checkpoint, asked, options, language):
    front = front_end(checkpoint)
    more = {"first_as_prompt": False, **options}
    table = str.maketrans(dict(front.table)) if more.get("homophones", True) else {}
    for text, read, spoken in compare(SPEC, checkpoint, given, asked, language, **more):
        shown = [close(segment.text.translate(table)) for segment in read.segments if segment.text]
        assert [each for each in shown if speaks(each) or "[" in each] == spoken, text
        assert {segment.phonemes for segment in read.segments} == {None}


def test_the_front_end_of_a_checkpoint_is_that_of_the_loaded_system(checkpoint):
    loaded = finish(load(checkpoint, torch.device("cpu"), torch.float32)).front_end
    assert front_end(checkpoint) == loaded


def read(front, text, **options):
    chosen = parse(Options, options)
    return [each for each in front.read(front.segment(text, "zh", chosen), chosen) if isinstance(each, PreparedSegment)]


def test_homophones_are_spelled_but_not_shown(folder):
    (folder / TABLE).write_text(json.dumps({"饕": "涛", "Q": "K"}))
    (segment,) = read(front_end(folder), "饕是3Q。")
    assert "饕" in segment.text
    assert "Q" in segment.text
    assert "涛" in segment.spelled
    assert "K" in segment.spelled
    (without,) = read(front_end(folder), "饕是3Q。", homophones=False)
    assert without.spelled == without.text


def test_under_compat_what_the_reference_deletes_is_shown_as_left_out():
    (segment,) = read(front_end(None), "Room 42 is 好ä.", compat=True)
    assert "4" not in segment.spelled
    assert segment.left_out == ("4", "2", "ä")


def test_a_text_that_may_be_rewritten_is_remarked_on():
    assert front_end(None).caveats(Options()) == ()
    assert "with Refine the text" in front_end(None).caveats(Options(refine=True))[0]


def test_without_a_checkpoint_every_chinese_character_is_known(folder, tmp_path):
    assert front_end(None).characters is None
    assert front_end(folder).characters
    with pytest.raises(WeightsMissing):
        front_end(tmp_path / "none")
    next(folder.rglob("tokenizer.json")).write_text("{}")
    with pytest.raises(WeightsMismatch, match="no tokenizer"):
        front_end(folder)
