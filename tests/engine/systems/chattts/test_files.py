"""The public layout: which files make a checkpoint, where they lie, and what they say of voices."""

import pytest

from engine.errors import ConfigError, VoiceError, WeightsMissing
from engine.systems.chattts.files import NEEDED, SURPLUS, check_name, locate, pick, speakers
from engine.systems.chattts.voices import PRESETS, parse, published_statistics


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


@pytest.mark.parametrize(
    "name",
    ["", "Default", " timbre1 ", "none", "seed:7", "seed：7", "seed:x", "seed:9223372036854775808", "nobody", "一二"],
)
def test_a_name_is_refused_without_a_model_as_a_model_refuses_it(name):
    def refusal(act):
        try:
            act()
        except VoiceError as error:
            return str(error)
        return None

    told = refusal(lambda: check_name(name, None))
    assert told == refusal(lambda: parse(name, 768, published_statistics()))
    assert (told is None) == (name.strip().lower() in ("", "default", "timbre1", "none", "seed:7", "seed：7"))


def test_a_string_must_be_of_the_checkpoints_width_and_seeds_are_the_published_ones_alone(folder, golden_json):
    string = golden_json("speaker_vectors")["speakers"][0]["string"]
    check_name(string, None)
    with pytest.raises(VoiceError, match="damaged"):
        check_name(string[:-5], None)
    with pytest.raises(VoiceError, match="of another model"):
        check_name(string, folder)
    with pytest.raises(VoiceError, match="a string instead of a seed"):
        check_name("seed:7", folder)
