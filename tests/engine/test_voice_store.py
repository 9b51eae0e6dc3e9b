import numpy as np
import pytest
from safetensors.numpy import save_file

from engine import voice_store
from engine.errors import SaveError, VoiceError
from engine.request import Voice

VOICE = Voice(
    system="fake",
    name="Åsa 中",
    tensors={"style": np.arange(6, dtype=np.float32).reshape(2, 3).T, "codes": np.array([1, 2], np.int64)},
    meta={"transcript": "hello\nthere"},
)


def test_a_voice_comes_back_as_it_was(tmp_path):
    voice_store.save(VOICE, tmp_path / "a.safetensors")
    found = voice_store.load(tmp_path / "a.safetensors")
    assert (found.system, found.name, found.meta) == (VOICE.system, VOICE.name, VOICE.meta)
    assert found.tensors.keys() == VOICE.tensors.keys()
    for name, tensor in VOICE.tensors.items():
        assert found.tensors[name].dtype == tensor.dtype
        np.testing.assert_array_equal(found.tensors[name], tensor)
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


@pytest.mark.parametrize("data", [b"", b"x", b"\xff" * 100, b"{}", (8).to_bytes(8, "little") + b"{}      "])
def test_what_is_no_voice_is_an_error_of_one_line(tmp_path, data):
    (tmp_path / "a.safetensors").write_bytes(data)
    with pytest.raises(VoiceError, match=r"a\.safetensors") as caught:
        voice_store.load(tmp_path / "a.safetensors")
    assert "\n" not in str(caught.value)


def test_other_safetensors_are_not_taken_for_a_voice(tmp_path):
    save_file({"weight": np.zeros(3)}, tmp_path / "model.safetensors")
    with pytest.raises(VoiceError, match="not a voice"):
        voice_store.load(tmp_path / "model.safetensors")


def test_values_that_are_not_finite_are_refused(tmp_path):
    voice_store.save(Voice(system="fake", name="x", tensors={"t": np.array([np.nan])}), tmp_path / "a.safetensors")
    with pytest.raises(VoiceError, match="not finite"):
        voice_store.load(tmp_path / "a.safetensors")


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    with (tmp_path / "a.safetensors").open("wb") as file:
        file.truncate(voice_store.MAX_BYTES + 1)
    with pytest.raises(VoiceError, match="at most 64 MB"):
        voice_store.load(tmp_path / "a.safetensors")


def test_a_missing_file_and_a_wrong_ending_are_named(tmp_path):
    with pytest.raises(VoiceError, match="no voice file"):
        voice_store.load(tmp_path / "none.safetensors")
    with pytest.raises(SaveError, match="safetensors"):
        voice_store.save(VOICE, tmp_path / "a.npz")
