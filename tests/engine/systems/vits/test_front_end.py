"""What is shown of a text is what the network is given, for every checkpoint, without its tensors."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import ConfigError, WeightsMismatch, WeightsMissing
from engine.systems.vits import SPEC
from engine.systems.vits.front_end import PUBLISHED, front_end
from engine.systems.vits.options import Options
from engine.systems.vits.speaking import Synthesizer
from tests.engine.reading import TEXTS, compare, texts


@pytest.fixture
def given(monkeypatch):
    """The ids that networks are asked to speak, as they come."""
    found = []

    def decode(_self, ids, *_rest):
        found.append(tuple(ids))
        yield np.zeros(1, np.float32)

    monkeypatch.setattr(Synthesizer, "decode", decode)
    return found


@pytest.mark.parametrize(
    ("asked", "options"),
    [(texts(), {}), (TEXTS, {"cleaned": True}), (TEXTS, {"compat": True})],
    ids=["ours", "cleaned", "compat"],
)
def test_what_is_shown_is_what_is_said(given, checkpoint, asked, options):
    front = front_end(checkpoint("mb_det"))
    for text, read, spoken in compare(SPEC, checkpoint("mb_det"), given, asked, **options):
        shown = [front.encoder.encode(segment.phonemes) for segment in read.segments]
        assert [each.ids for each in shown if each.spoken or (options.get("compat") and each.ids)] == spoken, text
        assert all(segment.text for segment in read.segments), text


@pytest.mark.parametrize("model", ["mb_det", "mb_sdp", "mb_sdp_ms"])
def test_the_front_end_of_a_checkpoint_is_that_of_the_loaded_system(system, checkpoint, model):
    apart, loaded = front_end(checkpoint(model)), system(model).front_end
    assert apart.encoder.config == loaded.encoder.config
    segments = apart.segment("Hello there, 5 of you.", "en", Options())
    assert list(apart.read(segments, Options())) == list(loaded.read(segments, Options()))


def test_symbols_that_no_configuration_lists_are_told_by_the_tensors(folder, load_system):
    target = folder()
    raw = json.loads((target / "config.json").read_text())
    raw.pop("symbols", None)
    (target / "config.json").write_text(json.dumps(raw))
    assert front_end(target).encoder.config == load_system(target).front_end.encoder.config

    state = torch.load(target / "G_1000.pth", weights_only=True)["model"]
    state["enc_p.emb.weight"] = torch.zeros(99, state["enc_p.emb.weight"].shape[1])
    torch.save({"model": state}, target / "G_1000.pth")
    with pytest.raises(ConfigError, match="has 99 symbols"):
        front_end(target)
    (target / "G_1000.pth").write_bytes(b"\x80\x02nothing")
    with pytest.raises(WeightsMismatch, match=r"G_1000\.pth"):
        front_end(target)


def test_without_a_checkpoint_the_published_symbols_and_cleaners_are_taken(tmp_path: Path):
    assert front_end(None).encoder.config is PUBLISHED
    with pytest.raises(WeightsMissing):
        front_end(tmp_path)
