"""The public layout: which files make a checkpoint, where they lie, and what they say of voices."""

import pytest

from engine.errors import ConfigError, WeightsMissing
from engine.systems.chattts.files import NEEDED, SURPLUS, locate, pick, speakers
from engine.systems.chattts.voices import PRESETS


def test_a_checkpoint_is_picked_whole_or_not_at_all():
    assert set(pick([*NEEDED, *SURPLUS, "README.md", "asset/GPT.pt"])) == {*NEEDED, *SURPLUS}
    assert set(pick(NEEDED)) == set(NEEDED)
    assert pick(NEEDED[1:]) == ()
    assert pick([]) == ()


def test_the_asset_folder_itself_can_be_named(checkpoint):
    assert locate(checkpoint / "asset") == locate(checkpoint)


def test_what_is_not_there_is_named(folder, tmp_path):
    with pytest.raises(WeightsMissing, match="no folder"):
        locate(tmp_path / "nowhere")
    (folder / "asset/gpt/model.safetensors").unlink()
    with pytest.raises(WeightsMissing, match=r"lacks asset/gpt/model.safetensors; fetch"):
        locate(folder)
    (folder / "asset" / "GPT.pt").write_bytes(b"")
    with pytest.raises(WeightsMissing, match="old layout"):
        locate(folder)


def test_presets_are_the_published_widths_alone(folder):
    assert speakers(folder) == ()
    config = folder / "asset" / "gpt" / "config.json"
    config.write_text('{"hidden_size": 768}')
    assert speakers(folder) == tuple(PRESETS)
    config.write_text("[]")
    with pytest.raises(ConfigError, match="no mapping of names in JSON"):
        speakers(folder)
