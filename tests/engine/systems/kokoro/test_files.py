"""Where voices and weights are found, and what the voices are called."""

import numpy as np
import pytest
import torch

from engine.errors import WeightsMissing
from engine.systems.kokoro.files import labels, locate, packs, pick, portraits, speakers


def test_the_files_are_found_from_the_folder_and_from_the_weights(tiny):
    assert locate(tiny) == locate(tiny / "kokoro-v1_0.pth")
    assert speakers(tiny) == ("af_tiny",)


def test_of_several_weights_one_is_to_be_named(tmp_path):
    for name in ("kokoro-v1_0.pth", "kokoro-v1_1-zh.pth"):
        (tmp_path / name).touch()
    with pytest.raises(WeightsMissing, match="2 checkpoints"):
        locate(tmp_path)
    (tmp_path / "kokoro-v1_1-zh.pth").rename(tmp_path / "other.pth")
    with pytest.raises(WeightsMissing, match=r"config\.json"):
        locate(tmp_path)


def test_voices_of_every_kind_are_found_and_the_best_comes_first(tmp_path):
    pack = np.zeros((510, 1, 256), np.float32)
    (tmp_path / "voices").mkdir()
    torch.save(torch.from_numpy(pack), tmp_path / "voices" / "bf_emma.pt")
    pack.tofile(tmp_path / "voices" / "am_adam.bin")
    (tmp_path / "voices" / "notes.txt").write_text("no voice")
    (tmp_path / "voices" / "not a name.pt").write_text("no voice")
    np.savez(tmp_path / "voices.npz", af_heart=pack, bf_emma=pack)
    (tmp_path / "voices.npz").rename(tmp_path / "voices-v1.0.bin")
    np.savez(tmp_path / "voices_ja.npz", jf_alpha=pack)
    (tmp_path / "broken.npz").write_bytes(b"PK no archive")
    found = packs(tmp_path)
    assert list(found) == ["af_heart", "am_adam", "bf_emma", "jf_alpha"]
    assert found["bf_emma"].path.suffix == ".pt"
    assert found["af_heart"].member == "af_heart.npy"


def test_voices_are_called_by_name_language_and_gender():
    found = labels(["af_heart", "bm_george", "zf_001", "jf_alpha", "martin", "xf_none", "af_"])
    assert found == {
        "af_heart": "Heart, American English, female",
        "bm_george": "George, British English, male",
        "zf_001": "Voice 1, Chinese, female",
        "jf_alpha": "Alpha, Japanese, female",
    }


def test_a_repository_has_a_configuration_weights_and_voices():
    published = ["README.md", "config.json", "kokoro-v1_0.pth", "voices/af_heart.pt", "samples/af_heart_0.wav"]
    assert pick(published) == ("config.json", "kokoro-v1_0.pth", "voices/af_heart.pt")
    assert pick(["config.json", "model.pth", "voices/de_martin.pt"]) != ()
    assert pick(["config.json", "model.pth"]) == ()
    assert pick(["kokoro-v1_0.pth"]) == ()
    assert pick(["sub/config.json", "sub/kokoro-v1_0.pth"]) == ()


def test_a_voice_is_described_by_its_name(tmp_path):
    for name in ("config.json", "kokoro-v1_0.pth", "voices/bf_emma.pt", "voices/zm_yunxi.pt", "voices/mine.pt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    told = {name: (each.language, str(each.character)) for name, each in portraits(tmp_path).items()}
    assert told == {"bf_emma": ("en", "a woman's voice"), "zm_yunxi": ("zh", "a man's voice")}
